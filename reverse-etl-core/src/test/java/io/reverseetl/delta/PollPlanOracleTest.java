package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.CdcPoller;
import io.reverseetl.ChangeUnitResult;
import io.reverseetl.InitialLoader;
import io.reverseetl.Pipeline;
import io.reverseetl.PollEngine;
import io.reverseetl.PollPlan;
import io.reverseetl.PollPlanner;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.ChangeMethod;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowJson;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every table of the corpus that has a key, taken in by plans that an unreliable engine runs: the
 * same documents and the same checkpoint after each range as a poll to its end leaves, which Spark
 * judges elsewhere.
 */
class PollPlanOracleTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private final AtomicInteger divided = new AtomicInteger();

  @TestFactory
  List<DynamicTest> plansLeaveWhatPollsLeave() {
    List<DynamicTest> tests = new ArrayList<>();
    for (String name : DeltaTables.cases()) {
      JsonNode caseJson = DeltaTables.caseJson(name);
      if (caseJson.get("keys").isEmpty() || caseJson.hasNonNull("tableError")) {
        continue;
      }
      Path table = DeltaTables.copy(name, folder);
      for (ChangeMethod method : ChangeMethod.values()) {
        tests.add(
            DynamicTest.dynamicTest(
                name + " " + method,
                () -> new Run(caseJson, table, method, new Random(name.hashCode())).check()));
      }
    }
    tests.add(
        DynamicTest.dynamicTest(
            "commits of several files were divided",
            () -> assertThat(divided.get()).isGreaterThan(10)));
    assertThat(tests).hasSizeGreaterThan(20);
    return tests;
  }

  private final class Run {
    private final JsonNode caseJson;
    private final Path table;
    private final ChangeMethod method;
    private final Random random;
    private final InMemoryDocumentSink planned = InMemoryDocumentSink.of("/pk");
    private final InMemoryDocumentSink polled = InMemoryDocumentSink.of("/pk");
    private InMemoryCheckpointStore plannedStore = InMemoryCheckpointStore.create();
    private InMemoryCheckpointStore polledStore = InMemoryCheckpointStore.create();

    Run(JsonNode caseJson, Path table, ChangeMethod method, Random random) {
      this.caseJson = caseJson;
      this.table = table;
      this.method = method;
      this.random = random;
    }

    void check() throws InterruptedException {
      long latest = caseJson.get("latestVersion").asLong();
      load(-1);
      int stuck = 0;
      while (version() < latest) {
        long before = version();
        if (!advance()) {
          load(version());
        }
        assertThat(planned.documents()).isEqualTo(polled.documents());
        assertThat(plannedStore.checkpoint("case").orElseThrow())
            .usingRecursiveComparison()
            .ignoringFields("lease", "savedAt")
            .isEqualTo(polledStore.checkpoint("case").orElseThrow());
        stuck = version() > before ? 0 : stuck + 1;
        assertThat(stuck).isLessThan(3);
      }
    }

    /** Takes in one range; false if changes go no further. */
    private boolean advance() throws InterruptedException {
      try {
        return advance(2 + random.nextInt(5));
      } catch (ChangesUnavailableException farAhead) {
        // A plan looks at its whole range first, so a shorter one may still be had.
      }
      try {
        return advance(1);
      } catch (ChangesUnavailableException e) {
        assertThat(poll(version() + 1)).isFalse();
        return false;
      }
    }

    private boolean advance(long commits) throws InterruptedException {
      try (DeltaTableSource source = DeltaTableSource.open(table.toString())) {
        PollPlanner planner =
            PollPlan.of(pipeline(source, planned, plannedStore))
                .changes(method)
                .maxRangeCommits(commits)
                .unitBytes(random.nextBoolean() ? 1 : 3_000)
                .shares(1 + random.nextInt(5));
        PollPlan plan = planner.begin();
        if (plan.isUpToDate()) {
          assertThat(plan.pausedAt()).isPresent();
          assertThat(poll(plan.pausedAt().getAsLong())).isFalse();
          return false;
        }
        PollEngine engine = new PollEngine(() -> pipeline(source, planned, plannedStore), random);
        engine.run(plan);
        Map<Integer, ChangeUnitResult> reads = new TreeMap<>();
        for (ChangeUnitResult read : engine.reads()) {
          ChangeUnitResult earlier = reads.put(read.index(), read);
          assertThat(earlier).isIn(null, read);
        }
        plan.units().stream()
            .filter(unit -> unit.toJson().matches(".*\"shares\":[^1].*"))
            .forEach(unit -> divided.incrementAndGet());
        long rows = reads.values().stream().mapToLong(ChangeUnitResult::rowsRead).sum();
        assertThat(poll(plan.toVersion(), rows)).isTrue();
        return true;
      }
    }

    private boolean poll(long until, long rows) {
      try (DeltaTableSource source = DeltaTableSource.open(table.toString());
          CdcPoller poller = poller(source)) {
        assertThat(poller.pollUntil(until).changesRead()).as("each row once").isEqualTo(rows);
        return true;
      }
    }

    private boolean poll(long until) {
      long before = polledStore.checkpoint("case").orElseThrow().version();
      try (DeltaTableSource source = DeltaTableSource.open(table.toString());
          CdcPoller poller = poller(source)) {
        return poller.pollUntil(until).toVersion() > before;
      } catch (ChangesUnavailableException e) {
        return false;
      }
    }

    private CdcPoller poller(DeltaTableSource source) {
      return CdcPoller.builder(pipeline(source, polled, polledStore))
          .changes(method)
          .spillFolder(folder)
          .build();
    }

    private void load(long after) {
      for (JsonNode snapshot : caseJson.get("snapshots")) {
        long version = snapshot.get("version").asLong();
        if (version > after && !snapshot.has("error")) {
          plannedStore = InMemoryCheckpointStore.create();
          polledStore = InMemoryCheckpointStore.create();
          loadAt(version, planned, plannedStore);
          loadAt(version, polled, polledStore);
          return;
        }
      }
      throw new AssertionError("no version after " + after);
    }

    private void loadAt(long version, InMemoryDocumentSink sink, InMemoryCheckpointStore store) {
      sink.documents().keySet().forEach(sink::remove);
      try (DeltaTableSource source = DeltaTableSource.open(table.toString())) {
        InitialLoader.of(pipeline(source, sink, store)).atVersion(version).load();
      }
    }

    private long version() {
      return plannedStore.checkpoint("case").orElseThrow().version();
    }

    private Pipeline pipeline(
        DeltaTableSource source, InMemoryDocumentSink sink, InMemoryCheckpointStore store) {
      return Pipeline.builder("case")
          .source(source)
          .mapper(new KeyedMapper(caseJson.get("keys")))
          .sink(sink)
          .checkpoints(store)
          .readThreads(1)
          .build();
    }
  }

  /** Id of the key columns, one partition, and the canonical row as the body. */
  private record KeyedMapper(JsonNode keys) implements DocumentMapper {
    @Override
    public void map(Row row, Consumer<Document> documents) {
      String json = new RowJson().toString(row);
      StringBuilder key = new StringBuilder();
      JsonNode node;
      try {
        node = JSON.readTree(json);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("A row has a JSON form.", e);
      }
      keys.forEach(column -> key.append(node.get(column.asText())).append('|'));
      String id =
          UUID.nameUUIDFromBytes(key.toString().getBytes(StandardCharsets.UTF_8)).toString();
      documents.accept(
          Document.ofJson(
              DocumentKey.of(id, "p"),
              ("{\"id\":\"" + id + "\",\"pk\":\"p\",\"row\":" + json + "}")
                  .getBytes(StandardCharsets.UTF_8)));
    }
  }
}
