package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.Column;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.PartRange;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowFilter;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.SplittableSnapshot;
import io.reverseetl.table.StructType;
import io.reverseetl.table.TableSnapshot;
import io.reverseetl.table.TableSource;
import io.reverseetl.table.TableVersion;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDeadLetterSink;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemoryTableSource;
import io.reverseetl.testing.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoadPlanTest {
  private static final StructType SCHEMA =
      StructType.of(
          Column.required("id", Primitive.STRING), Column.nullable("state", Primitive.STRING));

  private static final DocumentMapper MAPPER =
      new DocumentMapper() {
        @Override
        public void map(Row row, Consumer<Document> documents) {
          String id = row.getString("id");
          if (id.startsWith("bad")) {
            throw new MappingException("id", "The id is bad.");
          }
          documents.accept(
              Document.of(
                  DocumentKey.of(id, "eu"), Map.of("region", "eu", "state", row.getString(1))));
        }

        @Override
        public List<String> partitionKeyPaths() {
          return List.of("/region");
        }
      };

  private final ManualClock clock = new ManualClock();
  private final InMemoryTableSource table = InMemoryTableSource.of(SCHEMA, clock, 10);
  private final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/region");
  private final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();

  @BeforeEach
  void commitFirstVersion() {
    commitRows("k", 0, 95);
  }

  @SuppressWarnings("unchecked")
  private void commitRows(String prefix, int first, int count) {
    List<InMemoryTableSource.Change>[] rows = new List[count];
    for (int i = 0; i < count; i++) {
      rows[i] = table.insert(prefix + (first + i), "v0" + (first + i));
    }
    table.commit(rows);
  }

  /** A pipeline object of its own each time, as in a process of its own. */
  private Pipeline.Builder pipeline() {
    return Pipeline.builder("orders")
        .source(table)
        .mapper(MAPPER)
        .sink(sink)
        .checkpoints(checkpoints)
        .lease(Duration.ofSeconds(1))
        .clock(clock);
  }

  private Checkpoint checkpoint() {
    return checkpoints.checkpoint("orders").orElseThrow();
  }

  private static LoadPlan sent(LoadPlan plan) {
    return LoadPlan.ofJson(plan.toJson());
  }

  private static UnitResult sent(UnitResult result) {
    return UnitResult.ofJson(result.toJson());
  }

  private List<UnitResult> runAll(LoadPlan plan) throws InterruptedException {
    List<UnitResult> results = new ArrayList<>();
    for (WorkUnit unit : plan.units()) {
      results.add(sent(WorkUnit.ofJson(unit.toJson()).run(pipeline().build())));
    }
    return results;
  }

  @Test
  void writesTheSnapshotWhoeverRunsTheUnitsInWhateverOrderAndTwice() throws Exception {
    LoadPlan plan = sent(LoadPlan.of(pipeline().build()).unitBytes(20).begin());
    List<String> units = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      plan.units().forEach(unit -> units.add(unit.toJson()));
    }
    Collections.shuffle(units, new Random(7));
    // What is committed meanwhile belongs to the poller.
    table.commit(table.insert("late", "v1"));

    List<UnitResult> results = new ArrayList<>();
    ExecutorService workers = Executors.newFixedThreadPool(4);
    try {
      List<Future<UnitResult>> running = new ArrayList<>();
      for (String unit : units) {
        running.add(workers.submit(() -> sent(WorkUnit.ofJson(unit).run(pipeline().build()))));
      }
      for (Future<UnitResult> result : running) {
        results.add(result.get());
      }
    } finally {
      workers.shutdownNow();
    }
    LoadReport report = plan.complete(pipeline().build(), results);

    assertThat(plan.units()).hasSize(5);
    assertThat(report.outcome()).isEqualTo(LoadReport.Outcome.COMPLETED);
    assertThat(report.documentsWritten()).isEqualTo(95);
    assertThat(sink.documents()).hasSize(95);
    assertThat(checkpoint().version()).isEqualTo(0);
    assertThat(checkpoint().load()).isEmpty();
    CdcPoller.builder(pipeline().build()).build().pollOnce();
    assertThat(sink.documents()).hasSize(96).containsKey(DocumentKey.of("late", "eu"));
    assertThat(checkpoint().version()).isEqualTo(1);
  }

  @Test
  void leavesTheCheckpointThatTheInitialLoaderLeaves() throws Exception {
    LoadPlan plan = LoadPlan.of(pipeline().build()).begin();
    plan.completeNow(pipeline().build(), runAll(plan));
    Checkpoint planned = checkpoint();
    checkpoints.remove(checkpoints.read("orders").orElseThrow());

    InitialLoader.of(pipeline().build()).load();

    assertThat(planned.loading(planned.load()))
        .usingRecursiveComparison()
        .ignoringFields("lease", "savedAt")
        .isEqualTo(checkpoint());
    assertThat(planned.lease().orElseThrow().isHeld(clock.instant())).isFalse();
  }

  @Test
  void saysThatALoadIsUnderWayUntilEveryUnitIsDone() throws Exception {
    LoadPlan plan = LoadPlan.of(pipeline().build()).unitBytes(20).begin();
    List<UnitResult> results = runAll(plan);

    assertThat(plan.unfinished(results.subList(1, 5))).containsExactly(plan.units().get(0));
    assertThatThrownBy(() -> plan.complete(pipeline().build(), results.subList(1, 5)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("1 of 5 units");
    assertThat(checkpoint().load()).isPresent();
    assertThatThrownBy(() -> CdcPoller.builder(pipeline().build()).build().pollOnce())
        .isInstanceOf(ConfigurationException.class);
    assertThat(plan.completeNow(pipeline().build(), results).isLoaded()).isTrue();
    assertThat(plan.completeNow(pipeline().build(), results).outcome())
        .isEqualTo(LoadReport.Outcome.ALREADY_LOADED);
  }

  @Test
  void givesTheSamePlanAgainWhileItsLoadIsUnderWay() {
    LoadPlan plan = LoadPlan.of(pipeline().build()).unitBytes(20).begin();
    commitRows("later", 0, 50);

    LoadPlan again = LoadPlan.of(pipeline().build()).unitBytes(20).begin();

    assertThat(again).isEqualTo(plan).isEqualTo(sent(plan));
    assertThat(LoadPlan.of(pipeline().build()).unitBytes(40).begin().id()).isNotEqualTo(plan.id());
  }

  @Test
  void refusesMoreUnitsThanCanBeDrivenAndSaysWhichSizeIsEnough() {
    InMemoryTableSource large = InMemoryTableSource.of(SCHEMA, clock, 1);
    List<InMemoryTableSource.Change> rows = new ArrayList<>();
    for (int i = 0; i <= LoadPlanner.MAX_UNITS; i++) {
      rows.addAll(large.insert("k" + i, "v"));
    }
    large.commit(rows);
    LoadPlanner planner = LoadPlan.of(pipeline().source(large).build());

    assertThatThrownBy(planner.unitBytes(1)::begin)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("more than 100000")
        .hasMessageContaining("unitBytes(1048576)");
    assertThat(checkpoints.checkpoint("orders")).isEmpty();

    assertThat(planner.unitBytes(1 << 20).begin().units()).hasSizeLessThan(100);
  }

  @Test
  void refusesToCutAFileIntoMoreUnitsThanCanBeDriven() {
    Pipeline pipeline = pipeline().source(new OneFile(table, (300_000L << 30) + 1)).build();

    assertThatThrownBy(LoadPlan.of(pipeline).unitBytes(1)::begin)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("unitBytes(" + (6_145L << 20) + ")");

    assertThat(LoadPlan.of(pipeline).unitBytes(6_145L << 20).begin().units()).hasSize(49_992);
  }

  /** A table whose version is one large file, which would fill the memory if it were cut finely. */
  private record OneFile(InMemoryTableSource table, long bytes) implements TableSource {
    @Override
    public TableVersion latestVersion() {
      return table.latestVersion();
    }

    @Override
    public long newestVersion(long known) {
      return table.newestVersion(known);
    }

    @Override
    public ChangeCursor openChanges(ChangeQuery query) {
      return table.openChanges(query);
    }

    @Override
    public TableSnapshot openSnapshot(SnapshotQuery query) {
      return new OneFileSnapshot(table.openSnapshot(query), bytes);
    }

    @Override
    public void close() {}
  }

  private record OneFileSnapshot(TableSnapshot table, long bytes) implements SplittableSnapshot {
    @Override
    public TableVersion version() {
      return table.version();
    }

    @Override
    public StructType schema() {
      return table.schema();
    }

    @Override
    public StructType tableSchema() {
      return table.tableSchema();
    }

    @Override
    public List<SnapshotPart> parts() {
      return List.of(new SnapshotPart("large", bytes, OptionalLong.empty()));
    }

    @Override
    public List<PartRange> split(SnapshotPart part, long size) {
      List<PartRange> ranges = new ArrayList<>();
      for (long from = 0; from < bytes; from += size) {
        ranges.add(new PartRange(from, Math.min(bytes, from + size)));
      }
      return ranges;
    }

    @Override
    public Cursor<Row> open(SnapshotPart part) {
      return table.open(part);
    }

    @Override
    public Cursor<Row> open(SnapshotPart part, PartRange range) {
      return table.open(part);
    }

    @Override
    public void close() {
      table.close();
    }
  }

  @Test
  void isFoundCompleteWhenPollingHasGoneOn() throws Exception {
    LoadPlan plan = LoadPlan.of(pipeline().build()).begin();
    List<UnitResult> results = runAll(plan);
    plan.completeNow(pipeline().build(), results);
    table.commit(table.insert("late", "v1"));
    try (CdcPoller poller = CdcPoller.of(pipeline().build())) {
      poller.pollOnce();
    }
    sink.forgetOperations();

    // The answer of the first call was lost, so whoever drives the plan calls again.
    LoadReport again = plan.completeNow(pipeline().build(), results);

    assertThat(again.outcome()).isEqualTo(LoadReport.Outcome.ALREADY_LOADED);
    assertThat(again.version()).isEqualTo(1);
    assertThat(sink.operations()).isEmpty();
  }

  @Test
  void refusesAnotherPipelineTableVersionOrTarget() throws Exception {
    WorkUnit unit = LoadPlan.of(pipeline().build()).begin().units().get(0);
    InMemoryTableSource other = InMemoryTableSource.of(SCHEMA, clock, 10);
    other.commit(other.insert("x", "y"));
    TargetDescription elsewhere = new TargetDescription("elsewhere", List.of("/region"));
    List<Pipeline.Builder> wrong =
        List.of(
            Pipeline.builder("others").source(table).mapper(MAPPER).sink(sink),
            pipeline().where(RowFilter.parse("id = 'k1'")),
            pipeline().source(other),
            pipeline().stampSourceVersion(true),
            pipeline().sink(InMemoryDocumentSink.of(elsewhere)));

    for (Pipeline.Builder builder : wrong) {
      Pipeline another = builder.checkpoints(checkpoints).clock(clock).build();
      assertThatThrownBy(() -> unit.run(another)).isInstanceOf(ConfigurationException.class);
    }

    assertThat(sink.documents()).isEmpty();
    assertThat(unit.run(pipeline().build()).documentsWritten()).isEqualTo(95);
  }

  @Test
  void refusesAPartThatIsNotWhatWasPlanned() {
    String json = LoadPlan.of(pipeline().build()).begin().units().get(0).toJson();
    WorkUnit changed = WorkUnit.ofJson(json.replaceFirst("\"bytes\":10", "\"bytes\":11"));

    assertThatThrownBy(() -> changed.run(pipeline().build()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("part-00000000");
    assertThat(sink.documents()).isEmpty();
  }

  @Test
  void refusesJsonOfAnotherKindOrFormat() {
    LoadPlan plan = LoadPlan.of(pipeline().build()).begin();
    String unit = plan.units().get(0).toJson();

    assertThatThrownBy(() -> WorkUnit.ofJson(plan.toJson()))
        .isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(() -> WorkUnit.ofJson(unit.replaceFirst("\"format\":1", "\"format\":2")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("format 2");
    assertThatThrownBy(() -> WorkUnit.ofJson("{not json"))
        .isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(() -> UnitResult.ofJson(unit)).isInstanceOf(ConfigurationException.class);
    assertThat(WorkUnit.ofJson(unit)).isEqualTo(plan.units().get(0));
  }

  @Test
  void refusesResultsOfAnotherPlan() throws Exception {
    LoadPlan first = LoadPlan.of(pipeline().build()).begin();
    List<UnitResult> results = runAll(first);
    checkpoints.remove(checkpoints.read("orders").orElseThrow());
    LoadPlan second = LoadPlan.of(pipeline().build()).begin();

    assertThatThrownBy(() -> second.complete(pipeline().build(), results))
        .isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(() -> first.units().get(0).run(pipeline().build()))
        .isInstanceOf(CheckpointConflictException.class);
  }

  @Test
  void aUnitWritesNothingMoreWhenItsPlanIsComplete() throws Exception {
    LoadPlan plan = LoadPlan.of(pipeline().build()).begin();
    plan.completeNow(pipeline().build(), runAll(plan));
    table.commit(table.update(table.row("k1", "v01"), table.row("k1", "new")));
    CdcPoller.builder(pipeline().build()).build().pollOnce();

    assertThatThrownBy(() -> plan.units().get(0).run(pipeline().build()))
        .isInstanceOf(CheckpointConflictException.class);

    assertThat(sink.document(DocumentKey.of("k1", "eu")).orElseThrow())
        .containsEntry("state", "new");
  }

  @Test
  void aUnitThatIsStillRunningStopsSoonAfterItsPlanIsComplete() throws Exception {
    LoadPlan plan = LoadPlan.of(pipeline().build()).begin();
    List<UnitResult> results = runAll(plan);
    sink.documents().keySet().forEach(sink::remove);
    // The straggler is asleep before its fifth document, while others complete the plan.
    int[] mapped = {0};
    DocumentMapper sleeper =
        new DocumentMapper() {
          @Override
          public void map(Row row, Consumer<Document> documents) {
            if (++mapped[0] == 5) {
              complete(plan, results);
              clock.advance(Duration.ofMillis(UnitGuard.quietAfterMillis(1_000)));
            }
            MAPPER.map(row, documents);
          }

          @Override
          public List<String> partitionKeyPaths() {
            return MAPPER.partitionKeyPaths();
          }
        };

    assertThatThrownBy(() -> plan.units().get(0).run(pipeline().mapper(sleeper).build()))
        .isInstanceOf(CheckpointConflictException.class);

    assertThat(sink.documents()).hasSize(4);
  }

  private void complete(LoadPlan plan, List<UnitResult> results) {
    try {
      plan.completeNow(pipeline().build(), results);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aUnitThatFailedIsRunAgain() throws Exception {
    LoadPlan plan = LoadPlan.of(pipeline().build()).begin();
    sink.crashAfter(30);
    assertThatThrownBy(() -> plan.units().get(0).run(pipeline().build()))
        .isInstanceOf(WriteException.class);

    plan.completeNow(pipeline().build(), runAll(plan));

    assertThat(sink.documents()).hasSize(95);
  }

  @Test
  void findsDifferentRowsForOneDocumentInTwoUnits() throws Exception {
    table.commit(table.insert("k3", "another"));
    LoadPlan plan = LoadPlan.of(pipeline().build()).unitBytes(10).begin();
    List<UnitResult> results = runAll(plan);

    assertThatThrownBy(() -> plan.completeNow(pipeline().build(), results))
        .isInstanceOf(MappingException.class);

    assertThat(checkpoint().load()).isPresent();
  }

  @Test
  void countsDeadLettersOfAllUnitsTogether() throws Exception {
    commitRows("bad", 0, 2);
    InMemoryDeadLetterSink letters = InMemoryDeadLetterSink.create();
    Pipeline one = pipeline().deadLetters(letters).maxDeadLetters(1).build();
    Pipeline two = pipeline().deadLetters(letters).maxDeadLetters(2).build();
    LoadPlan plan = LoadPlan.of(two).begin();
    List<UnitResult> results = new ArrayList<>();
    for (WorkUnit unit : plan.units()) {
      results.add(unit.run(two));
    }

    assertThatThrownBy(() -> plan.completeNow(one, results)).isInstanceOf(MappingException.class);
    assertThat(plan.completeNow(two, results).deadLetters()).isEqualTo(2);
    assertThat(sink.documents()).hasSize(95);
  }

  @Test
  void doesNotPlanWhatSomebodyElseLoads() throws Exception {
    InitialLoader.of(pipeline().build()).load();

    assertThatThrownBy(() -> LoadPlan.of(pipeline().build()).begin())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("complete");
  }

  @Test
  void refusesToPlanOnWithAnotherRowFilter() {
    LoadPlan.of(pipeline().build()).begin();

    assertThatThrownBy(
            () -> LoadPlan.of(pipeline().where(RowFilter.parse("id > 'k5'")).build()).begin())
        .isInstanceOf(CheckpointException.class);
  }

  @Test
  void anEmptyTableHasNoUnitAndIsLoaded() throws Exception {
    InMemoryTableSource empty = InMemoryTableSource.of(SCHEMA, clock, 10);
    empty.commit();
    Pipeline pipeline = pipeline().source(empty).build();
    LoadPlan plan = LoadPlan.of(pipeline).begin();

    assertThat(plan.units()).isEmpty();
    assertThat(plan.completeNow(pipeline, List.of()).outcome())
        .isEqualTo(LoadReport.Outcome.COMPLETED);
  }
}
