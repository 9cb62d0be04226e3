package io.reverseetl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.delta.DeltaTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private String table;

  @BeforeEach
  void copyATable() {
    table = DeltaTables.copy("02-dml-cdf", folder).toString();
  }

  @Test
  void loadsIntoTheEmbeddedEmulatorAndReports() throws IOException {
    Path report = folder.resolve("report.json");

    CommandRun run =
        CommandRun.of(
            "load",
            "--table",
            table,
            "--id",
            "id",
            "--partition-key",
            "name",
            "--progress",
            "none",
            "--report",
            report.toString());

    assertThat(run.err()).contains("Loaded version 7", "132 documents written");
    assertThat(run.exitCode()).isZero();
    JsonNode json = JSON.readTree(report.toFile());
    assertThat(json.get("outcome").asText()).isEqualTo("COMPLETED");
    assertThat(json.get("version").asLong()).isEqualTo(7);
    assertThat(json.get("rowsRead").asLong()).isEqualTo(132);
    assertThat(json.get("written").asLong()).isEqualTo(132);
    assertThat(json.get("requestUnits").asDouble()).isPositive();
    assertThat(json.get("firstDocumentMillis").asLong())
        .isLessThanOrEqualTo(json.get("elapsedMillis").asLong());
  }

  @Test
  void loadsOnlyTheRowsThatMeetThePredicate() {
    CommandRun run =
        CommandRun.of(
            "load",
            "--table",
            table,
            "--id",
            "id",
            "--partition-key",
            "name",
            "--version",
            "1",
            "--where",
            "id < 10",
            "--progress",
            "none");

    assertThat(run.err()).contains("10 documents written");
  }

  @Test
  void setsBadRowsAsideAndSaysSo() throws IOException {
    Path letters = folder.resolve("letters.jsonl");

    CommandRun run =
        CommandRun.of(
            "load",
            "--table",
            table,
            "--id",
            "city",
            "--exclude",
            "id",
            "--partition-key",
            "name",
            "--dead-letters",
            "file:" + letters,
            "--progress",
            "none");

    assertThat(run.exitCode()).isEqualTo(5);
    assertThat(Files.readAllLines(letters)).isNotEmpty();
    assertThat(run.err()).doesNotContain(" 0 dead letters");
  }

  @Test
  void failsAtABadRowWithoutAPlaceForIt() {
    CommandRun run =
        CommandRun.of(
            "load",
            "--table",
            table,
            "--id",
            "city",
            "--exclude",
            "id",
            "--partition-key",
            "name",
            "--progress",
            "none");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("city");
  }

  @Test
  void namesAnUnknownColumn() {
    CommandRun run =
        CommandRun.of("load", "--table", table, "--id", "idd", "--partition-key", "name");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("idd", "id");
  }

  @ParameterizedTest
  @CsvSource({
    "--deadline,soon",
    "--deadline,0s",
    "--ru-per-second,-1",
    "--dead-letters,here",
    "--checkpoint,here",
    "--endpoint,http://example.com/",
    "--endpoint,ftp://127.0.0.1/",
    "--version,-1",
    "--pipeline,a/b",
    "--read-threads,0",
  })
  void takesWrongValuesForBadUsage(String option, String value) {
    CommandRun run =
        CommandRun.of(
            "load",
            "--table",
            table,
            "--id",
            "id",
            "--partition-key",
            "name",
            "--database",
            "d",
            "--container",
            "c",
            option.equals("--checkpoint") ? "--pipeline" : "--checkpoint",
            option.equals("--checkpoint") ? "p" : "file:" + folder.resolve("checkpoints"),
            option,
            value);

    assertThat(run.err()).contains(option);
    assertThat(run.exitCode()).isEqualTo(2);
  }

  @Test
  void needsIdAndPartitionKey() {
    CommandRun run = CommandRun.of("load", "--table", table);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--id", "--partition-key");
  }

  @Test
  void needsAPlaceForDocumentsAndProgressWithAnEndpoint() {
    CommandRun run =
        CommandRun.of(
            "load",
            "--table",
            table,
            "--id",
            "id",
            "--partition-key",
            "name",
            "--endpoint",
            "http://127.0.0.1:1/");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--database is needed");
  }

  @Test
  void previewsDocuments() throws IOException {
    Path out = folder.resolve("preview.jsonl");

    CommandRun run =
        CommandRun.of(
            "preview",
            "--table",
            table,
            "--id",
            "id",
            "--partition-key",
            "city",
            "--rename",
            "city=/address/city",
            "--exclude",
            "updated",
            "--rows",
            "3",
            "--stamp",
            "--out",
            out.toString());

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    JsonNode first = JSON.readTree(Files.readAllLines(out).get(0));
    assertThat(Files.readAllLines(out)).hasSize(3);
    assertThat(first.get("id").isTextual()).isTrue();
    assertThat(first.has("address")).isTrue();
    assertThat(first.has("updated")).isFalse();
    assertThat(first.get("_sourceVersion").asLong()).isEqualTo(7);
  }

  @Test
  void estimatesRowsAndBytes() {
    CommandRun run =
        CommandRun.of("estimate", "--table", table, "--id", "id", "--partition-key", "name");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .containsPattern("rows +132")
        .containsPattern("documents +132")
        .containsPattern("RU per document +\\d+\\.\\d+, by a model")
        .containsPattern("physical partitions +1")
        .containsPattern("duration +\\d+ min")
        .containsPattern("partition key +\\d+ values in the sample")
        .contains("Create the container with 400 request units per second");
  }

  @Test
  void calibratesNothingWithoutAnAccount() {
    CommandRun run =
        CommandRun.of(
            "estimate", "--table", table, "--id", "id", "--partition-key", "name", "--calibrate");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--endpoint");
  }

  @Test
  void saysWhereAPipelineStands() {
    CommandRun run =
        CommandRun.of("status", "--table", table, "--id", "id", "--partition-key", "name");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("latest version  7", "none: load first");
  }

  @Test
  void replayNeedsAPlaceOfDeadLetters() {
    CommandRun run =
        CommandRun.of("replay", "--table", table, "--id", "id", "--partition-key", "name");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--dead-letters");
  }

  @Test
  void setsBadRowsAsideInAContainer() {
    CommandRun run =
        CommandRun.of(
            "load",
            "--table",
            table,
            "--id",
            "city",
            "--exclude",
            "id",
            "--partition-key",
            "name",
            "--dead-letters",
            "cosmos:letters",
            "--progress",
            "none");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(5);
  }

  @Test
  void explainsItself() {
    assertThat(CommandRun.of("--help").exitCode()).isZero();
    assertThat(CommandRun.of("load", "--help").out()).contains("--partition-key");
    assertThat(CommandRun.of().exitCode()).isEqualTo(2);
    assertThat(CommandRun.of("fly").exitCode()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"upsert", "create", "upsert-if-newer", "patch"})
  void loadsWithEveryStrategy(String strategy) {
    CommandRun run =
        CommandRun.of(
            "load",
            "--table",
            table,
            "--id",
            "id",
            "--partition-key",
            "name",
            "--strategy",
            strategy,
            "--progress",
            "none");

    assertThat(run.err()).contains("132 documents written");
    assertThat(run.exitCode()).isZero();
  }

  @Test
  void refusesOwnedFieldsThatItsStrategyDoesNotHave() {
    CommandRun run =
        CommandRun.of(
            "load",
            "--table",
            table,
            "--id",
            "id",
            "--partition-key",
            "name",
            "--owned-fields",
            "city");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--owned-fields");
  }
}
