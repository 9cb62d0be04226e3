package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.reverseetl.InitialLoader;
import io.reverseetl.LoadPlan;
import io.reverseetl.Pipeline;
import io.reverseetl.UnitResult;
import io.reverseetl.WorkUnit;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.RowJson;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every readable table of the corpus, loaded by units in random order and twice, with a source and
 * a pipeline of its own for each: the same rows as one load gives, which Spark judges elsewhere.
 */
class PlanOracleTest {
  @TempDir private Path folder;

  /** A document for each different row. */
  private static final DocumentMapper WHOLE_ROW =
      (row, documents) -> {
        String json = new RowJson().toString(row);
        String id =
            java.util.UUID.nameUUIDFromBytes(json.getBytes(StandardCharsets.UTF_8)).toString();
        documents.accept(
            Document.ofJson(
                DocumentKey.of(id, "p"),
                ("{\"id\":\"" + id + "\",\"pk\":\"p\",\"row\":" + json + "}")
                    .getBytes(StandardCharsets.UTF_8)));
      };

  @TestFactory
  List<DynamicTest> unitsLeaveWhatOneLoadLeaves() {
    List<DynamicTest> tests = new ArrayList<>();
    for (String name : DeltaTables.cases()) {
      JsonNode caseJson = DeltaTables.caseJson(name);
      if (!caseJson.hasNonNull("tableError") && !caseJson.get("keys").isEmpty()) {
        Path table = DeltaTables.copy(name, folder);
        tests.add(DynamicTest.dynamicTest(name, () -> compare(table, 1 << 10, name.hashCode())));
      }
    }
    assertThat(tests).hasSizeGreaterThan(5);
    return tests;
  }

  @Test
  void filesOfManyRowGroupsAreReadPieceByPiece() throws Exception {
    Path table = folder.resolve("large");
    LargeTable.write(table, 2, "SNAPPY");

    Set<String> files = new HashSet<>();
    List<WorkUnit> units = compare(table, 700_000, 3);

    units.forEach(unit -> files.addAll(unit.files()));
    assertThat(files).hasSize(2);
    assertThat(units).hasSizeGreaterThan(5);
  }

  private static List<WorkUnit> compare(Path table, long unitBytes, long seed) throws Exception {
    InMemoryDocumentSink whole = InMemoryDocumentSink.of("/pk");
    InMemoryDocumentSink pieces = InMemoryDocumentSink.of("/pk");
    InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();
    LoadPlan plan;
    try (DeltaTableSource source = DeltaTableSource.open(table.toString())) {
      InitialLoader.of(pipeline(source, whole, InMemoryCheckpointStore.create())).load();
      plan = LoadPlan.of(pipeline(source, pieces, checkpoints)).unitBytes(unitBytes).begin();
    }
    List<String> units = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      plan.units().forEach(unit -> units.add(unit.toJson()));
    }
    Collections.shuffle(units, new Random(seed));

    Map<Integer, Long> rows = new TreeMap<>();
    List<UnitResult> results = new ArrayList<>();
    for (String unit : units) {
      try (DeltaTableSource source = DeltaTableSource.open(table.toString())) {
        UnitResult result = WorkUnit.ofJson(unit).run(pipeline(source, pieces, checkpoints));
        results.add(result);
        assertThat(rows.put(result.index(), result.rowsRead())).isIn(null, result.rowsRead());
      }
    }
    try (DeltaTableSource source = DeltaTableSource.open(table.toString())) {
      plan.completeNow(pipeline(source, pieces, checkpoints), results);
      assertThat(checkpoints.checkpoint("planned").orElseThrow().version())
          .isEqualTo(source.latestVersion().version());
    }

    assertThat(pieces.documents()).isEqualTo(whole.documents());
    assertThat(rows.values().stream().mapToLong(Long::longValue).sum())
        .as("each row in one unit")
        .isEqualTo(whole.operations().size());
    assertThat(checkpoints.checkpoint("planned").orElseThrow().load()).isEmpty();
    return plan.units();
  }

  private static Pipeline pipeline(
      DeltaTableSource source, InMemoryDocumentSink sink, InMemoryCheckpointStore checkpoints) {
    return Pipeline.builder("planned")
        .source(source)
        .mapper(WHOLE_ROW)
        .sink(sink)
        .checkpoints(checkpoints)
        .readThreads(1)
        .build();
  }
}
