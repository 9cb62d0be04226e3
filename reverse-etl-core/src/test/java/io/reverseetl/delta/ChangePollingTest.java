package io.reverseetl.delta;

import static io.reverseetl.delta.DeltaChangesTest.change;
import static io.reverseetl.delta.DeltaChangesTest.row;
import static io.reverseetl.delta.DeltaChangesTest.texts;
import static io.reverseetl.delta.HandMadeTable.commitInfo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.ChangesUnavailableException.Reason;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.storage.FolderStorage;
import io.reverseetl.storage.ForwardingStorage;
import io.reverseetl.storage.StoredFile;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeMethod;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.SchemaMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What it costs to follow a table, and how a cursor behaves. */
class ChangePollingTest {
  private static final int MANY = 10_000;

  @TempDir Path folder;
  private HandMadeTable table;
  private CountingStorage storage;
  private DeltaTableSource.Builder builder;

  @BeforeEach
  void makeTable() {
    table = new HandMadeTable(folder.resolve("table"), DeltaChangesTest.COLUMNS);
    builder =
        DeltaTableSource.builder(table.folder().toString())
            .storage(
                files -> {
                  storage = new CountingStorage(files);
                  return storage;
                });
  }

  private static Reason reason(ThrowingCallable call) {
    Throwable failure = catchThrowable(call);
    assertThat(failure).isInstanceOf(ChangesUnavailableException.class);
    return ((ChangesUnavailableException) failure).reason();
  }

  // cost

  @ParameterizedTest
  @EnumSource(SchemaMode.class)
  void followsALongLogWithOneListingForEachLookAndNoReplay(SchemaMode mode) {
    table.create();
    for (int i = 1; i < MANY; i++) {
      table.commit(commitInfo("WRITE"));
    }
    try (DeltaTableSource source = builder.build()) {
      ChangeQuery query = ChangeQuery.from(0).schemaMode(mode).tableId(table.id());
      source.openChanges(ChangeQuery.from(MANY - 1).schemaMode(mode).tableId(table.id())).close();
      storage.reset();

      assertThat(source.newestVersion(MANY - 1)).isEqualTo(MANY - 1);
      assertThat(storage.listings()).isEqualTo(1);
      assertThat(storage.opened()).isEmpty();
      storage.reset();

      long version = table.commit(table.add(table.write(row(1L, "a"))).toString());
      assertThat(source.newestVersion(MANY - 1)).isEqualTo(version);
      assertThat(storage.listings()).isEqualTo(1);
      assertThat(storage.opened()).isEmpty();
      storage.reset();

      ChangeQuery next = ChangeQuery.from(version).schemaMode(mode).tableId(table.id());
      assertThat(texts(ChangeLines.read(source, next)))
          .containsExactly(change(version, "insert", 1, "a"));
      assertThat(storage.listings()).isEqualTo(1);
      assertThat(storage.opened())
          .allMatch(file -> file.endsWith(version + ".json") || file.endsWith(".parquet"));
      storage.reset();

      ChangeQuery nothing = ChangeQuery.from(version + 1).schemaMode(mode).tableId(table.id());
      assertThat(ChangeLines.read(source, nothing)).isEmpty();
      assertThat(storage.listings()).isEqualTo(1);
      assertThat(storage.opened()).isEmpty();
      storage.reset();

      try (ChangeCursor cursor = source.openChanges(query)) {
        assertThat(cursor.toVersion()).isEqualTo(version);
        assertThat(storage.listings()).isLessThanOrEqualTo(2);
        assertThat(storage.opened()).hasSizeLessThanOrEqualTo(2 * CommitPlans.CHECKED_AHEAD);
      }
    }
  }

  @Test
  void asksOnceForTheLastCheckpointOfATableThatHasNone() {
    table.create(table.add(table.write(row(1L, "a"))).toString());
    try (DeltaTableSource source = builder.build()) {
      assertThat(source.latestVersion().version()).isZero();
    }

    assertThat(storage.askedFor().stream().filter(file -> file.endsWith("_last_checkpoint")))
        .hasSize(1);
  }

  @Test
  void readsTheCommitsOfALongRangeOneByOne() {
    String file = table.write(row(1L, "a"));
    table.create(table.add(file).toString());
    for (int i = 0; i < 300; i++) {
      table.commit(table.add(file).toString(), table.remove(file).vector(0).toString());
    }
    try (DeltaTableSource source = builder.build();
        ChangeCursor cursor =
            source.openChanges(ChangeQuery.from(0).schemaMode(SchemaMode.PER_COMMIT))) {
      assertThat(cursor.advance()).isTrue();
      assertThat(logFilesOpened()).doesNotContain("00000000000000000100.json");
      for (int i = 0; i < 100; i++) {
        assertThat(cursor.advance()).isTrue();
      }
      assertThat(cursor.current().commitVersion()).isEqualTo(100);
      assertThat(logFilesOpened())
          .contains("00000000000000000199.json")
          .doesNotContain("00000000000000000200.json");
      assertThat(storage.stillOpen()).isLessThanOrEqualTo(1);
    }
    assertThat(storage.stillOpen()).isZero();
  }

  private List<String> logFilesOpened() {
    return storage.opened().stream().map(f -> f.substring(f.lastIndexOf('/') + 1)).toList();
  }

  // newest version

  @Test
  void looksForNewVersionsFromTheBeginningOn() {
    table.create();
    table.commit(commitInfo("WRITE"));
    try (DeltaTableSource source = builder.build()) {
      assertThat(source.newestVersion(-1)).isEqualTo(1);
      assertThat(source.newestVersion(0)).isEqualTo(1);
      assertThat(source.newestVersion(1)).isEqualTo(1);
      assertThatThrownBy(() -> source.newestVersion(-2))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void tellsThatTheKnownVersionsSuccessorIsCleanedOrThatThereAreFewerVersions() throws Exception {
    table.create();
    for (int i = 0; i < 5; i++) {
      table.commit(commitInfo("WRITE"));
    }
    Files.delete(table.commitFile(1));
    Files.delete(table.commitFile(2));
    try (DeltaTableSource source = builder.build()) {
      assertThat(reason(() -> source.newestVersion(1))).isEqualTo(Reason.HISTORY_CLEANED);
      assertThat(source.newestVersion(2)).isEqualTo(5);
    }
  }

  @Test
  void tellsThatTheTableNowHasFewerVersions() {
    table.create();
    try (DeltaTableSource source = builder.build()) {
      assertThat(reason(() -> source.newestVersion(3))).isEqualTo(Reason.TABLE_REPLACED);
    }
  }

  @Test
  void tellsThatThereIsNoTable() {
    try (DeltaTableSource source = DeltaTableSource.open(folder.resolve("nothing").toString())) {
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              () -> source.newestVersion(-1),
              () -> source.newestVersion(7),
              () -> source.openChanges(ChangeQuery.from(0)),
              () -> source.openChanges(ChangeQuery.from(3)))) {
        assertThatThrownBy(call)
            .isInstanceOf(TableReadException.class)
            .extracting("reason")
            .isEqualTo(TableReadException.Reason.TABLE_NOT_FOUND);
      }
    }
  }

  @Test
  void noticesATableThatWasCreatedAnewWithMoreVersions() throws Exception {
    table.create();
    table.commit(commitInfo("WRITE"));
    try (DeltaTableSource source = builder.build()) {
      assertThat(ChangeLines.read(source, ChangeQuery.from(0).tableId(table.id()))).isEmpty();
      try (Stream<Path> files = Files.walk(table.folder())) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
      HandMadeTable anew = new HandMadeTable(folder.resolve("table"), DeltaChangesTest.COLUMNS);
      anew.create();
      for (int i = 0; i < 3; i++) {
        anew.commit(commitInfo("ANOTHER WRITE"));
      }

      assertThat(reason(() -> source.openChanges(ChangeQuery.from(2).tableId(table.id())).close()))
          .isEqualTo(Reason.TABLE_REPLACED);
    }
  }

  @Test
  void noticesATableThatWasCreatedAnewInTheSameSecondByCommitsOfTheSameSize() throws Exception {
    Path lake = Files.createDirectory(folder.resolve("lake"));
    HandMadeTable first = new HandMadeTable(lake.resolve("table"), DeltaChangesTest.COLUMNS);
    first.create();
    HandMadeTable anew = new HandMadeTable(folder.resolve("anew"), DeltaChangesTest.COLUMNS);
    anew.create();
    Path commit = Path.of("_delta_log", "00000000000000000000.json");
    Path old = first.folder().resolve(commit);
    assertThat(Files.size(anew.folder().resolve(commit))).isEqualTo(Files.size(old));
    try (DeltaTableSource stored =
            DeltaTableSource.builder("lake://test/table").storage(new WholeSeconds(lake)).build();
        DeltaTableSource local = DeltaTableSource.open(first.folder().toString())) {
      for (DeltaTableSource source : List.of(stored, local)) {
        source.openChanges(ChangeQuery.from(0).tableId(first.id())).close();
      }
      FileTime time = Files.getLastModifiedTime(old);

      Files.move(anew.folder().resolve(commit), old, StandardCopyOption.REPLACE_EXISTING);
      Files.setLastModifiedTime(old, time);

      for (DeltaTableSource source : List.of(stored, local)) {
        assertThat(
                reason(() -> source.openChanges(ChangeQuery.from(0).tableId(first.id())).close()))
            .isEqualTo(Reason.TABLE_REPLACED);
      }
    }
  }

  /** Tells times as many storages do. */
  private static final class WholeSeconds extends ForwardingStorage {
    WholeSeconds(Path folder) {
      super(new FolderStorage(folder));
    }

    @Override
    public Iterator<StoredFile> listFrom(String path) throws IOException {
      List<StoredFile> files = new ArrayList<>();
      super.listFrom(path)
          .forEachRemaining(
              file ->
                  files.add(
                      new StoredFile(
                          file.path(),
                          file.size(),
                          file.modified().truncatedTo(ChronoUnit.SECONDS),
                          file.state())));
      return files.iterator();
    }
  }

  // the cursor

  private void writeManyFiles() {
    table.create();
    List<String> adds = new ArrayList<>();
    for (int file = 0; file < 12; file++) {
      Object[][] rows = new Object[2_500][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = row((long) file * 10_000 + i, "v" + i);
      }
      adds.add(table.add(table.write(rows)).toString());
    }
    table.commit(adds.toArray(String[]::new));
  }

  @Test
  void givesTheSameOrderOnAnyNumberOfThreadsAndInLittleMemory() {
    writeManyFiles();
    List<String> expected;
    try (DeltaTableSource source = builder.changeReadThreads(1).build()) {
      expected = texts(ChangeLines.read(source, ChangeQuery.from(0)));
    }
    assertThat(expected).hasSize(30_000);
    for (long memory : new long[] {1, 3 << 20, 1 << 30}) {
      try (DeltaTableSource source = builder.changeReadThreads(4).readMemoryBytes(memory).build()) {
        assertThat(texts(ChangeLines.read(source, ChangeQuery.from(0)))).isEqualTo(expected);
        assertThat(storage.stillOpen()).isZero();
      }
    }
  }

  @Test
  void closesFilesWhenItIsClosedEarly() {
    writeManyFiles();
    try (DeltaTableSource source = builder.changeReadThreads(4).build()) {
      for (int rows : new int[] {0, 1, 3_000}) {
        ChangeCursor cursor = source.openChanges(ChangeQuery.from(0));
        for (int i = 0; i < rows; i++) {
          assertThat(cursor.advance()).isTrue();
        }
        cursor.close();
        cursor.close();
        assertThat(storage.stillOpen()).isZero();
        assertThatThrownBy(cursor::advance).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(cursor::current).isInstanceOf(IllegalStateException.class);
      }
    }
  }

  @Test
  void endsWithTheFailureOfAFileThatIsReadAhead() {
    writeManyFiles();
    try (DeltaTableSource source = builder.changeReadThreads(4).build();
        ChangeCursor cursor = source.openChanges(ChangeQuery.from(0))) {
      storage.failOnRead(path -> path.endsWith("part-3.parquet"), new IOException("gone"));
      List<ChangeLines.Read> rows = new ArrayList<>();
      Throwable failure =
          catchThrowable(
              () -> {
                while (cursor.advance()) {
                  rows.add(null);
                }
              });

      assertThat(failure)
          .isInstanceOf(TableReadException.class)
          .extracting("reason")
          .isEqualTo(TableReadException.Reason.UNAVAILABLE);
      assertThat(rows).hasSize(5_000);
      assertThat(cursor.advance()).isFalse();
      assertThat(storage.stillOpen()).isZero();
    }
  }

  @Test
  void stopsWhenTheThreadIsInterrupted() {
    writeManyFiles();
    for (int threads : new int[] {1, 4}) {
      try (DeltaTableSource source = builder.changeReadThreads(threads).build();
          ChangeCursor cursor = source.openChanges(ChangeQuery.from(0))) {
        assertThat(cursor.advance()).isTrue();
        Thread.currentThread().interrupt();
        Throwable failure =
            catchThrowable(
                () -> {
                  while (cursor.advance()) {
                    // goes on to the end of the batch
                  }
                });

        assertThat(failure)
            .isInstanceOf(TableReadException.class)
            .extracting("reason")
            .isEqualTo(TableReadException.Reason.INTERRUPTED);
      } finally {
        assertThat(Thread.interrupted()).isTrue();
      }
      assertThat(storage.stillOpen()).isZero();
    }
  }

  @Test
  void hasNoCurrentChangeBeforeTheFirstAndAfterTheLast() {
    table.create(table.add(table.write(row(1L, "a"))).toString());
    try (DeltaTableSource source = builder.build();
        ChangeCursor cursor = source.openChanges(ChangeQuery.from(0))) {
      assertThatThrownBy(cursor::current).isInstanceOf(IllegalStateException.class);
      assertThat(cursor.advance()).isTrue();
      var change = cursor.current();
      assertThat(cursor.advance()).isFalse();
      assertThatThrownBy(cursor::current).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(change::row).isInstanceOf(IllegalStateException.class);
    }
  }

  // comparing files

  @Test
  void comparesAsOftenAsRowsStandOnBothSides() {
    String before = table.write(row(1L, "a"), row(1L, "a"), row(1L, "a"), row(2L, "b"));
    table.create(table.add(before).toString());
    String after = table.write(row(1L, "a"), row(2L, "b"), row(2L, "b"), row(3L, "c"));
    table.commit(table.remove(before).toString(), table.add(after).toString());

    assertThat(diff(ChangeQuery.from(1)))
        .containsExactlyInAnyOrder(
            change(1, "delete", 1, "a"),
            change(1, "delete", 1, "a"),
            change(1, "insert", 2, "b"),
            change(1, "insert", 3, "c"));
  }

  @Test
  void makesUpdatesOfDeletesAndInsertsOfOneKey() {
    String before = table.write(row(1L, "a"), row(2L, "b"), row(3L, "c"), row(null, "n"));
    table.create(table.add(before).toString());
    String after = table.write(row(1L, "A"), row(3L, "c"), row(4L, "d"), row(null, "N"));
    String changes = table.writeChanges(row("insert", 77L, "not of the files"));
    table.commit(
        table.remove(before).toString(),
        table.add(after).toString(),
        table.cdc(changes).toString());

    assertThat(diff(ChangeQuery.from(1).keys(List.of("id"))))
        .containsExactly(
            "1 update_preimage {\"id\":null,\"v\":\"n\"}",
            "1 update_postimage {\"id\":null,\"v\":\"N\"}",
            change(1, "update_preimage", 1, "a"),
            change(1, "update_postimage", 1, "A"),
            change(1, "delete", 2, "b"),
            change(1, "insert", 4, "d"));
  }

  private List<String> diff(ChangeQuery query) {
    try (DeltaTableSource source = builder.build()) {
      return texts(ChangeLines.read(source, query.method(ChangeMethod.DIFF)));
    }
  }

  @Test
  void comparesCopiedRowsInTheColumnsAfterAChangeOfTheSchema() {
    String before = table.write(row(1L, "a"), row(2L, "b"));
    table.create(table.add(before).toString());
    table.schema(DeltaChangesTest.COLUMNS.add("n", io.delta.kernel.types.IntegerType.INTEGER));
    String after = table.write(row(1L, "a", null), row(2L, "b", 5));
    table.commit(table.metadata(), table.remove(before).toString(), table.add(after).toString());

    assertThat(diff(ChangeQuery.from(1).schemaMode(SchemaMode.PER_COMMIT).keys(List.of("id"))))
        .containsExactly(
            "1 update_preimage {\"id\":2,\"v\":\"b\",\"n\":null}",
            "1 update_postimage {\"id\":2,\"v\":\"b\",\"n\":5}");
  }

  @Test
  void comparesWithoutAFeed() {
    table.property("delta.enableChangeDataFeed", "false");
    String file = table.write(row(1L, "a"), row(2L, "b"));
    table.create(table.add(file).toString());
    table.commit(table.remove(file).toString(), table.add(file).vector(0).toString());

    assertThat(diff(ChangeQuery.from(1))).containsExactly(change(1, "delete", 1, "a"));
  }

  @Test
  void namesAKeyColumnThatIsNotThere() {
    table.create();
    assertThatThrownBy(() -> diff(ChangeQuery.from(0).keys(List.of("ID"))))
        .isInstanceOf(TableReadException.class)
        .hasMessageContaining("ID")
        .extracting("reason")
        .isEqualTo(TableReadException.Reason.COLUMN_NOT_FOUND);
  }

  @Test
  void deletesTemporaryFilesOnEveryPath() throws Exception {
    Path spill = Files.createDirectory(folder.resolve("spill"));
    writeManyFiles();
    List<String> removes = new ArrayList<>();
    for (int i = 1; i <= 12; i++) {
      removes.add(table.remove("part-" + i + ".parquet").toString());
    }
    removes.add(table.add(table.write(row(1L, "v1"), row(7_000_000L, "x"))).toString());
    long version = table.commit(removes.toArray(String[]::new));
    ChangeQuery query = ChangeQuery.from(version).method(ChangeMethod.DIFF);
    try (DeltaTableSource source =
        builder.diffFolder(spill).diffMemoryBytes(20_000).changeReadThreads(2).build()) {
      try (ChangeCursor cursor = source.openChanges(query)) {
        assertThat(cursor.advance()).isTrue();
        assertThat(spill).isNotEmptyDirectory();
      }
      assertThat(spill).isEmptyDirectory();

      assertThat(ChangeLines.read(source, query)).hasSize(30_000);
      assertThat(spill).isEmptyDirectory();

      try (ChangeCursor cursor = source.openChanges(query)) {
        storage.failOnRead(path -> path.endsWith("part-9.parquet"), new IOException("gone"));
        assertThatThrownBy(cursor::advance).isInstanceOf(TableReadException.class);
        assertThat(spill).isEmptyDirectory();
      }
    }
  }
}
