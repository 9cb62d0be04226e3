package io.reverseetl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

class ChangesCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TIMESTAMP = ",\"_commit_timestamp\":\"";

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicNode> printsTheChangesThatSparkReads() {
    return DeltaTables.cases().stream()
        .map(
            name -> {
              JsonNode expected = DeltaTables.caseJson(name);
              Path table = DeltaTables.copy(name, folder);
              List<DynamicTest> tests = new ArrayList<>();
              for (JsonNode range : expected.path("changes")) {
                tests.add(
                    DynamicTest.dynamicTest(
                        range.get("from") + " to " + range.get("to"),
                        () -> check(name, table, expected, range)));
              }
              return DynamicContainer.dynamicContainer(name, tests);
            });
  }

  private void check(String name, Path table, JsonNode expected, JsonNode range)
      throws IOException {
    long from = range.get("from").asLong();
    long to = range.get("to").asLong();
    Path out = folder.resolve(name + "-" + from + "-" + to + ".jsonl");
    CommandRun run =
        CommandRun.of(
            "changes",
            "--table",
            table.toString(),
            "--from",
            Long.toString(from),
            "--to",
            Long.toString(to),
            "--out",
            out.toString());
    if (range.has("error")) {
      assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
      assertThat(Files.exists(out) ? Files.readString(out) : "").isEmpty();
      return;
    }
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    JsonNode schema = range.hasNonNull("schema") ? range.get("schema") : expected.get("schema");
    List<String> wanted =
        DeltaTables.lines(name, range.get("file").asText()).stream()
            .filter(line -> !range.path("slice").asBoolean() || isWithin(line, from, to))
            .toList();
    boolean exactTimestamps = wanted.stream().allMatch(line -> line.contains(TIMESTAMP));
    assertThat(comparable(lines(out), schema, exactTimestamps))
        .isEqualTo(comparable(wanted, schema, exactTimestamps));
  }

  private static boolean isWithin(String line, long from, long to) {
    long version = json(line).get("_commit_version").asLong();
    return version >= from && version <= to;
  }

  private static JsonNode json(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new AssertionError("not JSON: " + line, e);
    }
  }

  /** Lines as rows of a struct that holds the change's columns and the row. */
  private static List<String> comparable(
      List<String> lines, JsonNode schema, boolean exactTimestamps) {
    ObjectNode change = JSON.createObjectNode().put("type", "struct");
    ArrayNode fields = change.putArray("fields");
    field(fields, "_change_type").put("type", "string");
    field(fields, "_commit_version").put("type", "long");
    if (exactTimestamps) {
      field(fields, "_commit_timestamp").put("type", "timestamp");
    }
    field(fields, "row").set("type", schema);
    return CanonicalLines.normalise(
        lines.stream().map(line -> exactTimestamps ? line : withoutTimestamp(line)).toList(),
        change);
  }

  private static ObjectNode field(ArrayNode fields, String name) {
    return fields.addObject().put("name", name).put("nullable", true);
  }

  private static String withoutTimestamp(String line) {
    int start = line.indexOf(TIMESTAMP);
    if (start < 0 || start > line.indexOf("\"row\":")) {
      return line;
    }
    int end = line.indexOf('"', start + TIMESTAMP.length());
    return line.substring(0, start) + line.substring(end + 1);
  }

  private static List<String> lines(Path file) throws IOException {
    return Stream.of(Files.readString(file).split("\n", -1))
        .filter(line -> !line.isEmpty())
        .toList();
  }

  @Test
  void takesARangeThatEndsBeforeItBeginsForBadUsage() {
    CommandRun run = CommandRun.of("changes", "--table", "t", "--from", "3", "--to", "2");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--to");
  }

  @Test
  void takesAnUnknownSchemaModeForBadUsage() {
    CommandRun run =
        CommandRun.of("changes", "--table", "t", "--from", "3", "--schema-mode", "loose");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("per-commit");
  }

  @Test
  void comparesFilesWhereThereIsNoFeed() throws IOException {
    Path table = DeltaTables.copy("20-cdf-off", folder);
    Path out = folder.resolve("diff.jsonl");

    CommandRun feed = CommandRun.of("changes", "--table", table.toString(), "--from", "0");
    CommandRun diff =
        CommandRun.of(
            "changes",
            "--table",
            table.toString(),
            "--from",
            "0",
            "--method",
            "diff",
            "--keys",
            "id",
            "--out",
            out.toString());

    assertThat(feed.exitCode()).isEqualTo(3);
    assertThat(diff.err()).isEmpty();
    assertThat(diff.exitCode()).isZero();
    assertThat(lines(out)).anyMatch(line -> line.contains("update_postimage"));
  }
}
