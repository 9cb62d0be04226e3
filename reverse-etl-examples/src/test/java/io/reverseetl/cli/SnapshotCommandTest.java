package io.reverseetl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.reverseetl.delta.CanonicalLines;
import io.reverseetl.delta.DeltaTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class SnapshotCommandTest {
  @TempDir Path folder;

  @TestFactory
  Stream<DynamicNode> printsEveryVersionAsSparkReadsIt() {
    return DeltaTables.cases().stream()
        .map(
            name -> {
              JsonNode expected = DeltaTables.caseJson(name);
              Path table = DeltaTables.copy(name, folder);
              List<DynamicTest> tests = new ArrayList<>();
              for (JsonNode snapshot : expected.path("snapshots")) {
                tests.add(
                    DynamicTest.dynamicTest(
                        "version " + snapshot.get("version"),
                        () -> check(name, table, expected, snapshot)));
              }
              return DynamicContainer.dynamicContainer(name, tests);
            });
  }

  private void check(String name, Path table, JsonNode expected, JsonNode snapshot)
      throws IOException {
    String version = snapshot.get("version").asText();
    Path out = folder.resolve(name + "-v" + version + ".jsonl");
    CommandRun run =
        CommandRun.of(
            "snapshot", "--table", table.toString(), "--version", version, "--out", out.toString());
    if (snapshot.has("error")) {
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err()).startsWith("reverse-etl: ");
      return;
    }
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    JsonNode schema =
        snapshot.hasNonNull("schema") ? snapshot.get("schema") : expected.get("schema");
    assertThat(CanonicalLines.normalise(lines(out), schema))
        .isEqualTo(
            CanonicalLines.normalise(
                DeltaTables.lines(name, snapshot.get("file").asText()), schema));
  }

  private static List<String> lines(Path file) throws IOException {
    return Stream.of(Files.readString(file).split("\n", -1))
        .filter(line -> !line.isEmpty())
        .toList();
  }

  @Test
  void refusesATableWithAnUnknownFeature() {
    Path table = DeltaTables.copy("27-unknown-reader-feature", folder);

    CommandRun run = CommandRun.of("snapshot", "--table", table.toString());

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("27-unknown-reader-feature");
  }

  @Test
  void printsChosenColumnsOfChosenRows() throws IOException {
    Path table = DeltaTables.copy("02-dml-cdf", folder);
    Path out = folder.resolve("some.jsonl");

    CommandRun run =
        CommandRun.of(
            "snapshot",
            "--table",
            table.toString(),
            "--version",
            "1",
            "--columns",
            "city,id",
            "--where",
            "id BETWEEN 0 AND 1 AND city LIKE 'k%'",
            "--out",
            out.toString());

    assertThat(run.exitCode()).isZero();
    assertThat(lines(out)).containsExactly("{\"city\":\"kyiv\",\"id\":0}");
  }

  @Test
  void takesAPredicateItCannotReadForBadUsage() {
    CommandRun run = CommandRun.of("snapshot", "--table", "t", "--where", "id >");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--where");
  }

  @Test
  void takesATimestampItCannotReadForBadUsage() {
    CommandRun run = CommandRun.of("snapshot", "--table", "t", "--timestamp", "yesterday");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--timestamp");
  }

  @Test
  void takesVersionAndTimestampTogetherForBadUsage() {
    CommandRun run =
        CommandRun.of(
            "snapshot", "--table", "t", "--version", "1", "--timestamp", "2026-01-01T00:00:00Z");

    assertThat(run.exitCode()).isEqualTo(2);
  }

  @Test
  void saysWhichTableIsMissing() {
    CommandRun run = CommandRun.of("snapshot", "--table", folder.resolve("nowhere").toString());

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("nowhere");
  }

  @Test
  void readsOptionsFromAFile() throws IOException {
    Path table = DeltaTables.copy("02-dml-cdf", folder);
    Path out = folder.resolve("all.jsonl");
    Path options = folder.resolve("options");
    Files.writeString(options, "--table\n" + table + "\n--version 1\n--out " + out + "\n");

    CommandRun run = CommandRun.of("snapshot", "@" + options);

    assertThat(run.exitCode()).isZero();
    assertThat(lines(out)).hasSize(100);
  }
}
