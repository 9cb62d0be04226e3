package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.Lease;
import io.reverseetl.checkpoint.PollProgress;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.document.DeadLetterSink;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.Rejection;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.ChangeType;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.RowFilter;
import io.reverseetl.table.SchemaChange;
import io.reverseetl.table.SchemaChange.ColumnChange;
import io.reverseetl.table.SchemaChange.Kind;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemoryRow;
import io.reverseetl.testing.InMemoryTableSource;
import io.reverseetl.testing.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CdcPollerTest {
  private static final StructType SCHEMA =
      StructType.of(
          Column.required("id", Primitive.STRING),
          Column.required("region", Primitive.STRING),
          Column.nullable("state", Primitive.STRING),
          Column.nullable("hidden", Primitive.INTEGER));

  private static final DocumentMapper MAPPER =
      ColumnMapper.builder().id("id").partitionKey("region").exclude("hidden").build();

  private final ManualClock clock = new ManualClock();
  private final InMemoryTableSource table = InMemoryTableSource.of(SCHEMA, clock, 10);
  private final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/region");
  private final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();
  private final List<DeadLetter> letters = new ArrayList<>();

  @BeforeEach
  void load() {
    table.commit(table.insert("7", "eu", "placed", 0), table.insert("8", "eu", "placed", 0));
    InitialLoader.of(pipeline().build()).load();
    sink.forgetOperations();
  }

  private Pipeline.Builder pipeline() {
    return Pipeline.builder("orders")
        .source(table)
        .mapper(MAPPER)
        .sink(sink)
        .checkpoints(checkpoints)
        .readThreads(1)
        .clock(clock);
  }

  private Pipeline.Builder withLetters() {
    return pipeline()
        .deadLetters(
            new DeadLetterSink() {
              @Override
              public synchronized void write(DeadLetter letter) {
                letters.add(letter);
              }

              @Override
              public void flush() {}

              @Override
              public void close() {}
            });
  }

  private CdcPoller poller() {
    return CdcPoller.of(pipeline().build());
  }

  private InMemoryRow row(String id, String region, String state) {
    return table.row(id, region, state, 0);
  }

  private long update(InMemoryRow before, InMemoryRow after) {
    return table.commit(table.update(before, after));
  }

  private static DocumentKey key(String id) {
    return DocumentKey.of(id, "eu");
  }

  private Checkpoint checkpoint() {
    return checkpoints.checkpoint("orders").orElseThrow();
  }

  private Object state(String id) {
    return sink.document(key(id)).orElseThrow().get("state");
  }

  @Test
  void takesInEveryCommitThatIsThere() {
    update(row("7", "eu", "placed"), row("7", "eu", "sent"));
    table.commit(table.insert("9", "eu", "placed", 0));
    long deletion = table.commit(table.delete("8", "eu", "placed", 0));

    PollReport report = poller().pollOnce();

    assertThat(sink.documents()).containsOnlyKeys(key("7"), key("9"));
    assertThat(state("7")).isEqualTo("sent");
    assertThat(report.outcome()).isEqualTo(PollReport.Outcome.UP_TO_DATE);
    assertThat(report.fromVersion()).isZero();
    assertThat(report.toVersion()).isEqualTo(deletion);
    assertThat(report.documentsWritten()).isEqualTo(2);
    assertThat(report.documentsDeleted()).isEqualTo(1);
    assertThat(report.changesRead()).isEqualTo(4);
    assertThat(report.lagVersions()).isZero();
    assertThat(checkpoint().version()).isEqualTo(deletion);
    assertThat(checkpoint().poll()).isEmpty();
    assertThat(checkpoint().lease().orElseThrow().isHeld(clock.instant())).isFalse();
  }

  @Test
  void savesNothingWhereThereIsNothingNew() {
    int before = checkpoints.saves().size();

    PollReport report = poller().pollOnce();

    assertThat(report.outcome()).isEqualTo(PollReport.Outcome.UP_TO_DATE);
    assertThat(checkpoints.saves()).hasSize(before);
    assertThat(sink.sessions()).isEqualTo(1);
  }

  @Test
  void asksForALoadFirst() {
    InMemoryCheckpointStore empty = InMemoryCheckpointStore.create();

    assertThatThrownBy(() -> CdcPoller.of(pipeline().checkpoints(empty).build()).pollOnce())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("InitialLoader");
  }

  @Test
  void hazard1WritesADocumentOnceHoweverOftenItChanged() {
    update(row("7", "eu", "placed"), row("7", "eu", "packed"));
    update(row("7", "eu", "packed"), row("7", "eu", "sent"));
    update(row("7", "eu", "sent"), row("7", "eu", "done"));

    PollReport report = poller().pollOnce();

    assertThat(sink.writes(key("7"))).isEqualTo(1);
    assertThat(state("7")).isEqualTo("done");
    assertThat(report.operationsReduced()).isEqualTo(5);
  }

  @Test
  void hazard2ARewriteOfTheWholeTableDeletesOnlyWhatIsGone() {
    table.commit(
        table.delete("7", "eu", "placed", 0),
        table.delete("8", "eu", "placed", 0),
        table.insert("7", "eu", "sent", 0));

    poller().pollOnce();

    assertThat(sink.documents()).containsOnlyKeys(key("7"));
    assertThat(state("7")).isEqualTo("sent");
  }

  @Test
  void hazard2DuplicateKeysFailThePollAndWriteNothing() {
    table.commit(table.insert("9", "eu", "a", 0), table.insert("9", "eu", "b", 0));

    assertThatThrownBy(() -> poller().pollOnce())
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("2 different rows")
        .hasMessageContaining("commit 1");

    assertThat(sink.operations()).isEmpty();
    assertThat(checkpoint().version()).isZero();
  }

  @Test
  void hazard2DuplicateKeysBecomeDeadLettersWhereAsked() {
    table.commit(table.insert("9", "eu", "a", 0), table.insert("9", "eu", "b", 0));

    CdcPoller.of(withLetters().duplicateKeys(DuplicateKeys.deadLetters()).build()).pollOnce();

    assertThat(letters).extracting(DeadLetter::reason).containsOnly("DUPLICATE_KEY").hasSize(2);
    assertThat(letters.get(0).document()).isPresent();
    assertThat(sink.document(key("9"))).isEmpty();
    assertThat(checkpoint().version()).isEqualTo(1);
  }

  @Test
  void hazard2AnOrderingColumnDecidesBetweenDuplicates() {
    table.commit(table.insert("9", "eu", "new", 2), table.insert("9", "eu", "old", 1));

    CdcPoller.of(pipeline().duplicateKeys(DuplicateKeys.latestBy("hidden")).build()).pollOnce();

    assertThat(state("9")).isEqualTo("new");
  }

  @Test
  void hazard4TheNextRangeBeginsWhenEveryOperationHasEnded() {
    List<String> order = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      table.commit(table.insert("n" + i, "eu", "x", 0));
    }
    PipelineListener listener =
        new PipelineListener() {
          @Override
          public void onRangePlanned(PollRange range) {
            order.add("planned " + range.fromVersion() + " after " + sink.operations().size());
          }
        };

    CdcPoller.builder(pipeline().listener(listener).build()).maxRangeCommits(1).build().pollOnce();

    assertThat(order)
        .containsExactly("planned 1 after 0", "planned 2 after 1", "planned 3 after 2");
  }

  @Test
  void hazard5AMovedRowLeavesItsOldPartition() {
    update(row("7", "eu", "placed"), row("7", "us", "placed"));

    poller().pollOnce();

    assertThat(sink.documents()).containsOnlyKeys(DocumentKey.of("7", "us"), key("8"));
    assertThat(sink.operations())
        .extracting(operation -> operation.getClass().getSimpleName())
        .containsExactly("Upsert", "Delete");
  }

  @Test
  void hazard5ARowThatTookTheOldPlaceKeepsIt() {
    table.commit(
        table.update(row("7", "eu", "placed"), row("9", "eu", "placed")),
        table.update(row("8", "eu", "placed"), row("7", "eu", "placed")));

    poller().pollOnce();

    assertThat(sink.documents()).containsOnlyKeys(key("7"), key("9"));
  }

  @Test
  void hazard6ACrashedRangeIsWrittenAgainAsItWas() {
    update(row("7", "eu", "placed"), row("7", "eu", "sent"));
    update(row("8", "eu", "placed"), row("8", "eu", "sent"));
    sink.crashAfter(1);
    assertThatThrownBy(() -> poller().pollOnce()).isInstanceOf(WriteException.class);
    assertThat(checkpoint().version()).isZero();
    assertThat(checkpoint().poll()).contains(new PollProgress(2, RangeWriter.STEPS, 0));
    // Back to what they were: a longer range would take both for unchanged.
    update(row("7", "eu", "sent"), row("7", "eu", "placed"));
    update(row("8", "eu", "sent"), row("8", "eu", "placed"));

    poller().pollOnce();

    assertThat(state("7")).isEqualTo("placed");
    assertThat(state("8")).isEqualTo("placed");
  }

  @Test
  void hazard6APollerWhoseLeaseIsTakenOverWritesNothingMore() {
    update(row("7", "eu", "placed"), row("7", "eu", "sent"));
    PipelineListener sleeps =
        new PipelineListener() {
          @Override
          public void onRangePlanned(PollRange range) {
            clock.advance(Duration.ofMinutes(5));
            poller().pollOnce();
            sink.forgetOperations();
          }
        };

    assertThatThrownBy(() -> CdcPoller.of(pipeline().listener(sleeps).build()).pollOnce())
        .isInstanceOf(CheckpointConflictException.class);

    assertThat(sink.operations()).isEmpty();
    assertThat(checkpoint().version()).isEqualTo(1);
  }

  @Test
  void hazard6ASecondPollerStopsWhileTheFirstHoldsTheLease() {
    update(row("7", "eu", "placed"), row("7", "eu", "sent"));
    checkpoints.put(
        checkpoint()
            .leased(new Lease("other", clock.instant().plusSeconds(9), 4), clock.instant()));

    assertThatThrownBy(() -> poller().pollOnce())
        .isInstanceOf(CheckpointConflictException.class)
        .hasMessageContaining("other");
    assertThat(sink.operations()).isEmpty();

    clock.advance(Duration.ofSeconds(9));
    assertThat(poller().pollOnce().toVersion()).isEqualTo(1);
    assertThat(checkpoint().lease().orElseThrow().fence()).isEqualTo(5);
  }

  @Test
  void hazard6ALostAnswerToASaveIsNoConflict() {
    update(row("7", "eu", "placed"), row("7", "eu", "sent"));
    checkpoints.failNextSaveAfterItTookEffect();
    assertThatThrownBy(() -> poller().pollOnce()).isInstanceOf(CheckpointException.class);
    clock.advance(Duration.ofMinutes(5));

    assertThat(poller().pollOnce().toVersion()).isEqualTo(1);
  }

  @Test
  void hazard7DeadLettersAreDurableBeforeTheCheckpointMoves() {
    sink.reject(
        operation -> operation.key().id().equals("9"),
        new Rejection(Rejection.Reason.TOO_LARGE, 413, "Too large."));
    table.commit(table.insert("9", "eu", "x", 0));
    DeadLetterSink full =
        new DeadLetterSink() {
          @Override
          public void write(DeadLetter letter) {}

          @Override
          public void flush() {
            throw new WriteException("No space.", null);
          }

          @Override
          public void close() {}
        };

    assertThatThrownBy(() -> CdcPoller.of(pipeline().deadLetters(full).build()).pollOnce())
        .isInstanceOf(WriteException.class)
        .hasMessage("No space.");
    assertThat(checkpoint().version()).isZero();
  }

  @Test
  void setsABadRowAsideAndTakesTheRest() {
    table.commit(table.insert("", "eu", "x", 0), table.insert("9", "eu", "x", 0));

    PollReport report = CdcPoller.of(withLetters().build()).pollOnce();

    assertThat(report.deadLetters()).isEqualTo(1);
    assertThat(letters.get(0).sourceLocation()).isEqualTo("change 0 of commit 1");
    assertThat(sink.document(key("9"))).isPresent();
  }

  @Test
  void stopsAtMoreDeadLettersThanTheShareAllows() {
    table.commit(table.insert("", "eu", "x", 0), table.insert("9", "eu", "x", 0));

    assertThatThrownBy(() -> CdcPoller.of(withLetters().maxDeadLetterShare(0.4).build()).pollOnce())
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("1 of 2");
    assertThat(sink.operations()).isEmpty();
    assertThat(checkpoint().version()).isZero();
  }

  @Test
  void hazard8CleanedHistoryIsAGapAndNeverSkipped() {
    for (int i = 0; i < 3; i++) {
      table.commit(table.insert("n" + i, "eu", "x", 0));
    }
    table.forgetChangesBefore(2);
    List<ChangesUnavailableException> gaps = new ArrayList<>();
    PipelineListener listener =
        new PipelineListener() {
          @Override
          public void onGap(ChangesUnavailableException gap) {
            gaps.add(gap);
          }
        };

    assertThatThrownBy(() -> CdcPoller.of(pipeline().listener(listener).build()).pollOnce())
        .isInstanceOf(ChangesUnavailableException.class);

    assertThat(gaps).hasSize(1);
    assertThat(checkpoint().version()).isZero();
    assertThat(sink.operations()).isEmpty();
  }

  @Test
  void hazard10CommitsWithoutAChangeMoveTheCheckpoint() {
    table.commit();
    table.commit();

    assertThat(poller().pollOnce().toVersion()).isEqualTo(2);
    assertThat(sink.operations()).isEmpty();
  }

  @Test
  void hazard12AnotherTableAtTheSamePlaceIsAGap() {
    table.recreate();
    table.commit(table.insert("9", "eu", "x", 0));

    assertThatThrownBy(() -> poller().pollOnce())
        .isInstanceOf(ChangesUnavailableException.class)
        .extracting("reason")
        .isEqualTo(ChangesUnavailableException.Reason.TABLE_REPLACED);
  }

  @Test
  void hazard13ANewColumnGoesOn() {
    StructType wider =
        StructType.of(
            SCHEMA.column(0),
            SCHEMA.column(1),
            SCHEMA.column(2),
            SCHEMA.column(3),
            Column.nullable("note", Primitive.STRING));
    table.alter(
        wider,
        List.of(new ColumnChange(Kind.ADDED, "note", "note")),
        row ->
            InMemoryRow.of(wider, row.getString(0), row.getString(1), row.getString(2), 0, null));
    table.commit(table.insert("9", "eu", "x", 0, "hello"));

    poller().pollOnce();

    assertThat(sink.document(key("9")).orElseThrow()).containsEntry("note", "hello");
  }

  @Test
  void hazard13ADroppedColumnPausesExactlyThereWithEverythingBeforeItSaved() {
    table.commit(table.insert("9", "eu", "x", 0));
    dropState();
    table.commit(table.insert("10", "eu", 0));

    CdcPoller poller = poller();
    PollReport report = poller.pollOnce();

    assertThat(report.outcome()).isEqualTo(PollReport.Outcome.SCHEMA_CHANGED);
    assertThat(report.toVersion()).isEqualTo(1);
    assertThat(report.schemaChange().map(SchemaChange::commitVersion)).contains(2L);
    assertThat(sink.documents()).containsOnlyKeys(key("7"), key("8"), key("9"));
    assertThat(poller.pollOnce().outcome()).isEqualTo(PollReport.Outcome.SCHEMA_CHANGED);
    assertThat(checkpoint().version()).isEqualTo(1);
  }

  @Test
  void hazard13ADroppedColumnFailsWhereAsked() {
    table.commit(table.insert("9", "eu", "x", 0));
    dropState();

    assertThatThrownBy(
            () ->
                CdcPoller.builder(pipeline().build())
                    .onSchemaChange(SchemaPolicy.FAIL)
                    .build()
                    .pollOnce())
        .isInstanceOf(ChangesUnavailableException.class)
        .extracting("reason")
        .isEqualTo(ChangesUnavailableException.Reason.INCOMPATIBLE_SCHEMA);
    assertThat(checkpoint().version()).isEqualTo(1);
    assertThat(sink.document(key("9"))).isPresent();
  }

  @Test
  void hazard13ADroppedColumnGoesOnWhereAsked() {
    dropState();
    table.commit(table.insert("10", "eu", 0));

    CdcPoller.builder(pipeline().build()).onSchemaChange(SchemaPolicy.CONTINUE).build().pollOnce();

    assertThat(sink.document(key("10")).orElseThrow()).doesNotContainKey("state");
  }

  @Test
  void hazard13AColumnThatTheMapperNamesAndThatVanishedAlwaysStops() {
    DocumentMapper names =
        ColumnMapper.builder()
            .id("id")
            .partitionKey("region")
            .exclude("hidden")
            .rename("state", "status")
            .build();
    table.commit(table.insert("9", "eu", "x", 0));
    dropState();
    table.commit(table.insert("10", "eu", 0));

    assertThatThrownBy(
            () ->
                CdcPoller.builder(pipeline().mapper(names).build())
                    .onSchemaChange(SchemaPolicy.CONTINUE)
                    .build()
                    .pollOnce())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("state");
    assertThat(checkpoint().version()).isEqualTo(2);
    assertThat(sink.document(key("9"))).isPresent();
  }

  @Test
  void hazard13AColumnThatTheMapperDoesNotReadMayGo() {
    StructType without = StructType.of(SCHEMA.column(0), SCHEMA.column(1), SCHEMA.column(2));
    DocumentMapper include =
        ColumnMapper.builder().id("id").partitionKey("region").include("state").build();
    table.alter(
        without,
        List.of(new ColumnChange(Kind.DROPPED, "hidden", "hidden")),
        row -> InMemoryRow.of(without, row.getString(0), row.getString(1), row.getString(2)));
    table.commit(table.insert("9", "eu", "x"));

    CdcPoller.of(pipeline().mapper(include).build()).pollOnce();

    assertThat(sink.document(key("9"))).isPresent();
  }

  private void dropState() {
    StructType without = StructType.of(SCHEMA.column(0), SCHEMA.column(1), SCHEMA.column(3));
    table.alter(
        without,
        List.of(new ColumnChange(Kind.DROPPED, "state", "state")),
        row -> InMemoryRow.of(without, row.getString(0), row.getString(1), 0));
  }

  @Test
  void hazard14ASoftDeleteFlagsTheDocumentAndAReinsertClearsTheFlag() {
    Pipeline soft =
        pipeline().deletes(Deletes.soft("deleted").expireAfter(Duration.ofDays(1))).build();
    table.commit(table.delete("7", "eu", "placed", 0));

    CdcPoller.of(soft).pollOnce();

    assertThat(sink.document(key("7")).orElseThrow())
        .containsEntry("deleted", true)
        .containsEntry("ttl", 86_400)
        .containsEntry("state", "placed");

    table.commit(table.insert("7", "eu", "again", 0));
    CdcPoller.of(soft).pollOnce();

    assertThat(sink.document(key("7")).orElseThrow())
        .doesNotContainKeys("deleted", "ttl")
        .containsEntry("state", "again");
  }

  @Test
  void hazard14ATombstoneKeepsTheKeyOnly() {
    table.commit(table.delete("7", "eu", "placed", 0));

    CdcPoller.of(pipeline().deletes(Deletes.tombstone("gone")).build()).pollOnce();

    assertThat(sink.document(key("7")).orElseThrow())
        .isEqualTo(Map.of("id", "7", "region", "eu", "gone", true));
  }

  @Test
  void hazard14IgnoredDeletesLeaveTheDocument() {
    table.commit(table.delete("7", "eu", "placed", 0));

    CdcPoller.of(pipeline().deletes(Deletes.ignored()).build()).pollOnce();

    assertThat(state("7")).isEqualTo("placed");
    assertThat(checkpoint().version()).isEqualTo(1);
  }

  @Test
  void hazard14ADocumentThatIsNotThereCountsAsDeleted() {
    sink.remove(key("7"));
    table.commit(table.delete("7", "eu", "placed", 0));

    assertThat(poller().pollOnce().documentsDeleted()).isEqualTo(1);
  }

  @Test
  void hazard14ARowThatLeavesThePredicateIsDeleted() {
    Pipeline placed = pipeline().where(RowFilter.parse("state = 'placed'")).build();
    update(row("7", "eu", "placed"), row("7", "eu", "sent"));
    update(row("7", "eu", "sent"), row("7", "eu", "returned"));

    CdcPoller.of(placed).pollOnce();
    assertThat(sink.documents()).containsOnlyKeys(key("8"));

    update(row("7", "eu", "returned"), row("7", "eu", "placed"));
    CdcPoller.of(placed).pollOnce();
    assertThat(sink.documents()).containsOnlyKeys(key("7"), key("8"));
  }

  @Test
  void hazard15AnUnchangedDocumentIsNotTouchedSoItsTimeToLiveRunsOn() {
    update(row("7", "eu", "placed"), table.row("7", "eu", "placed", 42));

    PollReport report = poller().pollOnce();

    assertThat(sink.operations()).isEmpty();
    assertThat(report.documentsUnchanged()).isEqualTo(1);
    assertThat(report.requestUnitsSaved()).isPositive();
    assertThat(checkpoint().version()).isEqualTo(1);
  }

  @Test
  void hazard29CarriedOverRowsAreNotWritten() {
    table.commit(
        table.delete("7", "eu", "placed", 0),
        table.delete("8", "eu", "placed", 0),
        table.insert("7", "eu", "placed", 0),
        table.insert("8", "eu", "sent", 0));

    poller().pollOnce();

    assertThat(sink.operations()).extracting(DocumentOperation::key).containsExactly(key("8"));
  }

  @Test
  void hazard27WhatTheTargetRefusesForAUniqueValueIsTriedAgainAfterTheDeletes() {
    boolean[] free = new boolean[1];
    sink.reject(
        operation -> {
          free[0] |= operation instanceof DocumentOperation.Delete;
          return operation.key().id().equals("9") && !free[0];
        },
        new Rejection(Rejection.Reason.CONFLICT, 409, "The value is taken."));
    table.commit(table.insert("9", "eu", "x", 0), table.delete("7", "eu", "placed", 0));

    poller().pollOnce();

    assertThat(sink.documents()).containsOnlyKeys(key("8"), key("9"));
  }

  @Test
  void hazard28AnOrderInsideACommitChangesNothing() {
    table.commit(
        List.of(
            new InMemoryTableSource.Change(ChangeType.UPDATE_POSTIMAGE, row("7", "eu", "sent")),
            new InMemoryTableSource.Change(ChangeType.UPDATE_PREIMAGE, row("7", "eu", "placed"))));

    poller().pollOnce();

    assertThat(state("7")).isEqualTo("sent");
  }

  @Test
  void hazard30StampsDocumentsSoThatForeignWritersShow() {
    update(row("7", "eu", "placed"), row("7", "eu", "sent"));

    CdcPoller.of(pipeline().stampSourceVersion(true).build()).pollOnce();

    assertThat(sink.document(key("7")).orElseThrow()).containsEntry(Document.SOURCE_VERSION, 1);
  }

  @Test
  void stopsAtTheDeadlineInsideACommitAndGoesOnThere() {
    @SuppressWarnings("unchecked")
    List<InMemoryTableSource.Change>[] rows = new List[200];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = table.insert("n" + i, "eu", "x", 0);
    }
    table.commit(rows);
    sink.requestUnits(
        operation -> {
          clock.advance(Duration.ofSeconds(1));
          return 1;
        });

    PollReport first = poller().pollOnce(Duration.ofSeconds(60));

    assertThat(first.outcome()).isEqualTo(PollReport.Outcome.DEADLINE_REACHED);
    assertThat(first.documentsWritten()).isBetween(60L, 80L);
    assertThat(checkpoint().version()).isZero();
    assertThat(checkpoint().poll().orElseThrow().stepsDone()).isPositive();

    PollReport second = poller().pollOnce();

    assertThat(second.documentsWritten()).isEqualTo(200 - first.documentsWritten());
    assertThat(sink.documents()).hasSize(202);
    assertThat(second.toVersion()).isEqualTo(1);
  }

  @Test
  void stopsWhenAsked() {
    for (int i = 0; i < 3; i++) {
      table.commit(table.insert("n" + i, "eu", "x", 0));
    }
    CdcPoller[] poller = new CdcPoller[1];
    PipelineListener asks =
        new PipelineListener() {
          @Override
          public void onRangePlanned(PollRange range) {
            poller[0].requestStop();
          }
        };
    poller[0] = CdcPoller.builder(pipeline().listener(asks).build()).maxRangeCommits(1).build();

    PollReport report = poller[0].pollOnce();

    assertThat(report.outcome()).isEqualTo(PollReport.Outcome.STOPPED);
    assertThat(report.toVersion()).isLessThan(3);
    assertThat(poller().pollOnce().toVersion()).isEqualTo(3);
    assertThat(sink.documents()).hasSize(5);
  }

  @Test
  void stopsWhenInterruptedAndStaysInterrupted() {
    table.commit(table.insert("n", "eu", "x", 0));
    Thread.currentThread().interrupt();

    PollReport report = poller().pollOnce();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(report.outcome()).isEqualTo(PollReport.Outcome.STOPPED);
    assertThat(poller().pollOnce().toVersion()).isEqualTo(1);
  }

  @Test
  void goesNoFurtherThanTheVersionAskedFor() {
    for (int i = 0; i < 3; i++) {
      table.commit(table.insert("n" + i, "eu", "x", 0));
    }

    assertThat(poller().pollUntil(2).toVersion()).isEqualTo(2);
    assertThat(poller().pollUntil(1).toVersion()).isEqualTo(2);
    assertThat(poller().pollUntil(99).toVersion()).isEqualTo(3);
  }

  @Test
  void boundsRangesByCommitsRowsAndBytes() {
    for (int i = 0; i < 4; i++) {
      table.commit(table.insert("n" + i, "eu", "x", 0), table.insert("m" + i, "eu", "x", 0));
    }

    assertThat(ranges(CdcPoller.builder(pipeline().build()).maxRangeCommits(3))).isEqualTo(2);
    assertThat(ranges(CdcPoller.builder(pipeline().build()).maxRangeRows(3))).isEqualTo(2);
    assertThat(ranges(CdcPoller.builder(pipeline().build()).maxRangeBytes(1))).isEqualTo(4);
  }

  private int ranges(CdcPoller.Builder builder) {
    Checkpoint before = checkpoint();
    int ranges = builder.build().pollOnce().ranges();
    checkpoints.put(before);
    return ranges;
  }

  @Test
  void tellsHowFarBehindTheTargetIs() {
    List<String> lags = new ArrayList<>();
    table.commit(table.insert("n", "eu", "x", 0));
    clock.advance(Duration.ofSeconds(30));
    table.commit(table.insert("m", "eu", "x", 0));
    PipelineListener listener =
        new PipelineListener() {
          @Override
          public void onLag(long versions, Optional<Duration> lag) {
            lags.add(versions + " " + lag.orElseThrow());
          }
        };

    CdcPoller.builder(pipeline().listener(listener).build()).maxRangeCommits(1).build().pollOnce();

    assertThat(lags).containsExactly("1 PT30S", "0 PT0S");
  }

  @Test
  void pollsByItselfUntilItIsClosed() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    PipelineListener listener =
        new PipelineListener() {
          @Override
          public void onPollFinished(PollReport report) {
            if (report.toVersion() == 3) {
              reached.countDown();
            }
          }
        };
    try (CdcPoller poller =
        CdcPoller.builder(pipeline().listener(listener).build())
            .interval(Duration.ofMillis(1))
            .build()) {
      poller.start();
      for (int i = 0; i < 3; i++) {
        table.commit(table.insert("n" + i, "eu", "x", 0));
      }
      reached.await();
      poller.close();
      poller.await();
    }
    assertThat(sink.documents()).hasSize(5);
  }

  @Test
  void triesAgainAfterAFailureThatPassesAndStopsAtOneThatDoesNot() throws Exception {
    List<Boolean> pauses = new ArrayList<>();
    table.commit(table.insert("n", "eu", "x", 0));
    sink.crashAfter(0);
    PipelineListener listener =
        new PipelineListener() {
          @Override
          public void onPollFailed(RuntimeException failure, Optional<Duration> pause) {
            pauses.add(pause.isPresent());
          }

          @Override
          public void onPollFinished(PollReport report) {
            table.forgetChangesBefore(99);
            table.commit(table.insert("m" + report.toVersion(), "eu", "x", 0));
          }
        };
    try (CdcPoller poller =
        CdcPoller.builder(pipeline().listener(listener).build())
            .interval(Duration.ofMillis(1))
            .build()) {
      poller.start();

      assertThatThrownBy(poller::await).isInstanceOf(ChangesUnavailableException.class);
    }
    assertThat(pauses).containsExactly(true, false);
    assertThat(checkpoint().version()).isEqualTo(1);
  }

  @Test
  void pausesAndResumes() throws Exception {
    CountDownLatch polled = new CountDownLatch(1);
    table.commit(table.insert("n", "eu", "x", 0));
    PipelineListener listener =
        new PipelineListener() {
          @Override
          public void onPollFinished(PollReport report) {
            polled.countDown();
          }
        };
    try (CdcPoller poller = CdcPoller.of(pipeline().listener(listener).build())) {
      poller.pause();
      poller.start();
      assertThat(polled.getCount()).isEqualTo(1);
      poller.resume();
      polled.await();
    }
    assertThat(checkpoint().version()).isEqualTo(1);
  }

  @Test
  void takesNothingOnceItIsClosed() {
    CdcPoller poller = poller();
    poller.close();
    poller.close();

    assertThatThrownBy(poller::pollOnce).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(poller::start).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void leavesTheLeaseFreeAfterAFailure() {
    update(row("7", "eu", "placed"), row("7", "eu", "sent"));
    sink.crashAfter(0);
    assertThatThrownBy(() -> poller().pollOnce()).isInstanceOf(WriteException.class);

    assertThat(checkpoint().lease().orElseThrow().isHeld(clock.instant())).isFalse();
    assertThat(sink.openSessions()).isZero();
    assertThat(poller().pollOnce().toVersion()).isEqualTo(1);
  }

  @Test
  void knowsARunnerOfThisMachineThatIsDead() throws Exception {
    String dead = RunnerIdentity.create().replaceFirst("\\.t[0-9]+/", ".t1/");

    assertThat(RunnerIdentity.isDead(RunnerIdentity.create())).isFalse();
    assertThat(RunnerIdentity.isDead("other")).isFalse();
    if (!dead.startsWith("-")) {
      assertThat(RunnerIdentity.isDead(dead)).isTrue();
      assertThat(RunnerIdentity.isDead(dead.replace(".t1/", ".t0/"))).isFalse();
    }
  }
}
