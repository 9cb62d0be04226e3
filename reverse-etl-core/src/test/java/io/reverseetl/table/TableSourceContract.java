package io.reverseetl.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.testing.InMemoryRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link TableSource} keeps. A test of an implementation extends it, and brings a table
 * with the columns {@link #COLUMNS} that can be committed to; each test begins without a commit.
 */
public abstract class TableSourceContract {
  /** The table's columns. */
  protected static final StructType COLUMNS =
      StructType.of(
          Column.required("id", Primitive.STRING),
          Column.nullable("region", Primitive.STRING),
          Column.nullable("n", Primitive.LONG));

  private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");
  private static final RowJson JSON = new RowJson();

  private TableSource source;

  /** For subclasses. */
  protected TableSourceContract() {}

  /** A row of the table. */
  protected record TestRow(String id, @Nullable String region, @Nullable Long n) {
    /** Its values, in the order of the columns. */
    public @Nullable Object[] values() {
      return new @Nullable Object[] {id, region, n};
    }
  }

  /** What happens to one row in a commit. */
  protected record TestChange(ChangeType type, TestRow row) {}

  /** When the commit of a version is made: what {@link #commit} has to note down. */
  protected static Instant timeOf(long version) {
    return FIRST.plusSeconds(version);
  }

  /**
   * Opens the table.
   *
   * @return a source that the test closes; one more at each call, unless all would be the same
   */
  protected abstract TableSource open();

  /**
   * Commits, at {@link #timeOf} the new version. The first commit makes the table, with a change
   * feed. A preimage comes right before its postimage, and each row's id is there once.
   *
   * @param changes the changes of rows; none for a commit that changes none
   */
  protected abstract void commit(List<TestChange> changes);

  /** Removes what is needed to read the changes, and perhaps the states, before a version. */
  protected abstract void cleanBefore(long version);

  /** Puts another table, with the same commits, in the place of this one. */
  protected abstract void replace();

  /** How many files are open, if that can be told. */
  protected int openFiles() {
    return 0;
  }

  @BeforeEach
  final void openSource() {
    source = open();
  }

  @AfterEach
  final void nothingStaysOpen() {
    Thread.interrupted();
    source.close();
    source.close();
    assertThat(openFiles()).isZero();
  }

  private static TestRow row(String id, @Nullable String region, @Nullable Long n) {
    return new TestRow(id, region, n);
  }

  private static List<TestChange> insert(TestRow... rows) {
    return Stream.of(rows).map(row -> new TestChange(ChangeType.INSERT, row)).toList();
  }

  private static List<TestChange> delete(TestRow row) {
    return List.of(new TestChange(ChangeType.DELETE, row));
  }

  private static List<TestChange> update(TestRow before, TestRow after) {
    return List.of(
        new TestChange(ChangeType.UPDATE_PREIMAGE, before),
        new TestChange(ChangeType.UPDATE_POSTIMAGE, after));
  }

  @SafeVarargs
  private void commitAll(List<TestChange>... changes) {
    commit(Stream.of(changes).flatMap(List::stream).toList());
  }

  /** Version 0 has four rows, 1 updates one and deletes another, 2 has nothing, 3 inserts one. */
  private void commitFour() {
    commit(
        insert(row("a", "eu", 1L), row("b", "us", 2L), row("c", null, 3L), row("d", "eu", null)));
    commitAll(update(row("a", "eu", 1L), row("a", "us", 10L)), delete(row("b", "us", 2L)));
    commit(List.of());
    commit(insert(row("e", "eu", 5L)));
  }

  private static String json(TestRow row) {
    return JSON.toString(InMemoryRow.of(COLUMNS, row.values()));
  }

  private static List<String> json(TestRow... rows) {
    return Stream.of(rows).map(TableSourceContract::json).toList();
  }

  private static List<List<String>> ofVersions() {
    List<String> changed = json(row("a", "us", 10L), row("c", null, 3L), row("d", "eu", null));
    List<String> last = new ArrayList<>(changed);
    last.add(json(row("e", "eu", 5L)));
    return List.of(
        json(row("a", "eu", 1L), row("b", "us", 2L), row("c", null, 3L), row("d", "eu", null)),
        changed,
        changed,
        last);
  }

  private static List<String> read(Cursor<Row> rows) {
    List<String> lines = new ArrayList<>();
    RowJson json = new RowJson();
    try (rows) {
      while (rows.advance()) {
        lines.add(json.toString(rows.current()));
      }
    }
    return lines;
  }

  private static List<String> read(TableSnapshot snapshot) {
    List<String> lines = new ArrayList<>();
    for (SnapshotPart part : snapshot.parts()) {
      lines.addAll(read(snapshot.open(part)));
    }
    return lines;
  }

  private List<String> read(SnapshotQuery query) {
    try (TableSnapshot snapshot = source.openSnapshot(query)) {
      return read(snapshot);
    }
  }

  private static List<String> read(ChangeCursor changes) {
    List<String> lines = new ArrayList<>();
    try (changes) {
      while (changes.advance()) {
        RowChange change = changes.current();
        assertThat(change.commitTimestamp()).isEqualTo(timeOf(change.commitVersion()));
        lines.add(change.commitVersion() + " " + change.type() + " " + JSON.toString(change.row()));
      }
    }
    return lines;
  }

  private static String change(long version, ChangeType type, TestRow row) {
    return version + " " + type + " " + json(row);
  }

  private static void fails(TableReadException.Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TableReadException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private static void unavailable(
      ChangesUnavailableException.Reason reason, OptionalLong version, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ChangesUnavailableException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(reason);
              assertThat(e.version()).isEqualTo(version);
            });
  }

  // versions

  @Test
  void tellsThatThereIsNoTable() {
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> source.latestVersion(),
            () -> source.openSnapshot(SnapshotQuery.latest()),
            () -> source.openSnapshot(SnapshotQuery.atVersion(0)),
            () -> source.openSnapshot(SnapshotQuery.atTimestamp(FIRST)),
            () -> source.newestVersion(-1),
            () -> source.newestVersion(3),
            () -> source.openChanges(ChangeQuery.from(0)),
            () -> source.openChanges(ChangeQuery.from(3)))) {
      fails(TableReadException.Reason.TABLE_NOT_FOUND, call);
    }
  }

  @Test
  void tellsTheNewestVersionAndAlwaysTheSameTable() {
    commit(insert(row("a", "eu", 1L)));
    TableVersion first = source.latestVersion();
    commit(insert(row("b", "eu", 2L)));

    TableVersion second = source.latestVersion();

    assertThat(first.version()).isZero();
    assertThat(first.timestamp()).isEqualTo(timeOf(0));
    assertThat(second.version()).isEqualTo(1);
    assertThat(second.timestamp()).isEqualTo(timeOf(1));
    assertThat(second.tableId()).isEqualTo(first.tableId());
    assertThat(second.tableUri()).isEqualTo(first.tableUri()).doesNotContain("?");
    try (TableSource other = open()) {
      assertThat(other.latestVersion()).isEqualTo(second);
    }
  }

  @Test
  void looksForNewerVersionsThanAKnownOne() {
    commitFour();

    for (long known = -1; known <= 3; known++) {
      assertThat(source.newestVersion(known)).isEqualTo(3);
    }
    commit(List.of());
    assertThat(source.newestVersion(3)).isEqualTo(4);
    assertThatThrownBy(() -> source.newestVersion(-2)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void tellsThatThereAreFewerVersionsThanThereWere() {
    commitFour();

    unavailable(
        ChangesUnavailableException.Reason.TABLE_REPLACED,
        OptionalLong.of(3),
        () -> source.newestVersion(9));
  }

  // snapshots

  @Test
  void readsTheRowsOfEveryVersion() {
    commitFour();

    for (int version = 0; version <= 3; version++) {
      try (TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.atVersion(version))) {
        assertThat(snapshot.version().version()).isEqualTo(version);
        assertThat(snapshot.version().timestamp()).isEqualTo(timeOf(version));
        assertThat(snapshot.schema()).isEqualTo(COLUMNS);
        assertThat(snapshot.tableSchema()).isEqualTo(COLUMNS);
        assertThat(read(snapshot))
            .as("version %s", version)
            .containsExactlyInAnyOrderElementsOf(ofVersions().get(version));
      }
    }
    assertThat(read(SnapshotQuery.latest()))
        .containsExactlyInAnyOrderElementsOf(ofVersions().get(3));
  }

  @Test
  void findsTheVersionThatWasTheNewestAtAnInstant() {
    commitFour();

    for (int version = 0; version <= 3; version++) {
      for (long millis : new long[] {0, 999}) {
        Instant instant = timeOf(version).plusMillis(millis);
        if (instant.isAfter(timeOf(3))) {
          continue;
        }
        try (TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.atTimestamp(instant))) {
          assertThat(snapshot.version().version()).as("at %s", instant).isEqualTo(version);
        }
      }
    }
  }

  @Test
  void refusesVersionsAndInstantsThatAreNotThere() {
    commitFour();

    for (SnapshotQuery query :
        List.of(
            SnapshotQuery.atVersion(4),
            SnapshotQuery.atTimestamp(timeOf(0).minusMillis(1)),
            SnapshotQuery.atTimestamp(timeOf(3).plusMillis(1)))) {
      fails(TableReadException.Reason.VERSION_NOT_FOUND, () -> source.openSnapshot(query));
    }
  }

  @Test
  void aSnapshotDoesNotSeeLaterCommits() {
    commit(insert(row("a", "eu", 1L), row("b", "us", 2L)));
    try (TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
      commitAll(delete(row("a", "eu", 1L)), insert(row("c", "eu", 3L)));

      assertThat(read(snapshot))
          .containsExactlyInAnyOrderElementsOf(json(row("a", "eu", 1L), row("b", "us", 2L)));
      assertThat(snapshot.version().version()).isZero();
    }
  }

  @Test
  void showsTheChosenColumnsInTheOrderWanted() {
    commitFour();
    SnapshotQuery query = SnapshotQuery.latest().columns(List.of("n", "id"));

    try (TableSnapshot snapshot = source.openSnapshot(query)) {
      assertThat(snapshot.schema()).isEqualTo(StructType.of(COLUMNS.column(2), COLUMNS.column(0)));
      assertThat(snapshot.tableSchema()).isEqualTo(COLUMNS);
      List<String> rows = read(snapshot);
      assertThat(rows).hasSize(4).contains("{\"n\":10,\"id\":\"a\"}");
    }
    assertThat(read(SnapshotQuery.latest().columns(List.of()))).hasSize(4).containsOnly("{}");
  }

  @Test
  void asksForTheColumnsWhenItKnowsThoseOfTheTable() {
    commitFour();
    List<StructType> asked = new ArrayList<>();

    List<String> rows =
        read(
            SnapshotQuery.latest()
                .columns(
                    type -> {
                      asked.add(type);
                      return Optional.of(List.of("id"));
                    }));

    assertThat(asked).isNotEmpty().containsOnly(COLUMNS);
    assertThat(rows).hasSize(4).contains("{\"id\":\"e\"}");
    RuntimeException refusal = new IllegalStateException("no columns for you");
    assertThatThrownBy(
            () ->
                source.openSnapshot(
                    SnapshotQuery.latest()
                        .columns(
                            type -> {
                              throw refusal;
                            })))
        .isSameAs(refusal);
  }

  @Test
  void refusesColumnsThatAreNotThere() {
    commitFour();

    fails(
        TableReadException.Reason.COLUMN_NOT_FOUND,
        () -> source.openSnapshot(SnapshotQuery.latest().columns(List.of("id", "price"))));
    assertThatThrownBy(
            () -> source.openSnapshot(SnapshotQuery.latest().where(RowFilter.parse("price = 1"))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("price");
  }

  @Test
  void givesTheRowsThatTheFilterIsTrueFor() {
    commitFour();
    SnapshotQuery ids = SnapshotQuery.latest().columns(List.of("id"));

    for (List<String> want :
        List.of(
            List.of("region = 'eu'", "d", "e"),
            List.of("NOT region = 'eu'", "a"),
            List.of("region IS NULL", "c"),
            List.of("n > 4 AND region <> 'eu' OR n IS NULL", "a", "d"),
            List.of("id = 'nobody'"))) {
      List<String> expected = want.stream().skip(1).map(id -> "{\"id\":\"" + id + "\"}").toList();

      assertThat(read(ids.where(RowFilter.parse(want.get(0)))))
          .as(want.get(0))
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void givesPartsAndRowsInTheSameOrderAtEveryReading() {
    commitFour();
    List<SnapshotPart> parts;
    List<String> rows;
    try (TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
      parts = snapshot.parts();
      rows = read(snapshot);
      assertThat(snapshot.parts()).isEqualTo(parts);
      assertThat(read(snapshot)).isEqualTo(rows);
    }

    assertThat(parts.stream().map(SnapshotPart::id)).isSorted().doesNotHaveDuplicates();
    assertThatThrownBy(() -> parts.remove(0)).isInstanceOf(UnsupportedOperationException.class);
    try (TableSource other = open();
        TableSnapshot snapshot = other.openSnapshot(SnapshotQuery.atVersion(3))) {
      assertThat(snapshot.parts()).isEqualTo(parts);
      assertThat(read(snapshot)).isEqualTo(rows);
    }
  }

  @Test
  void countsTheRowsOfAPartRightWhereItCountsThem() {
    commitFour();
    try (TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
      for (SnapshotPart part : snapshot.parts()) {
        int rows = read(snapshot.open(part)).size();
        assertThat(part.rowCount().orElse(rows)).isEqualTo(rows);
      }
    }
  }

  @Test
  void doesNotKnowThePartsOfOthers() {
    commitFour();
    try (TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
      assertThatThrownBy(
              () -> snapshot.open(new SnapshotPart("somebody's", 1, OptionalLong.empty())))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("somebody's");
    }
  }

  @Test
  void severalThreadsReadPartsOfOneSnapshot() throws Exception {
    commitFour();
    SnapshotQuery query = SnapshotQuery.latest().where(RowFilter.parse("n > 2"));
    List<String> expected = read(query);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (TableSnapshot snapshot = source.openSnapshot(query)) {
      List<Future<List<String>>> reads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        reads.add(threads.submit(() -> read(snapshot)));
      }
      for (Future<List<String>> read : reads) {
        assertThat(read.get()).isEqualTo(expected);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  // changes

  @Test
  void givesTheChangesOfEveryCommitInTheOrderOfVersions() {
    commitFour();
    List<String> first =
        ofVersions().get(0).stream().map(row -> "0 " + ChangeType.INSERT + " " + row).toList();
    List<String> second =
        List.of(
            change(1, ChangeType.UPDATE_PREIMAGE, row("a", "eu", 1L)),
            change(1, ChangeType.UPDATE_POSTIMAGE, row("a", "us", 10L)),
            change(1, ChangeType.DELETE, row("b", "us", 2L)));

    List<String> changes = read(source.openChanges(ChangeQuery.from(0)));

    assertThat(changes).hasSize(8);
    assertThat(changes.subList(0, 4)).containsExactlyInAnyOrderElementsOf(first);
    assertThat(changes.subList(4, 7)).containsExactlyInAnyOrderElementsOf(second);
    assertThat(changes.get(7)).isEqualTo(change(3, ChangeType.INSERT, row("e", "eu", 5L)));
    assertThat(read(source.openChanges(ChangeQuery.from(0)))).isEqualTo(changes);
    try (TableSource other = open()) {
      assertThat(read(other.openChanges(ChangeQuery.from(1).to(3))))
          .isEqualTo(changes.subList(4, 8));
    }
  }

  @Test
  void tellsWhichCommitsItGives() {
    commitFour();

    for (long from = 0; from <= 3; from++) {
      for (long to = from; to <= 5; to++) {
        ChangeCursor cursor = source.openChanges(ChangeQuery.from(from).to(to));
        assertThat(cursor.fromVersion()).isEqualTo(from);
        assertThat(cursor.toVersion()).isEqualTo(Math.min(to, 3));
        long last = Math.min(to, 3);
        long first = from;
        assertThat(read(cursor)).allMatch(line -> version(line) >= first && version(line) <= last);
      }
    }
    assertThat(read(source.openChanges(ChangeQuery.from(2).to(2)))).isEmpty();
  }

  private static long version(String line) {
    return Long.parseLong(line.substring(0, line.indexOf(' ')));
  }

  @Test
  void doesNotSeeCommitsThatComeWhileItReads() {
    commitFour();
    ChangeCursor cursor = source.openChanges(ChangeQuery.from(3));

    commit(insert(row("f", "eu", 6L)));

    assertThat(cursor.toVersion()).isEqualTo(3);
    assertThat(read(cursor)).containsExactly(change(3, ChangeType.INSERT, row("e", "eu", 5L)));
  }

  @Test
  void isAtItsEndAtOnceWhereThereIsNoCommitYet() {
    commitFour();
    String id = source.latestVersion().tableId();

    for (ChangeQuery query : List.of(ChangeQuery.from(4), ChangeQuery.from(4).to(9).tableId(id))) {
      try (ChangeCursor cursor = source.openChanges(query)) {
        assertThat(cursor.fromVersion()).isEqualTo(4);
        assertThat(cursor.toVersion()).isEqualTo(3);
        assertThat(cursor.advance()).isFalse();
      }
    }
  }

  @Test
  void refusesARangeThatBeginsLaterThanWithTheNextCommit() {
    commitFour();
    String id = source.latestVersion().tableId();

    unavailable(
        ChangesUnavailableException.Reason.BEYOND_LATEST,
        OptionalLong.of(3),
        () -> source.openChanges(ChangeQuery.from(5)));
    unavailable(
        ChangesUnavailableException.Reason.TABLE_REPLACED,
        OptionalLong.of(3),
        () -> source.openChanges(ChangeQuery.from(5).tableId(id)));
  }

  @Test
  void refusesTheChangesOfAnotherTable() {
    commitFour();
    TableVersion before = source.latestVersion();
    replace();

    try (TableSource later = open()) {
      assertThat(later.latestVersion().tableId()).isNotEqualTo(before.tableId());
      for (long from = 0; from <= 4; from++) {
        ChangeQuery query = ChangeQuery.from(from).tableId(before.tableId());
        Throwable refusal =
            catchThrowable(
                () -> {
                  try (ChangeCursor cursor = later.openChanges(query)) {
                    assertThat(cursor.advance()).as("a row").isFalse();
                  }
                });
        assertThat(refusal)
            .as("from %s", from)
            .isInstanceOfSatisfying(
                ChangesUnavailableException.class,
                e ->
                    assertThat(e.reason())
                        .isEqualTo(ChangesUnavailableException.Reason.TABLE_REPLACED));
      }
      assertThat(read(later.openChanges(ChangeQuery.from(3)))).hasSize(1);
    }
  }

  @Test
  void refusesChangesThatAreCleaned() {
    commitFour();
    cleanBefore(2);

    try (TableSource later = open()) {
      for (long from : new long[] {0, 1}) {
        unavailable(
            ChangesUnavailableException.Reason.HISTORY_CLEANED,
            OptionalLong.of(2),
            () -> later.openChanges(ChangeQuery.from(from)));
      }
      for (long known : new long[] {-1, 0}) {
        unavailable(
            ChangesUnavailableException.Reason.HISTORY_CLEANED,
            OptionalLong.of(2),
            () -> later.newestVersion(known));
      }
      for (long known : new long[] {1, 2, 3}) {
        assertThat(later.newestVersion(known)).isEqualTo(3);
      }
      assertThat(read(later.openChanges(ChangeQuery.from(2))))
          .containsExactly(change(3, ChangeType.INSERT, row("e", "eu", 5L)));
      assertThat(later.latestVersion().version()).isEqualTo(3);
    }
  }

  @Test
  void tellsHowLongChangesAreKeptIfItCan() {
    commitFour();
    if (!(source instanceof RetainingTableSource retaining)) {
      return;
    }
    assertThat(retaining.earliestChanges()).isZero();
    assertThat(retaining.retention(2).nextCommit()).isPresent();
    assertThat(retaining.retention(3).nextCommit()).isEmpty();
    cleanBefore(2);

    try (TableSource later = open()) {
      RetainingTableSource cleaned = (RetainingTableSource) later;
      assertThat(cleaned.earliestChanges()).isEqualTo(2);
      assertThat(cleaned.retention(1).nextCommit()).isPresent();
      unavailable(
          ChangesUnavailableException.Reason.HISTORY_CLEANED,
          OptionalLong.of(2),
          () -> cleaned.retention(0));
      unavailable(
          ChangesUnavailableException.Reason.TABLE_REPLACED,
          OptionalLong.of(3),
          () -> cleaned.retention(7));
    }
  }

  // cursors

  private void withCursors(java.util.function.Consumer<Cursor<?>> test) {
    try (TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
      test.accept(snapshot.open(snapshot.parts().get(0)));
    }
    test.accept(source.openChanges(ChangeQuery.from(0)));
  }

  @Test
  void aCursorStandsOnNothingBeforeItsFirstAndAfterItsLastElement() {
    commitFour();
    withCursors(
        cursor -> {
          try (cursor) {
            assertThatThrownBy(cursor::current).isInstanceOf(IllegalStateException.class);
            while (cursor.advance()) {
              assertThat(cursor.current()).isNotNull();
            }
            assertThatThrownBy(cursor::current).isInstanceOf(IllegalStateException.class);
            assertThat(cursor.advance()).isFalse();
          }
        });
  }

  @Test
  void aCursorIsClosedBeforeItsEndAndTwice() {
    commitFour();
    for (int steps = 0; steps < 2; steps++) {
      int times = steps;
      withCursors(
          cursor -> {
            for (int i = 0; i < times; i++) {
              assertThat(cursor.advance()).isTrue();
            }
            cursor.close();
            cursor.close();
            assertThatThrownBy(cursor::advance).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(cursor::current).isInstanceOf(IllegalStateException.class);
          });
      assertThat(openFiles()).isZero();
    }
  }

  @Test
  void aSnapshotIsClosedTwice() {
    commitFour();
    TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest());
    snapshot.close();
    snapshot.close();
    assertThat(openFiles()).isZero();
  }

  @Test
  void anInterruptEndsACursorAndIsKept() {
    commitFour();
    withCursors(
        cursor -> {
          try (cursor) {
            Thread.currentThread().interrupt();

            fails(TableReadException.Reason.INTERRUPTED, cursor::advance);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(cursor.advance()).isFalse();
            assertThatThrownBy(cursor::current).isInstanceOf(IllegalStateException.class);
          }
          assertThat(openFiles()).isZero();
        });
  }
}
