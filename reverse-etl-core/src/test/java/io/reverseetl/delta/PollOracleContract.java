package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.CdcPoller;
import io.reverseetl.InitialLoader;
import io.reverseetl.Pipeline;
import io.reverseetl.PollReport;
import io.reverseetl.checkpoint.CheckpointStore;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentSink;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.ChangeMethod;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowJson;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every table with a key, loaded at its first version and polled to its last one in ranges of
 * random size, leaves exactly the rows that Spark finds by key. A test extends it for a target and
 * a store of checkpoints.
 */
public abstract class PollOracleContract {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  @TempDir protected Path folder;

  /** An empty target with the partition key {@code /pk}, and an empty store. */
  public interface Target extends AutoCloseable {

    /** Where documents go. */
    DocumentSink sink();

    /** Where progress is kept. */
    CheckpointStore checkpoints();

    /** The JSON of every document that is there. */
    List<String> documents();

    /** Removes every document, as an operator does before a load from nothing. */
    void clear();

    @Override
    void close();
  }

  /** Opens a target of its own for one run. */
  protected abstract Target open();

  /** How often each table is polled by each method, in ranges of different sizes. */
  protected abstract int seeds();

  @TestFactory
  protected Stream<DynamicTest> pollingLeavesWhatSparkFindsByKey() {
    List<DynamicTest> tests = new ArrayList<>();
    for (String name : DeltaTables.cases()) {
      JsonNode caseJson = DeltaTables.caseJson(name);
      if (caseJson.get("keys").isEmpty() || caseJson.hasNonNull("tableError")) {
        continue;
      }
      Path table = DeltaTables.copy(name, folder);
      for (ChangeMethod method : ChangeMethod.values()) {
        for (int seed = 0; seed < seeds(); seed++) {
          long chosen = seed;
          tests.add(
              DynamicTest.dynamicTest(
                  name + " " + method + " seed " + seed,
                  () -> new Run(name, caseJson, table, method, new Random(chosen)).check()));
        }
      }
    }
    return tests.stream();
  }

  private final class Run {
    private final String name;
    private final JsonNode caseJson;
    private final Path table;
    private final ChangeMethod method;
    private final Random random;
    private final Target target = open();

    Run(String name, JsonNode caseJson, Path table, ChangeMethod method, Random random) {
      this.name = name;
      this.caseJson = caseJson;
      this.table = table;
      this.method = method;
      this.random = random;
    }

    void check() {
      long latest = caseJson.get("latestVersion").asLong();
      try (target;
          DeltaTableSource source = DeltaTableSource.open(table.toString())) {
        Pipeline pipeline =
            Pipeline.builder("case")
                .source(source)
                .mapper(new KeyedMapper(caseJson.get("keys")))
                .sink(target.sink())
                .checkpoints(target.checkpoints())
                .readThreads(1)
                .build();
        load(pipeline, firstReadable(-1));
        while (version() < latest) {
          poll(pipeline);
        }
        assertThat(documents()).isEqualTo(expected());
      }
    }

    private long version() {
      return target.checkpoints().read("case").orElseThrow().checkpoint().version();
    }

    private void poll(Pipeline pipeline) {
      CdcPoller.Builder builder =
          CdcPoller.builder(pipeline)
              .changes(method)
              .spillFolder(folder)
              .maxRangeCommits(1 + random.nextInt(6))
              .maxRangeRows(1 + random.nextInt(200));
      if (random.nextBoolean()) {
        builder.memoryBudgetBytes(1 + random.nextInt(5_000));
      }
      try (CdcPoller poller = builder.build()) {
        PollReport report = poller.pollUntil(version() + 1 + random.nextInt(8));
        if (report.outcome() == PollReport.Outcome.SCHEMA_CHANGED) {
          reload(pipeline);
        }
      } catch (ChangesUnavailableException e) {
        reload(pipeline);
      }
    }

    /** What an operator does when polling cannot go on. */
    private void reload(Pipeline pipeline) {
      long next = firstReadable(version());
      target.checkpoints().remove(target.checkpoints().read("case").orElseThrow());
      target.clear();
      load(pipeline, next);
    }

    private void load(Pipeline pipeline, long version) {
      InitialLoader.of(pipeline).atVersion(version).load();
    }

    private long firstReadable(long after) {
      for (JsonNode snapshot : caseJson.get("snapshots")) {
        if (snapshot.get("version").asLong() > after && !snapshot.has("error")) {
          return snapshot.get("version").asLong();
        }
      }
      throw new AssertionError("no version after " + after);
    }

    private Map<String, Object> documents() {
      Map<String, Object> rows = new TreeMap<>();
      for (String document : target.documents()) {
        try {
          JsonNode row = JSON.readTree(document).get("row");
          rows.put(keyText(row), normal(row));
        } catch (java.io.IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
      }
      return rows;
    }

    private Map<String, Object> expected() {
      Map<String, Object> rows = new TreeMap<>();
      String text = String.join("\n", DeltaTables.lines(name, "expected/latest-by-key.json"));
      try {
        for (JsonNode entry : JSON.readTree(text)) {
          rows.put(keyText(entry.get("row")), normal(entry.get("row")));
        }
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      return rows;
    }

    private String keyText(JsonNode row) {
      StringBuilder key = new StringBuilder();
      caseJson.get("keys").forEach(column -> key.append(row.get(column.asText())).append('|'));
      return key.toString();
    }
  }

  /** New columns are absent in documents that no row changed, and numbers may have become wider. */
  private static Object normal(JsonNode value) {
    if (value.isObject()) {
      Map<String, Object> fields = new TreeMap<>();
      value
          .fields()
          .forEachRemaining(
              field -> {
                if (!field.getValue().isNull()) {
                  fields.put(field.getKey(), normal(field.getValue()));
                }
              });
      return fields;
    }
    if (value.isArray()) {
      List<Object> elements = new ArrayList<>();
      value.forEach(element -> elements.add(normal(element)));
      return elements;
    }
    if (value.isNumber()) {
      return new BigDecimal(value.asText()).stripTrailingZeros().toPlainString();
    }
    return value.asText();
  }

  /** Id of the key columns, one partition, and the canonical row as the body. */
  private record KeyedMapper(JsonNode keys) implements DocumentMapper {
    @Override
    public void map(Row row, Consumer<Document> documents) {
      String json = new RowJson().toString(row);
      StringBuilder id = new StringBuilder();
      try {
        JsonNode node = JSON.readTree(json);
        keys.forEach(
            column ->
                id.append(
                    Document.of(
                                DocumentKey.of("x", "y"),
                                Map.of("v", "" + node.get(column.asText())))
                            .text()
                            .hashCode()
                        + "-"
                        + node.get(column.asText()).toString().replaceAll("[/\\\\?#]", "_")
                        + "-"));
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      documents.accept(
          Document.ofJson(
              DocumentKey.of(id.toString(), "p"),
              ("{\"id\":" + quoted(id.toString()) + ",\"pk\":\"p\",\"row\":" + json + "}")
                  .getBytes(StandardCharsets.UTF_8)));
    }

    private static String quoted(String text) {
      return com.fasterxml.jackson.databind.node.TextNode.valueOf(text).toString();
    }
  }
}
