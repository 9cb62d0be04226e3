package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.PollProgress;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.Rejection;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.reduce.Digest;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.RowFilter;
import io.reverseetl.table.SchemaChange.ColumnChange;
import io.reverseetl.table.SchemaChange.Kind;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.StructType;
import io.reverseetl.table.TableSnapshot;
import io.reverseetl.table.TableSource;
import io.reverseetl.table.TableVersion;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDeadLetterSink;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemoryRow;
import io.reverseetl.testing.InMemoryTableSource;
import io.reverseetl.testing.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PollPlanTest {
  private static final StructType SCHEMA =
      StructType.of(
          Column.required("id", Primitive.STRING),
          Column.required("region", Primitive.STRING),
          Column.nullable("state", Primitive.STRING));

  private static final DocumentMapper MAPPER =
      ColumnMapper.builder().id("id").partitionKey("region").build();

  private final ManualClock clock = new ManualClock();
  private final InMemoryTableSource table = InMemoryTableSource.of(SCHEMA, clock, 10);
  private final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/region");
  private final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();
  private final InMemoryDeadLetterSink letters = InMemoryDeadLetterSink.create();

  @BeforeEach
  void load() {
    table.commit(table.insert("7", "eu", "placed"), table.insert("8", "eu", "placed"));
    InitialLoader.of(pipeline().build()).load();
    sink.forgetOperations();
  }

  /** A pipeline object of its own each time, as in a process of its own. */
  private Pipeline.Builder pipeline() {
    return Pipeline.builder("orders")
        .source(table)
        .mapper(MAPPER)
        .sink(sink)
        .checkpoints(checkpoints)
        .readThreads(1)
        .lease(Duration.ofSeconds(1))
        .clock(clock);
  }

  private PollEngine engine() {
    return new PollEngine(() -> pipeline().build(), new Random(7));
  }

  private PollPlan begin() {
    return PollPlan.of(pipeline().build()).unitBytes(2).shares(3).begin();
  }

  private InMemoryRow row(String id, String region, String state) {
    return table.row(id, region, state);
  }

  private static DocumentKey key(String id) {
    return DocumentKey.of(id, "eu");
  }

  private Checkpoint checkpoint() {
    return checkpoints.checkpoint("orders").orElseThrow();
  }

  @SuppressWarnings("unchecked")
  private long insertMany(int count) {
    List<InMemoryTableSource.Change>[] rows = new List[count];
    for (int i = 0; i < count; i++) {
      rows[i] = table.insert("n" + i, "eu", "v" + i);
    }
    return table.commit(rows);
  }

  @Test
  void takesInEveryCommitAndLeavesTheCheckpointThatAPollerLeaves() throws Exception {
    table.commit(table.update(row("7", "eu", "placed"), row("7", "eu", "sent")));
    table.commit(table.delete("8", "eu", "placed"), table.insert("9", "eu", "placed"));
    table.commit(table.update(row("7", "eu", "sent"), row("7", "eu", "done")));

    PollReport report = engine().run(begin());

    assertThat(report.outcome()).isEqualTo(PollReport.Outcome.UP_TO_DATE);
    assertThat(report.fromVersion()).isZero();
    assertThat(report.toVersion()).isEqualTo(3);
    assertThat(report.documentsWritten()).isGreaterThanOrEqualTo(2);
    assertThat(report.lag()).contains(Duration.ZERO);
    assertThat(sink.documents()).containsOnlyKeys(key("7"), key("9"));
    assertThat(sink.document(key("7")).orElseThrow()).containsEntry("state", "done");
    Checkpoint planned = checkpoint();
    InMemoryCheckpointStore others = InMemoryCheckpointStore.create();
    Pipeline polled =
        pipeline().checkpoints(others).sink(InMemoryDocumentSink.of("/region")).build();
    InitialLoader.of(polled).atVersion(0).load();
    CdcPoller.of(polled).pollOnce();
    assertThat(planned)
        .usingRecursiveComparison()
        .ignoringFields("lease", "savedAt")
        .isEqualTo(others.checkpoint("orders").orElseThrow());
    assertThat(planned.lease().orElseThrow().isHeld(clock.instant())).isFalse();
  }

  @Test
  void dividesALargeCommitAmongUnitsAndLosesNoRow() throws Exception {
    insertMany(25);
    PollPlan plan = PollPlan.of(pipeline().build()).unitBytes(4).begin();
    PollEngine engine = engine();

    engine.run(plan);

    assertThat(plan.units()).hasSize(7);
    List<Long> rows = new ArrayList<>();
    for (ChangeUnit unit : plan.units()) {
      rows.add(
          engine.reads().stream()
              .filter(read -> read.index() == unit.index())
              .findFirst()
              .orElseThrow()
              .rowsRead());
    }
    assertThat(rows).allMatch(count -> count == 3 || count == 4);
    assertThat(rows.stream().mapToLong(Long::longValue).sum()).isEqualTo(25);
    assertThat(sink.documents()).hasSize(27);
  }

  @Test
  void packsSmallCommitsIntoOneUnitAndReadsNoneThatChangesNoRow() throws Exception {
    table.commit(table.insert("1", "eu", "a"));
    table.commit();
    table.commit(table.insert("2", "eu", "a"));
    table.commit(table.insert("3", "eu", "a"));
    table.commit();

    PollPlan plan = PollPlan.of(pipeline().build()).unitBytes(2).begin();

    assertThat(plan.units()).hasSize(2);
    assertThat(plan.units().get(0).fromVersion()).isEqualTo(1);
    assertThat(plan.units().get(0).toVersion()).isEqualTo(3);
    assertThat(plan.units().get(1).fromVersion()).isEqualTo(4);
    assertThat(plan.toVersion()).isEqualTo(5);
    engine().run(plan);
    assertThat(checkpoint().version()).isEqualTo(5);
  }

  @Test
  void savesNothingWhereThereIsNothingNew() throws Exception {
    Checkpoint before = checkpoint();

    PollPlan plan = begin();

    assertThat(plan.isUpToDate()).isTrue();
    assertThat(plan.units()).isEmpty();
    assertThat(plan.tasks()).isEmpty();
    assertThat(checkpoint()).isEqualTo(before);
    assertThat(plan.completeNow(pipeline().build(), List.of(), List.of()).toVersion()).isZero();
    assertThat(checkpoint()).isEqualTo(before);
  }

  @Test
  void movesOverCommitsWithoutAChange() throws Exception {
    table.commit();
    PollPlan plan = begin();

    assertThat(plan.isUpToDate()).isFalse();
    assertThat(plan.units()).isEmpty();
    engine().run(plan);

    assertThat(checkpoint().version()).isEqualTo(1);
  }

  @Test
  void endsWhereItIsAskedTo() throws Exception {
    for (int i = 1; i < 6; i++) {
      table.commit(table.insert("k" + i, "eu", "x"));
    }

    engine().run(PollPlan.of(pipeline().build()).until(2).begin());
    assertThat(checkpoint().version()).isEqualTo(2);
    PollReport report = engine().run(PollPlan.of(pipeline().build()).maxRangeCommits(1).begin());

    assertThat(checkpoint().version()).isEqualTo(3);
    assertThat(report.lagVersions()).isEqualTo(2);
    assertThat(sink.documents()).hasSize(5);
  }

  @Test
  void givesTheSamePlanAgainWhileItIsUnderWay() throws Exception {
    insertMany(5);
    PollPlan plan = begin();
    PollEngine engine = engine();
    engine.read(plan);
    table.commit(table.insert("later", "eu", "x"));

    PollPlan again = begin();

    assertThat(again).isEqualTo(plan).isEqualTo(PollPlan.ofJson(plan.toJson()));
    assertThat(PollPlan.of(pipeline().build()).unitBytes(2).shares(4).begin().id())
        .isNotEqualTo(plan.id());
    engine.write(again);
    again.completeNow(pipeline().build(), engine.reads(), engine.writes());
    assertThat(checkpoint().version()).isEqualTo(1);
    assertThat(begin().fromVersion()).isEqualTo(2);
  }

  @Test
  void aPollerFinishesExactlyThePlansRangeFirst() throws Exception {
    table.commit(table.update(row("7", "eu", "placed"), row("7", "eu", "sent")));
    PollPlan plan = begin();
    PollEngine engine = engine();
    engine.read(plan);
    engine.writeOnce(plan.tasks().get(0).toJson(), plan.shares());
    table.commit(table.update(row("7", "eu", "sent"), row("7", "eu", "done")));
    List<PollRange> ranges = new ArrayList<>();
    PipelineListener listener =
        new PipelineListener() {
          @Override
          public void onRangeWritten(PollRange range) {
            ranges.add(range);
          }
        };

    CdcPoller.of(pipeline().listener(listener).build()).pollOnce();

    assertThat(ranges).extracting(PollRange::toVersion).containsExactly(1L, 2L);
    assertThat(ranges.get(0).resumed()).isTrue();
    assertThat(sink.document(key("7")).orElseThrow()).containsEntry("state", "done");
    for (ChangeTask task : plan.tasks()) {
      assertThatThrownBy(() -> engine.writeOnce(task.toJson(), plan.shares()))
          .isInstanceOf(CheckpointConflictException.class);
    }
    assertThatThrownBy(() -> engine().read(plan)).isInstanceOf(CheckpointConflictException.class);
    assertThat(sink.document(key("7")).orElseThrow()).containsEntry("state", "done");
  }

  @Test
  void theRangeIsThePlansUntilAPollerHasWaitedAndThenItsOwn() {
    table.commit(table.update(row("7", "eu", "placed"), row("7", "eu", "sent")));
    begin();
    List<Integer> steps = new ArrayList<>();
    PipelineListener listener =
        new PipelineListener() {
          @Override
          public void onCheckpointSaved(Checkpoint saved) {
            steps.add(saved.poll().map(PollProgress::steps).orElse(0));
          }

          @Override
          public void onRangeStarted(long version) {
            steps.add(-1);
          }
        };

    CdcPoller.of(pipeline().listener(listener).build()).pollOnce();

    assertThat(steps).containsExactly(PollPlan.STEPS, RangeWriter.STEPS, -1, RangeWriter.STEPS, 0);
  }

  @Test
  void aPollerThatStopsInTheWaitIsFollowedByOneThatWaits() {
    table.commit(table.update(row("7", "eu", "placed"), row("7", "eu", "sent")));
    PollPlan plan = begin();
    CdcPoller stopped = CdcPoller.of(pipeline().build());
    stopped.requestStop();

    assertThat(stopped.pollOnce().outcome()).isEqualTo(PollReport.Outcome.STOPPED);

    assertThat(Stragglers.mayBeIn(checkpoint().poll().orElseThrow())).isTrue();
    assertThatThrownBy(() -> engine().read(plan)).isInstanceOf(CheckpointConflictException.class);
    assertThat(begin().id()).isNotEqualTo(plan.id());
    CdcPoller.of(pipeline().build()).pollOnce();
    assertThat(sink.document(key("7")).orElseThrow()).containsEntry("state", "sent");
  }

  @Test
  void takesOverARangeThatAPollerBegan() throws Exception {
    table.commit(table.insert("1", "eu", "x"), table.insert("2", "eu", "x"));
    sink.crashAfter(1);
    assertThatThrownBy(() -> CdcPoller.of(pipeline().build()).pollOnce())
        .isInstanceOf(ReverseEtlException.class);
    table.commit(table.insert("3", "eu", "x"));

    PollPlan plan = begin();
    engine().run(plan);

    assertThat(plan.toVersion()).isEqualTo(1);
    assertThat(sink.documents()).containsOnlyKeys(key("7"), key("8"), key("1"), key("2"));
  }

  @Test
  void aTaskThatIsAsleepWritesNothingOnceThePlanIsOver() throws Exception {
    table.commit(table.update(row("7", "eu", "placed"), row("7", "eu", "sent")));
    PollPlan plan = PollPlan.of(pipeline().build()).shares(1).begin();
    PollEngine engine = engine();
    engine.read(plan);
    List<KeyedChange> changes = engine.share(0, 1);
    AtomicInteger taken = new AtomicInteger();
    engine.write(plan);
    Iterable<KeyedChange> sleeping =
        () ->
            changes.stream()
                .peek(
                    change -> {
                      if (taken.getAndIncrement() == 0) {
                        complete(plan, engine);
                        table.commit(table.update(row("7", "eu", "sent"), row("7", "eu", "done")));
                        CdcPoller.of(pipeline().build()).pollOnce();
                        clock.advance(Duration.ofMillis(UnitGuard.quietAfterMillis(1_000)));
                      }
                    })
                .iterator();

    try (ChangeRunner runner = ChangeRunner.of(pipeline().build())) {
      assertThatThrownBy(() -> runner.write(plan.tasks().get(0), sleeping.iterator()))
          .isInstanceOf(CheckpointConflictException.class);
    }

    assertThat(sink.document(key("7")).orElseThrow()).containsEntry("state", "done");
  }

  private void complete(PollPlan plan, PollEngine engine) {
    try {
      plan.completeNow(pipeline().build(), engine.reads(), engine.writes());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aDocumentThatMovesIsNeverAbsent() throws Exception {
    for (int i = 0; i < 4; i++) {
      String from = i % 2 == 0 ? "eu" : "us";
      String to = i % 2 == 0 ? "us" : "eu";
      table.commit(table.update(row("7", from, "placed"), row("7", to, "placed")));
    }
    table.commit(table.update(row("8", "eu", "placed"), row("8", "us", "placed")));
    PollEngine engine = engine();

    engine.run(begin());

    assertThat(engine.steps().lastIndexOf(ChangeStep.UPSERTS))
        .isLessThan(engine.steps().indexOf(ChangeStep.DELETES));
    int firstDelete = -1;
    int lastUpsert = -1;
    for (int i = 0; i < sink.operations().size(); i++) {
      boolean deletes = sink.operations().get(i) instanceof DocumentOperation.Delete;
      firstDelete = deletes && firstDelete < 0 ? i : firstDelete;
      lastUpsert = deletes ? lastUpsert : i;
    }
    assertThat(lastUpsert).isNotNegative().isLessThan(firstDelete);
    assertThat(sink.documents()).containsOnlyKeys(key("7"), DocumentKey.of("8", "us"));
  }

  @Test
  void writesADocumentOnceHoweverOftenItChangedAndNotIfItIsWhatItWas() throws Exception {
    table.commit(table.update(row("7", "eu", "placed"), row("7", "eu", "a")));
    table.commit(table.update(row("8", "eu", "placed"), row("8", "eu", "b")));
    table.commit(table.update(row("7", "eu", "a"), row("7", "eu", "placed")));
    table.commit(table.update(row("8", "eu", "b"), row("8", "eu", "c")));
    PollEngine engine = new PollEngine(() -> pipeline().build(), new Sober());

    PollReport report = engine.run(begin());

    assertThat(sink.operations()).hasSize(1);
    assertThat(sink.writes(key("8"))).isEqualTo(1);
    assertThat(report.documentsUnchanged()).isEqualTo(1);
    assertThat(report.changesRead()).isEqualTo(8);
    assertThat(report.operationsReduced()).isEqualTo(6);
    assertThat(engine.steps()).doesNotContain(ChangeStep.DELETES, ChangeStep.REFUSED);
  }

  /** No accident happens. */
  private static final class Sober extends Random {
    private static final long serialVersionUID = 1L;

    @Override
    public int nextInt(int bound) {
      return bound - 1;
    }
  }

  @Test
  void whatTheTargetRefusesForAUniqueValueIsTriedAgainAfterTheDeletes() throws Exception {
    boolean[] free = {false};
    sink.reject(
        operation -> {
          free[0] |= operation instanceof DocumentOperation.Delete;
          return operation.key().id().equals("9") && !free[0];
        },
        new Rejection(Rejection.Reason.CONFLICT, 409, "The value is taken."));
    table.commit(table.insert("9", "eu", "x"), table.delete("7", "eu", "placed"));
    PollEngine engine = engine();

    PollReport report = engine.run(begin());

    assertThat(sink.documents()).containsOnlyKeys(key("8"), key("9"));
    assertThat(report.deadLetters()).isZero();
    assertThat(engine.steps()).contains(ChangeStep.REFUSED);
  }

  @Test
  void whatTheTargetStillRefusesIsSetAside() throws Exception {
    sink.reject(
        operation -> operation.key().id().equals("9"),
        new Rejection(Rejection.Reason.CONFLICT, 409, "The value is taken."));
    table.commit(table.insert("9", "eu", "x"), table.insert("1", "eu", "x"));
    PollPlan plan = begin();

    PollReport report =
        new PollEngine(() -> pipeline().deadLetters(letters).build(), new Sober()).run(plan);

    assertThat(report.deadLetters()).isEqualTo(1);
    assertThat(letters.letters()).extracting(DeadLetter::reason).containsExactly("CONFLICT");
    assertThat(sink.documents()).containsOnlyKeys(key("7"), key("8"), key("1"));
    assertThat(checkpoint().version()).isEqualTo(1);
  }

  @Test
  void duplicateKeysBecomeDeadLettersOnceAndTheDocumentStays() throws Exception {
    table.commit(table.delete("8", "eu", "placed"));
    table.commit(table.insert("7", "eu", "a"), table.insert("7", "eu", "b"));

    PollReport report =
        new PollEngine(
                () ->
                    pipeline()
                        .deadLetters(letters)
                        .duplicateKeys(DuplicateKeys.deadLetters())
                        .build(),
                new Sober())
            .run(
                PollPlan.of(
                        pipeline()
                            .deadLetters(letters)
                            .duplicateKeys(DuplicateKeys.deadLetters())
                            .build())
                    .unitBytes(1)
                    .shares(1)
                    .begin());

    assertThat(report.documentsDeleted()).isEqualTo(1);
    assertThat(report.deadLetters()).isEqualTo(2);
    assertThat(letters.letters())
        .extracting(DeadLetter::reason)
        .containsExactly("DUPLICATE_KEY", "DUPLICATE_KEY");
    assertThat(sink.document(key("7")).orElseThrow()).containsEntry("state", "placed");
  }

  @Test
  void duplicateKeysFailTheTaskUnlessSomethingDecides() throws Exception {
    table.commit(table.insert("7", "eu", "a"), table.insert("7", "eu", "b"));
    PollPlan plan = begin();

    assertThatThrownBy(() -> engine().run(plan)).isInstanceOf(MappingException.class);
    assertThat(checkpoint().version()).isZero();
  }

  private static final DocumentMapper STRICT =
      new DocumentMapper() {
        @Override
        public void map(
            io.reverseetl.table.Row row,
            java.util.function.Consumer<io.reverseetl.document.Document> documents) {
          if (row.getString("id").startsWith("bad")) {
            throw new MappingException("id", "The id is bad.");
          }
          MAPPER.bind(row.type()).map(row, documents);
        }

        @Override
        public List<String> partitionKeyPaths() {
          return List.of("/region");
        }
      };

  private Pipeline.Builder strict() {
    return pipeline().mapper(STRICT).deadLetters(letters);
  }

  @Test
  void aUnitThatFailedHasNoResult() throws Exception {
    table.commit(table.insert("bad", "eu", "x"));
    Pipeline withoutLetters = pipeline().mapper(STRICT).build();
    PollPlan plan = PollPlan.of(withoutLetters).begin();

    try (ChangeRunner runner = ChangeRunner.of(withoutLetters);
        UnitChanges changes = runner.open(plan.units().get(0))) {
      assertThatThrownBy(changes::result).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(changes::advance).isInstanceOf(MappingException.class);
      assertThatThrownBy(changes::advance).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(changes::result).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void countsDeadLettersOfAllUnitsTogetherAndEachOnce() throws Exception {
    table.commit(table.insert("bad1", "eu", "x"), table.insert("1", "eu", "x"));
    table.commit(table.insert("bad2", "eu", "x"), table.insert("2", "eu", "x"));
    PollPlan plan = PollPlan.of(strict().build()).unitBytes(1).begin();
    PollEngine engine = new PollEngine(() -> strict().build(), new Random(3));
    engine.read(plan);
    engine.write(plan);

    assertThatThrownBy(
            () ->
                plan.completeNow(
                    strict().maxDeadLetters(1).build(), engine.reads(), engine.writes()))
        .isInstanceOf(MappingException.class);
    assertThatThrownBy(
            () ->
                plan.completeNow(
                    strict().maxDeadLetterShare(0.4).build(), engine.reads(), engine.writes()))
        .isInstanceOf(MappingException.class);
    assertThat(checkpoint().version()).isZero();
    PollReport report =
        plan.completeNow(strict().maxDeadLetters(2).build(), engine.reads(), engine.writes());

    assertThat(report.deadLetters()).isEqualTo(2);
    assertThat(letters.letters().stream().map(DeadLetter::id).distinct()).hasSize(2);
    assertThat(letters.unflushed()).isEmpty();
    assertThat(sink.documents()).containsOnlyKeys(key("7"), key("8"), key("1"), key("2"));
  }

  @Test
  void refusesWhatIsNotDoneYet() throws Exception {
    insertMany(6);
    table.commit(table.delete("7", "eu", "placed"));
    PollPlan plan = begin();
    PollEngine engine = engine();
    Pipeline pipeline = pipeline().build();

    assertThatThrownBy(() -> plan.unfinishedTasks(List.of(), List.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("4 units");
    engine.read(plan);
    List<ChangeUnitResult> reads = engine.reads();
    assertThat(plan.unfinishedUnits(reads)).isEmpty();
    assertThatThrownBy(() -> plan.completeNow(pipeline, reads, List.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("3 tasks of step UPSERTS");
    for (ChangeTask task : plan.unfinishedTasks(reads, List.of())) {
      engine.writeOnce(task.toJson(), 3);
    }
    assertThatThrownBy(() -> plan.completeNow(pipeline, reads, engine.writes()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("1 tasks of step DELETES");
    assertThat(checkpoint().version()).isZero();
    engine.write(plan);
    assertThat(plan.completeNow(pipeline, reads, engine.writes()).toVersion()).isEqualTo(2);
    assertThat(plan.completeNow(pipeline, reads, engine.writes()).toVersion()).isEqualTo(2);
  }

  @Test
  void refusesWhenChangesWereLostOnTheWay() throws Exception {
    insertMany(6);
    PollPlan plan = PollPlan.of(pipeline().build()).shares(1).begin();
    PollEngine engine = engine();
    engine.read(plan);
    List<KeyedChange> some = engine.share(0, 1).subList(1, 6);

    ChangeWriteResult result;
    try (ChangeRunner runner = ChangeRunner.of(pipeline().build())) {
      result = runner.write(plan.tasks().get(0), some.iterator());
    }

    assertThatThrownBy(() -> plan.completeNow(pipeline().build(), engine.reads(), List.of(result)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("only 5");
    assertThat(checkpoint().version()).isZero();
  }

  @Test
  void refusesChangesOutOfOrderOrOfAnotherRange() throws Exception {
    insertMany(6);
    PollPlan plan = PollPlan.of(pipeline().build()).shares(1).begin();
    PollEngine engine = engine();
    engine.read(plan);
    List<KeyedChange> reversed = new ArrayList<>(engine.share(0, 1));
    Collections.reverse(reversed);
    KeyedChange later = KeyedChange.gone(key("7"), 9, Digest.ofBytes().of(new byte[] {1}), null);

    try (ChangeRunner runner = ChangeRunner.of(pipeline().build())) {
      assertThatThrownBy(() -> runner.write(plan.tasks().get(0), reversed.iterator()))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("not sorted");
      assertThatThrownBy(() -> runner.write(plan.tasks().get(0), List.of(later).iterator()))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("commit 9");
    }
  }

  @Test
  void refusesAnotherPipelineTableOrTarget() throws Exception {
    insertMany(3);
    PollPlan plan = begin();
    PollEngine engine = engine();
    engine.read(plan);
    sink.forgetOperations();
    InMemoryTableSource other = InMemoryTableSource.of(SCHEMA, clock, 10);
    other.commit(other.insert("x", "eu", "y"));
    other.commit(other.insert("y", "eu", "y"));
    TargetDescription elsewhere = new TargetDescription("elsewhere", List.of("/region"));
    List<Pipeline.Builder> wrong =
        List.of(
            Pipeline.builder("others").source(table).mapper(MAPPER).sink(sink),
            pipeline().where(RowFilter.parse("id = 'n1'")),
            pipeline().deletes(Deletes.ignored()),
            pipeline().writeMode(WriteMode.UPSERT_IF_NEWER),
            pipeline().source(other).sink(InMemoryDocumentSink.of(elsewhere)));

    for (Pipeline.Builder builder : wrong) {
      Pipeline another = builder.checkpoints(checkpoints).clock(clock).build();
      try (ChangeRunner runner = ChangeRunner.of(another)) {
        assertThatThrownBy(() -> runner.open(plan.units().get(0)))
            .isInstanceOf(ConfigurationException.class);
        assertThatThrownBy(
                () -> runner.write(plan.tasks().get(0), List.<KeyedChange>of().iterator()))
            .isInstanceOf(ConfigurationException.class);
      }
      assertThatThrownBy(() -> plan.completeNow(another, engine.reads(), engine.writes()))
          .isInstanceOf(ConfigurationException.class);
    }

    assertThat(sink.operations()).isEmpty();
  }

  @Test
  void refusesUnitsTasksAndResultsOfAnotherPlan() throws Exception {
    insertMany(3);
    PollPlan first = begin();
    PollEngine engine = engine();
    engine.run(first);
    table.commit(table.insert("9", "eu", "x"));
    PollPlan second = begin();

    assertThatThrownBy(
            () -> second.completeNow(pipeline().build(), engine.reads(), engine.writes()))
        .isInstanceOf(ConfigurationException.class);
    try (ChangeRunner runner = ChangeRunner.of(pipeline().build())) {
      runner.read(second.units().get(0), change -> {});
      assertThatThrownBy(() -> runner.open(first.units().get(0)))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("another plan");
    }
    try (ChangeRunner runner = ChangeRunner.of(pipeline().build())) {
      assertThatThrownBy(() -> runner.open(first.units().get(0)))
          .isInstanceOf(CheckpointConflictException.class);
    }
  }

  @Test
  void refusesToCompleteWhatIsNotInTheCheckpoint() throws Exception {
    insertMany(3);
    PollPlan plan = begin();
    PollEngine engine = engine();
    engine.read(plan);
    engine.write(plan);
    checkpoints.remove(checkpoints.read("orders").orElseThrow());
    InitialLoader.of(pipeline().build()).atVersion(0).load();

    assertThatThrownBy(() -> plan.completeNow(pipeline().build(), engine.reads(), engine.writes()))
        .isInstanceOf(CheckpointException.class);
  }

  @Test
  void refusesTextsAndBytesOfAnotherKindOrFormat() throws Exception {
    insertMany(3);
    PollPlan plan = begin();
    String unit = plan.units().get(0).toJson();
    String task = plan.tasks().get(0).toJson();
    PollEngine engine = engine();
    engine.read(plan);
    byte[] change = engine.share(0, 1).get(0).toBytes();
    byte[] otherFormat = change.clone();
    otherFormat[0] = 2;

    assertThat(ChangeUnit.ofJson(unit)).isEqualTo(plan.units().get(0));
    assertThat(ChangeTask.ofJson(task)).isEqualTo(plan.tasks().get(0));
    assertThat(KeyedChange.ofBytes(change).toBytes()).isEqualTo(change);
    List<Runnable> wrong =
        List.of(
            () -> ChangeUnit.ofJson(task),
            () -> ChangeTask.ofJson(unit),
            () -> PollPlan.ofJson(unit),
            () -> ChangeUnit.ofJson(unit.replaceFirst("\"format\":1", "\"format\":2")),
            () -> ChangeUnit.ofJson(unit.replaceFirst("\"shares\":\\d+", "\"shares\":0")),
            () -> ChangeTask.ofJson(task.replaceFirst("UPSERTS", "INSERTS")),
            () -> ChangeUnitResult.ofJson("{no json"),
            () -> ChangeWriteResult.ofJson(unit),
            () -> KeyedChange.ofBytes(otherFormat),
            () -> KeyedChange.ofBytes(new byte[0]),
            () -> KeyedChange.ofBytes(java.util.Arrays.copyOf(change, change.length + 1)),
            () -> KeyedChange.ofBytes(java.util.Arrays.copyOf(change, change.length - 1)));
    for (Runnable each : wrong) {
      assertThatThrownBy(each::run).isInstanceOf(ConfigurationException.class);
    }
  }

  @Test
  void keysAreEqualOnlyForTheSameDocument() {
    List<DocumentKey> keys = new ArrayList<>();
    for (Object level : new Object[] {null, DocumentKey.ABSENT, "", "1", 1, 1.5, true, false}) {
      keys.add(DocumentKey.of("a", level));
      keys.add(DocumentKey.of("a", "x", level));
    }
    List<String> bytes = new ArrayList<>();
    for (DocumentKey key : keys) {
      KeyedChange change = KeyedChange.gone(key, 1, new byte[16], null);
      bytes.add(java.util.HexFormat.of().formatHex(change.key()));
      assertThat(KeyedChange.ofBytes(change.toBytes()).key()).isEqualTo(change.key());
      assertThat(change.toString()).doesNotContain("a,");
    }
    assertThat(bytes).doesNotHaveDuplicates();
  }

  @Test
  void endsExactlyBeforeACommitThatChangesAColumnThatTheMapperReads() throws Exception {
    table.commit(table.insert("9", "eu", "x"));
    dropState();
    table.commit(table.insert("10", "eu"));

    PollPlan plan = begin();
    PollReport report = engine().run(plan);

    assertThat(plan.toVersion()).isEqualTo(1);
    assertThat(plan.pausedAt()).hasValue(2);
    assertThat(report.outcome()).isEqualTo(PollReport.Outcome.SCHEMA_CHANGED);
    assertThat(checkpoint().version()).isEqualTo(1);
    assertThat(begin().isUpToDate()).isTrue();
    assertThat(begin().pausedAt()).hasValue(2);
    assertThatThrownBy(
            () -> PollPlan.of(pipeline().build()).onSchemaChange(SchemaPolicy.FAIL).begin())
        .isInstanceOf(ChangesUnavailableException.class);
    engine().run(PollPlan.of(pipeline().build()).onSchemaChange(SchemaPolicy.CONTINUE).begin());
    assertThat(checkpoint().version()).isEqualTo(3);
    assertThat(sink.document(key("10")).orElseThrow()).doesNotContainKey("state");
  }

  @Test
  void endsBeforeACommitThatTheMapperDoesNotFit() throws Exception {
    DocumentMapper named =
        ColumnMapper.builder().id("id").partitionKey("region").include("state").build();
    table.commit(table.insert("9", "eu", "x"));
    dropState();
    table.commit(table.insert("10", "eu"));
    PollPlanner planner =
        PollPlan.of(pipeline().mapper(named).build()).onSchemaChange(SchemaPolicy.CONTINUE);
    PollEngine engine = new PollEngine(() -> pipeline().mapper(named).build(), new Random(1));

    PollPlan plan = planner.begin();
    engine.run(plan);

    // The commit that drops the column has no row, so it goes along.
    assertThat(plan.toVersion()).isEqualTo(2);
    assertThatThrownBy(planner::begin).isInstanceOf(ConfigurationException.class);
    assertThat(checkpoint().poll()).isEmpty();
    assertThat(sink.document(key("9"))).isPresent();
  }

  private void dropState() {
    StructType without = StructType.of(SCHEMA.column(0), SCHEMA.column(1));
    table.alter(
        without,
        List.of(new ColumnChange(Kind.DROPPED, "state", "state")),
        row -> InMemoryRow.of(without, row.getString(0), row.getString(1)));
  }

  @Test
  void refusesAGapAnotherTableAndATableThatWasNeverLoaded() {
    insertMany(1);
    insertMany(0);
    table.forgetChangesBefore(2);
    assertThatThrownBy(this::begin)
        .isInstanceOfSatisfying(
            ChangesUnavailableException.class,
            e ->
                assertThat(e.reason())
                    .isEqualTo(ChangesUnavailableException.Reason.HISTORY_CLEANED));
    table.forgetChangesBefore(0);
    table.recreate();
    assertThatThrownBy(this::begin)
        .isInstanceOfSatisfying(
            ChangesUnavailableException.class,
            e ->
                assertThat(e.reason())
                    .isEqualTo(ChangesUnavailableException.Reason.TABLE_REPLACED));
    assertThat(checkpoint().poll()).isEmpty();
    checkpoints.remove(checkpoints.read("orders").orElseThrow());
    assertThatThrownBy(this::begin).isInstanceOf(ConfigurationException.class);
  }

  @Test
  void refusesToPlanWhileSomebodyPolls() {
    insertMany(1);
    PipelineListener listener =
        new PipelineListener() {
          @Override
          public void onRangeStarted(long version) {
            assertThatThrownBy(() -> begin()).isInstanceOf(CheckpointConflictException.class);
          }
        };

    CdcPoller.of(pipeline().listener(listener).build()).pollOnce();

    assertThat(sink.documents()).containsKey(key("n0"));
  }

  @Test
  void refusesASourceThatCannotTellItsCommits() {
    insertMany(1);
    TableSource plain =
        new TableSource() {
          @Override
          public TableVersion latestVersion() {
            return table.latestVersion();
          }

          @Override
          public TableSnapshot openSnapshot(SnapshotQuery query) {
            return table.openSnapshot(query);
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
          public void close() {}
        };

    assertThatThrownBy(() -> PollPlan.of(pipeline().source(plain).build()).begin())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("DivisibleTableSource");
    assertThat(checkpoint().poll()).isEmpty();
  }

  @Test
  void aReaderThatSeesAnOldListingIsRefused() throws Exception {
    table.commit(table.insert("9", "eu", "x"));
    PollPlan plan = begin();
    String far = plan.units().get(0).toJson().replace("\"to\":1,\"share\"", "\"to\":4,\"share\"");

    try (ChangeRunner runner = ChangeRunner.of(pipeline().build())) {
      assertThatThrownBy(() -> runner.open(ChangeUnit.ofJson(far)))
          .isInstanceOf(io.reverseetl.exceptions.TableReadException.class)
          .hasMessageContaining("up to 1");
    }
  }

  @Test
  void whereverTheDriverOrAWorkerDiesAPollerFinishesTheRange() throws Exception {
    table.commit(
        table.update(row("7", "eu", "placed"), row("7", "us", "sent")),
        table.insert("9", "eu", "x"));
    table.commit(table.delete("8", "eu", "placed"));
    Map<DocumentKey, ?> expected =
        Map.of(DocumentKey.of("7", "us"), "sent", DocumentKey.of("9", "eu"), "x");
    int deaths = 0;
    for (int at = 0; ; at++) {
      boolean died = false;
      for (boolean beforeEffect : new boolean[] {true, false}) {
        InMemoryCheckpointStore store = InMemoryCheckpointStore.create();
        InMemoryDocumentSink target = InMemoryDocumentSink.of("/region");
        Pipeline.Builder alive = guarded().sink(target).checkpoints(store);
        InitialLoader.of(alive.build()).atVersion(0).load();
        CrashPoints crash = new CrashPoints(at, beforeEffect, () -> {});
        Pipeline.Builder dying = guarded().sink(target).checkpoints(crash.of(store));
        try {
          new PollEngine(dying::build, new Random(at))
              .run(PollPlan.of(dying.build()).unitBytes(1).shares(2).begin());
        } catch (CrashPoints.Killed e) {
          died = true;
          deaths++;
        }
        clock.advance(Duration.ofMinutes(1));
        CdcPoller.of(guarded().sink(target).checkpoints(store).build()).pollOnce();

        assertThat(target.documents().keySet())
            .as("dead at call " + at + ", before effect: " + beforeEffect)
            .isEqualTo(expected.keySet());
        assertThat(store.checkpoint("orders").orElseThrow().version()).isEqualTo(2);
        assertThat(store.checkpoint("orders").orElseThrow().poll()).isEmpty();
      }
      if (!died) {
        break;
      }
    }
    assertThat(deaths).isGreaterThan(10);
  }

  /** Where versions are compared in the target, nobody waits for stragglers. */
  private Pipeline.Builder guarded() {
    return pipeline().writeMode(WriteMode.UPSERT_IF_NEWER);
  }

  @Test
  void completeWaitsWithTheCheckpointTakenAndCompleteNowDoesNot() throws Exception {
    insertMany(2);
    PollPlan plan = begin();
    PollEngine engine = engine();
    engine.read(plan);
    engine.write(plan);

    // An interrupt ends the wait, if there is one.
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> plan.complete(pipeline().build(), engine.reads(), engine.writes()))
        .isInstanceOf(InterruptedException.class);
    assertThat(checkpoint().version()).isZero();
    assertThatThrownBy(() -> engine().read(plan)).isInstanceOf(CheckpointConflictException.class);
    Thread.currentThread().interrupt();
    plan.completeNow(pipeline().build(), engine.reads(), engine.writes());

    assertThat(Thread.interrupted()).isTrue();
    assertThat(checkpoint().version()).isEqualTo(1);
  }
}
