package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.reverseetl.delta.ChangeLines.Read;
import io.reverseetl.table.ChangeMethod;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.ChangeType;
import io.reverseetl.table.SchemaMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Comparing files leads where the feed leads, for every table, and where there is no feed too. */
class DeltaDiffOracleTest {
  @TempDir Path folder;
  @TempDir Path spill;

  @TestFactory
  Stream<DynamicNode> leadsFromTheFirstSnapshotToTheLast() {
    return DeltaTables.cases().stream()
        .filter(name -> !DeltaTables.caseJson(name).hasNonNull("tableError"))
        .map(this::caseNode);
  }

  private DynamicNode caseNode(String name) {
    JsonNode caseJson = DeltaTables.caseJson(name);
    Path table = DeltaTables.copy(name, folder);
    long from = firstReadable(name, caseJson);
    long to = caseJson.get("latestVersion").asLong();
    List<String> keys = new ArrayList<>();
    caseJson.get("keys").forEach(key -> keys.add(key.asText()));
    List<DynamicNode> tests = new ArrayList<>();
    for (long memory : new long[] {64 << 20, 2_000}) {
      for (boolean keyed : new boolean[] {false, true}) {
        tests.add(
            DynamicTest.dynamicTest(
                (keyed ? "with key, " : "without key, ") + memory + " bytes of memory",
                () -> checkReplay(table, from, to, keyed ? keys : List.of(), memory)));
      }
    }
    tests.add(
        DynamicTest.dynamicTest(
            "moves as many rows as the feed", () -> checkSameMoves(name, table, caseJson, keys)));
    return DynamicContainer.dynamicContainer(name, tests);
  }

  /** The version after which all files are there. */
  private static long firstReadable(String name, JsonNode caseJson) {
    if (name.equals("25-vacuumed")) {
      return 4;
    }
    long earliest = caseJson.get("earliestLogVersion").asLong();
    return earliest == 0 ? 0 : earliest + 1;
  }

  private void checkReplay(Path table, long from, long to, List<String> keys, long memory)
      throws IOException {
    try (DeltaTableSource source =
        DeltaTableSource.builder(table.toString())
            .diffMemoryBytes(memory)
            .diffFolder(spill)
            .build()) {
      Replay replay = Replay.of(source, from - 1);
      replay.apply(
          source,
          ChangeQuery.from(from)
              .method(ChangeMethod.DIFF)
              .schemaMode(SchemaMode.PER_COMMIT)
              .keys(keys));
      replay.checkIsAt(to);
    }
    try (Stream<Path> files = Files.list(spill)) {
      assertThat(files).as("temporary files left").isEmpty();
    }
  }

  /**
   * Where Spark wrote change data files, these tell exactly which rows changed; a comparison finds
   * the same ones, except that a row deleted and inserted as it was is no change to it.
   */
  private static void checkSameMoves(
      String name, Path table, JsonNode caseJson, List<String> keys) {
    for (JsonNode range : caseJson.get("changes")) {
      if (!range.has("file") || range.path("slice").asBoolean() || range.has("schema")) {
        continue;
      }
      ChangeQuery query = ChangeQuery.from(range.get("from").asLong()).to(range.get("to").asLong());
      try (DeltaTableSource source = DeltaTableSource.open(table.toString())) {
        Map<String, Long> feed = moves(ChangeLines.read(source, query));
        Map<String, Long> diff =
            moves(ChangeLines.read(source, query.method(ChangeMethod.DIFF).keys(keys)));
        assertThat(diff).isEqualTo(feed);
      }
      return;
    }
  }

  /** How often each row comes more than it goes, by version. */
  private static Map<String, Long> moves(List<Read> changes) {
    Map<String, Long> moves = new HashMap<>();
    for (Read change : changes) {
      long step = change.type().isLive() ? 1 : -1;
      moves.merge(
          change.version() + " " + CanonicalLines.parse(change.row()),
          step,
          (a, b) -> a + b == 0 ? null : a + b);
    }
    assertThat(ChangeType.values()).hasSize(4);
    return moves;
  }
}
