package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.reverseetl.CdcPoller;
import io.reverseetl.GapPolicy;
import io.reverseetl.InitialLoader;
import io.reverseetl.Pipeline;
import io.reverseetl.PollReport;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.table.ChangeMethod;
import io.reverseetl.table.ChangeRetention;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hazards of a poller that lie in the table's log. */
class PollHazardsTest {
  private static final StructType SCHEMA =
      new StructType().add("id", StringType.STRING, false).add("n", LongType.LONG, true);

  private static final String FEED = "delta.enableChangeDataFeed";
  private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

  @TempDir private Path folder;

  private final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/id");
  private final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();
  private HandMadeTable table;

  @BeforeEach
  void createATable() {
    table = new HandMadeTable(folder.resolve("table"), SCHEMA);
  }

  private Pipeline pipeline(DeltaTableSource source) {
    return Pipeline.builder("orders")
        .source(source)
        .mapper(ColumnMapper.builder().id("id").partitionKey("id").build())
        .sink(sink)
        .checkpoints(checkpoints)
        .ownsTarget(true)
        .readThreads(1)
        .clock(InstantSource.fixed(NOW))
        .build();
  }

  private DeltaTableSource source() {
    return DeltaTableSource.open(table.folder().toString());
  }

  private String insert(String id, long n) {
    return table.add(table.write(new Object[] {id, n})).toString();
  }

  private PollReport poll(GapPolicy policy, ChangeMethod method) {
    try (DeltaTableSource source = source()) {
      return CdcPoller.builder(pipeline(source)).onGap(policy).changes(method).build().pollOnce();
    }
  }

  private void load() {
    try (DeltaTableSource source = source()) {
      InitialLoader.of(pipeline(source)).load();
    }
  }

  private static DocumentKey key(String id) {
    return DocumentKey.of(id, id);
  }

  /** Version 1 turns the feed off, 2 and 3 change rows unseen, 4 turns it on again. */
  private void turnTheFeedOffAndOnAgain() {
    String first = table.write(new Object[] {"1", 1L});
    table.create(table.add(first).toString());
    load();
    table.property(FEED, "false");
    table.commit(HandMadeTable.commitInfo("SET TBLPROPERTIES"), table.metadata());
    table.commit(table.remove(first).toString());
    table.commit(insert("2", 2));
    table.property(FEED, "true");
    table.commit(HandMadeTable.commitInfo("SET TBLPROPERTIES"), table.metadata());
    table.commit(insert("3", 3));
  }

  @Test
  void hazard9AFeedThatWasOffIsAGapAndNeverSkipped() {
    turnTheFeedOffAndOnAgain();

    assertThatThrownBy(() -> poll(GapPolicy.FAIL, ChangeMethod.FEED))
        .isInstanceOfSatisfying(
            ChangesUnavailableException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(ChangesUnavailableException.Reason.FEED_OFF);
              assertThat(e.version()).hasValue(1);
            });

    assertThat(checkpoints.checkpoint("orders").orElseThrow().version()).isZero();
    assertThat(sink.documents()).containsOnlyKeys(key("1"));
  }

  @Test
  void hazard9TheGapOfAFeedThatWasOffIsClosedWhereAsked() {
    turnTheFeedOffAndOnAgain();

    PollReport report = poll(GapPolicy.DIFF, ChangeMethod.FEED);
    table.commit(insert("4", 4));
    PollReport next = poll(GapPolicy.FAIL, ChangeMethod.FEED);

    assertThat(report.reloaded()).isTrue();
    assertThat(next.reloaded()).isFalse();
    assertThat(next.toVersion()).isEqualTo(6);
    assertThat(sink.documents()).containsOnlyKeys(key("2"), key("3"), key("4"));
  }

  @Test
  void hazard9ATableWithoutAFeedIsPolledByItsFiles() {
    turnTheFeedOffAndOnAgain();

    PollReport report = poll(GapPolicy.FAIL, ChangeMethod.DIFF);

    assertThat(report.reloaded()).isFalse();
    assertThat(report.toVersion()).isEqualTo(5);
    assertThat(sink.documents()).containsOnlyKeys(key("2"), key("3"));
  }

  @Test
  void hazard11TimestampsThatGoBackwardsChangeNothing() {
    table.create(insert("1", 1));
    load();
    for (int version = 1; version <= 6; version++) {
      String file = table.write(new Object[] {"k", (long) version});
      table.commit(
          version == 1
              ? table.add(file).toString()
              : table.remove(file(version - 1)).toString() + "\n" + table.add(file));
    }
    // As a copy leaves them: the later the commit, the earlier its file.
    for (int version = 0; version <= 6; version++) {
      table.commitTime(version, NOW.minus(Duration.ofDays(version)).toEpochMilli());
    }

    try (DeltaTableSource source = source()) {
      CdcPoller poller = CdcPoller.builder(pipeline(source)).maxRangeCommits(2).build();
      assertThat(poller.pollUntil(3).toVersion()).isEqualTo(3);
      assertThat(sink.document(key("k")).orElseThrow()).containsEntry("n", 3);
      assertThat(poller.pollOnce().toVersion()).isEqualTo(6);
    }

    assertThat(sink.document(key("k")).orElseThrow()).containsEntry("n", 6);
    assertThat(poll(GapPolicy.FAIL, ChangeMethod.FEED).changesRead()).isZero();
  }

  /** The name of the data file that the commit of a version added. */
  private static String file(int version) {
    return "part-" + (version + 1) + ".parquet";
  }

  @Test
  void hazard8TellsTheRetentionOfATableThatSetsNone() {
    table.create(insert("1", 1));
    table.commit(insert("2", 2));
    table.commitTime(0, NOW.minus(Duration.ofDays(9)).toEpochMilli());
    table.commitTime(1, NOW.minus(Duration.ofDays(3)).toEpochMilli());

    try (DeltaTableSource source = source()) {
      ChangeRetention retention = source.retention(0);

      assertThat(retention.logRetention()).isEqualTo(Duration.ofDays(30));
      assertThat(retention.fileRetention()).isEqualTo(Duration.ofDays(7));
      assertThat(retention.safeUntil()).contains(NOW.plus(Duration.ofDays(4)));
      assertThat(source.retention(1).nextCommit()).isEqualTo(Optional.empty());
      assertThat(source.earliestChanges()).isZero();
    }
  }

  @Test
  void hazard8TellsTheRetentionThatTheTableSets() {
    table
        .property("delta.logRetentionDuration", "interval 36 hours")
        .property("delta.deletedFileRetentionDuration", "INTERVAL 1 week 2 days 3 minutes");
    table.create(insert("1", 1));

    try (DeltaTableSource source = source()) {
      ChangeRetention retention = source.retention(0);

      assertThat(retention.logRetention()).isEqualTo(Duration.ofHours(36));
      assertThat(retention.fileRetention()).isEqualTo(Duration.ofDays(9).plusMinutes(3));
      assertThat(retention.limit()).isEqualTo(Duration.ofHours(36));
    }
  }

  @Test
  void takesARetentionThatIsNoneForOneThatIsNotSet() {
    table
        .property("delta.logRetentionDuration", "interval 2 months")
        .property("delta.deletedFileRetentionDuration", "soon");
    table.create(insert("1", 1));

    try (DeltaTableSource source = source()) {
      assertThat(source.retention(0).logRetention()).isEqualTo(Duration.ofDays(30));
      assertThat(source.retention(0).fileRetention()).isEqualTo(Duration.ofDays(7));
    }
  }

  @Test
  void hazard8TellsThatItIsTooLate() throws Exception {
    Path copy = DeltaTables.copy("16-many-versions", folder);
    try (DeltaTableSource source = DeltaTableSource.open(copy.toString())) {
      long latest = source.latestVersion().version();
      assertThat(source.earliestChanges()).isZero();
      for (int version = 0; version <= 14; version++) {
        Files.deleteIfExists(copy.resolve("_delta_log/%020d.json".formatted(version)));
      }

      assertThatThrownBy(() -> source.retention(3))
          .isInstanceOfSatisfying(
              ChangesUnavailableException.class,
              e ->
                  assertThat(e.reason())
                      .isEqualTo(ChangesUnavailableException.Reason.HISTORY_CLEANED));
      assertThat(source.earliestChanges()).isBetween(15L, latest);
      assertThat(source.retention(latest - 1).nextCommit()).isPresent();
    }
  }
}
