package io.reverseetl.delta;

import static io.reverseetl.delta.HandMadeTable.commitInfo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.reverseetl.delta.ChangeLines.Read;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.ChangesUnavailableException.Reason;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeMethod;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.SchemaChange;
import io.reverseetl.table.SchemaChange.ColumnChange;
import io.reverseetl.table.SchemaChange.Kind;
import io.reverseetl.table.SchemaMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The change feed of logs that Spark does not write, or not any more. */
class DeltaChangesTest {
  static final StructType COLUMNS =
      new StructType().add("id", LongType.LONG).add("v", StringType.STRING);

  @TempDir Path folder;

  private HandMadeTable table() {
    return new HandMadeTable(folder.resolve("table"), COLUMNS);
  }

  static Object[] row(Object... values) {
    return values;
  }

  private static DeltaTableSource open(HandMadeTable table) {
    return DeltaTableSource.open(table.folder().toString());
  }

  static List<String> read(HandMadeTable table, ChangeQuery query) {
    try (DeltaTableSource source = open(table)) {
      return texts(ChangeLines.read(source, query));
    }
  }

  static List<String> texts(List<Read> changes) {
    return changes.stream().map(c -> c.version() + " " + c.typeName() + " " + c.row()).toList();
  }

  private static List<String> read(HandMadeTable table, long from) {
    return read(table, ChangeQuery.from(from));
  }

  static String change(long version, String type, long id, String value) {
    return version + " " + type + " {\"id\":" + id + ",\"v\":\"" + value + "\"}";
  }

  /** Reads nothing: fails before the first row. */
  private static ChangesUnavailableException refusal(HandMadeTable table, ChangeQuery query) {
    return (ChangesUnavailableException)
        failureBeforeTheFirstRow(table, query, ChangesUnavailableException.class);
  }

  private static TableReadException.Reason failure(HandMadeTable table, long from) {
    return failure(table, ChangeQuery.from(from));
  }

  private static TableReadException.Reason failure(HandMadeTable table, ChangeQuery query) {
    return ((TableReadException) failureBeforeTheFirstRow(table, query, TableReadException.class))
        .reason();
  }

  private static Throwable failureBeforeTheFirstRow(
      HandMadeTable table, ChangeQuery query, Class<? extends Throwable> type) {
    Throwable failure =
        catchThrowable(
            () -> {
              try (DeltaTableSource source = open(table);
                  ChangeCursor cursor = source.openChanges(query)) {
                assertThat(cursor.advance()).as("a row").isFalse();
              }
            });
    assertThat(failure).isInstanceOf(type);
    return failure;
  }

  // which actions are changes

  @Test
  void givesAddedFilesAsInsertsAndRemovedOnesAsDeletes() {
    HandMadeTable table = table();
    String first = table.write(row(1L, "a"), row(2L, "b"));
    table.create(table.add(first).toString());
    String second = table.write(row(3L, "c"));
    table.commit(table.add(second).toString(), table.remove(first).toString());

    assertThat(read(table, 0))
        .containsExactly(
            change(0, "insert", 1, "a"),
            change(0, "insert", 2, "b"),
            change(1, "delete", 1, "a"),
            change(1, "delete", 2, "b"),
            change(1, "insert", 3, "c"));
  }

  @Test
  void readsOnlyTheChangeFilesOfACommitThatHasSome() {
    HandMadeTable table = table();
    String before = table.write(row(1L, "a"), row(2L, "b"));
    table.create(table.add(before).toString());
    String after = table.write(row(1L, "A"), row(2L, "b"));
    String changes =
        table.writeChanges(row("update_preimage", 1L, "a"), row("update_postimage", 1L, "A"));
    table.commit(
        table.remove(before).toString(),
        table.add(after).toString(),
        table.cdc(changes).toString());

    assertThat(read(table, 1))
        .containsExactly(
            change(1, "update_preimage", 1, "a"), change(1, "update_postimage", 1, "A"));
  }

  @Test
  void leavesOutFilesThatBringNoNewData() {
    HandMadeTable table = table();
    String small = table.write(row(1L, "a"));
    table.create(table.add(small).toString());
    String compacted = table.write(row(1L, "a"));
    table.commit(
        table.remove(small).with("dataChange", false).toString(),
        table.add(compacted).with("dataChange", false).toString());

    assertThat(read(table, 1)).isEmpty();
  }

  @Test
  void leavesOutAMergeOfAnOldWriterThatSaysItChangedNothing() {
    HandMadeTable table = table();
    String before = table.write(row(1L, "a"));
    table.create(table.add(before).toString());
    String copy = table.write(row(1L, "a"));
    table.commit(
        merge(
            Map.of(
                "numTargetRowsInserted",
                "0",
                "numTargetRowsUpdated",
                "0",
                "numTargetRowsDeleted",
                "0")),
        table.remove(before).toString(),
        table.add(copy).toString());

    assertThat(read(table, 1)).isEmpty();
  }

  @Test
  void readsAMergeThatDoesNotSayThatItChangedNothing() {
    HandMadeTable table = table();
    String before = table.write(row(1L, "a"));
    table.create(table.add(before).toString());
    String copy = table.write(row(1L, "a"));
    table.commit(
        merge(Map.of("numTargetRowsInserted", "0", "numTargetRowsUpdated", "0")),
        table.remove(before).toString(),
        table.add(copy).toString());
    table.commit(
        commitInfo(
            Map.of(
                "operation",
                "UPDATE",
                "operationMetrics",
                Map.of(
                    "numTargetRowsInserted", "0",
                    "numTargetRowsUpdated", "0",
                    "numTargetRowsDeleted", "0"))),
        table.remove(copy).toString());

    assertThat(read(table, 1))
        .containsExactly(
            change(1, "delete", 1, "a"), change(1, "insert", 1, "a"), change(2, "delete", 1, "a"));
  }

  private static String merge(Map<String, String> metrics) {
    return commitInfo(Map.of("operation", "MERGE", "operationMetrics", metrics));
  }

  @Test
  void cancelsARemovedAndAnAddedFileOfOnePathWithoutVectors() {
    HandMadeTable table = table();
    String file = table.write(row(1L, "a"));
    String other = table.write(row(2L, "b"));
    table.create(table.add(file).toString());
    table.commit(
        table.remove(file).toString(), table.add(file).toString(), table.add(other).toString());

    assertThat(read(table, 1)).containsExactly(change(1, "insert", 2, "b"));
  }

  @Test
  void refusesACommitThatAddsOneFileTwiceInDifferentWays() {
    HandMadeTable table = table();
    String file = table.write(row(1L, "a"), row(2L, "b"));
    table.create(table.add(file).toString(), table.add(file).vector(0).toString());

    assertThat(failure(table, 0)).isEqualTo(TableReadException.Reason.CORRUPT_LOG);
  }

  // deletion vectors

  @Test
  void givesRowsThatANewVectorMarksAsDeletesAndThoseItNoLongerMarksAsInserts() {
    HandMadeTable table = table();
    String file = table.write(row(0L, "a"), row(1L, "b"), row(2L, "c"), row(3L, "d"));
    table.create(table.add(file).toString());
    table.commit(table.add(file).vector(1, 2).toString(), table.remove(file).toString());
    table.commit(
        table.remove(file).vector(1, 2).toString(), table.add(file).vector(2, 3).toString());
    table.commit(table.remove(file).vector(2, 3).toString(), table.add(file).toString());

    assertThat(read(table, 1))
        .containsExactly(
            change(1, "delete", 1, "b"),
            change(1, "delete", 2, "c"),
            change(2, "insert", 1, "b"),
            change(2, "delete", 3, "d"),
            change(3, "insert", 2, "c"),
            change(3, "insert", 3, "d"));
  }

  @Test
  void doesNotGiveRowsOfAddedAndRemovedFilesThatTheirVectorsMark() {
    HandMadeTable table = table();
    String file = table.write(row(0L, "a"), row(1L, "b"), row(2L, "c"));
    table.create(table.add(file).vector(0).toString());
    table.commit(table.remove(file).vector(0, 1).toString());

    assertThat(read(table, 0))
        .containsExactly(
            change(0, "insert", 1, "b"), change(0, "insert", 2, "c"), change(1, "delete", 2, "c"));
  }

  @Test
  void findsTheSameFileUnderDifferentSpellingsOfItsPath() {
    HandMadeTable table = table();
    table.write("a file.parquet", COLUMNS, row(0L, "a"), row(1L, "b"));
    table.create(table.add("a%20file.parquet").with("size", 0).toString());
    String absolute = "file:" + table.folder().resolve("a file.parquet");
    table.commit(
        table.remove("a%20file.parquet").toString(),
        table.add(absolute.replace(" ", "%20")).vector(1).toString());

    assertThat(read(table, 1)).containsExactly(change(1, "delete", 1, "b"));
  }

  @Test
  void readsAnInlineVectorWhoseWriterPaddedItInFront() {
    HandMadeTable table = table();
    String file = table.write(row(0L, "a"), row(1L, "b"), row(2L, "c"), row(3L, "d"));
    table.create(table.add(file).toString());
    // 34 bytes; the last two, row 3, stand at the end of the last group, behind two marks.
    byte[] bytes = HandMadeTable.vectorBytes(3);
    byte[] whole = java.util.Arrays.copyOf(bytes, 32);
    byte[] last = {0, 0, bytes[32], bytes[33]};
    String lastGroup = io.delta.kernel.internal.deletionvectors.Base85Codec.encodeBytes(last);
    String text =
        io.delta.kernel.internal.deletionvectors.Base85Codec.encodeBytes(whole)
            + "##"
            + lastGroup.substring(2);
    table.commit(table.remove(file).toString(), table.add(file).vectorText(text, 34, 1).toString());

    assertThat(read(table, 1)).containsExactly(change(1, "delete", 3, "d"));
  }

  @Test
  void refusesAVectorThatMarksRowsWhichTheFileDoesNotHave() {
    HandMadeTable table = table();
    String file = table.write(row(0L, "a"), row(1L, "b"));
    table.create(table.add(file).toString());
    table.commit(table.remove(file).toString(), table.add(file).vector(5).toString());
    table.commit(table.remove(file).vector(5).toString());

    assertThat(failure(table, 1)).isEqualTo(TableReadException.Reason.CORRUPT_FILE);
    Throwable whole = catchThrowable(() -> read(table, 2));
    assertThat(whole)
        .isInstanceOf(TableReadException.class)
        .extracting("reason")
        .isEqualTo(TableReadException.Reason.CORRUPT_FILE);
  }

  // files, paths, partition values

  @Test
  void takesPartitionValuesFromTheActionAndMissingColumnsAsNull() {
    StructType columns =
        new StructType()
            .add("id", LongType.LONG)
            .add("p", IntegerType.INTEGER)
            .add("v", StringType.STRING);
    HandMadeTable table = new HandMadeTable(folder.resolve("table"), columns).partitionedBy("p");
    table.write(
        "old.parquet",
        new StructType().add("id", LongType.LONG).add("p", IntegerType.INTEGER),
        row(1L, 99));
    table.write(
        "_change_data/c.parquet",
        new StructType().add("id", LongType.LONG).add("_change_type", StringType.STRING),
        row(2L, "insert"));
    table.create(table.add("old.parquet").partition("p", "7").toString());
    table.commit(table.cdc("_change_data/c.parquet").partition("p", null).toString());

    assertThat(read(table, 0))
        .containsExactly(
            "0 insert {\"id\":1,\"p\":7,\"v\":null}", "1 insert {\"id\":2,\"p\":null,\"v\":null}");
  }

  @Test
  void ignoresAChangeTypeColumnInADataFile() {
    HandMadeTable table = table();
    table.write(
        "data.parquet",
        COLUMNS.add("_change_type", StringType.STRING),
        row(1L, "a", null),
        row(2L, "b", "delete"));
    table.create(table.add("data.parquet").toString());

    assertThat(read(table, 0))
        .containsExactly(change(0, "insert", 1, "a"), change(0, "insert", 2, "b"));
  }

  @Test
  void refusesAChangeFileWithATypeThatThereIsNot() {
    HandMadeTable table = table();
    table.create();
    table.commit(table.cdc(table.writeChanges(row("upsert", 1L, "a"))).toString());
    table.commit(table.cdc(table.writeChanges(row(null, 1L, "a"))).toString());

    assertThat(failure(table, 1)).isEqualTo(TableReadException.Reason.CORRUPT_FILE);
    assertThat(failure(table, 2)).isEqualTo(TableReadException.Reason.CORRUPT_FILE);
  }

  @Test
  void readsPathsWithColonsPercentSignsAndSpaces() {
    HandMadeTable table = table();
    table.write("12:30:00 100% ü.parquet", COLUMNS, row(1L, "a"));
    table.write("raw:colon.parquet", COLUMNS, row(2L, "b"));
    table.create(
        table.add("12:30:00%20100%25%20%C3%BC.parquet").toString(),
        table.add("raw:colon.parquet").toString());

    assertThat(read(table, 0))
        .containsExactly(change(0, "insert", 1, "a"), change(0, "insert", 2, "b"));
  }

  @Test
  void readsFilesOutsideTheTableOnlyIfAllowed() {
    HandMadeTable original = new HandMadeTable(folder.resolve("original"), COLUMNS);
    String file = original.write(row(1L, "a"));
    HandMadeTable table = table();
    table.create(table.add("file:" + original.folder().resolve(file)).with("size", 1).toString());
    table.create(
        table
            .add("file:" + original.folder().resolve(file))
            .with("size", original.folder().resolve(file).toFile().length())
            .toString());

    assertThat(failure(table, 1)).isEqualTo(TableReadException.Reason.FILE_OUTSIDE_TABLE);
    try (DeltaTableSource source =
        DeltaTableSource.builder(table.folder().toString()).allowFilesOutsideTable(true).build()) {
      assertThat(texts(ChangeLines.read(source, ChangeQuery.from(1))))
          .containsExactly(change(1, "insert", 1, "a"));
    }
  }

  @Test
  void refusesARemovedFileOfAPartitionedTableWithoutItsPartitionValues() {
    HandMadeTable table =
        new HandMadeTable(folder.resolve("table"), COLUMNS.add("p", StringType.STRING))
            .partitionedBy("p");
    String file = table.write(row(1L, "a"));
    table.create(table.add(file).partition("p", "x").toString());
    table.commit(table.remove(file).without("partitionValues").without("size").toString());

    assertThat(failure(table, 1)).isEqualTo(TableReadException.Reason.CORRUPT_LOG);
  }

  @Test
  void readsARemovedFileWithoutMetadataWhereTheTableHasNoPartitions() {
    HandMadeTable table = table();
    String file = table.write(row(1L, "a"));
    table.create(table.add(file).toString());
    table.commit(table.remove(file).without("partitionValues").without("size").toString());

    assertThat(read(table, 1)).containsExactly(change(1, "delete", 1, "a"));
  }

  @Test
  void findsAMissingFileOfALaterCommitBeforeTheFirstRow() throws Exception {
    HandMadeTable table = table();
    String kept = table.write(row(1L, "a"));
    String vacuumed = table.write(row(2L, "b"));
    table.create(table.add(kept).toString());
    table.commit(table.add(vacuumed).toString());
    table.commit(table.remove(vacuumed).toString());
    Files.delete(table.folder().resolve(vacuumed));

    ChangesUnavailableException refusal = refusal(table, ChangeQuery.from(0));

    assertThat(refusal.reason()).isEqualTo(Reason.FILES_VACUUMED);
    assertThat(refusal.version()).hasValue(1);
    assertThat(refusal).hasMessageContaining(vacuumed);
    assertThat(read(table, ChangeQuery.from(0).to(0))).hasSize(1);
  }

  @Test
  void findsAMissingFileAmongManyOfOneCommit() throws Exception {
    HandMadeTable table = table();
    List<String> adds = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      adds.add(table.add(table.write(row((long) i, "a"))).toString());
    }
    table.create(adds.toArray(String[]::new));
    assertThat(read(table, 0)).hasSize(40);
    Files.delete(table.folder().resolve("part-33.parquet"));

    ChangesUnavailableException refusal = refusal(table, ChangeQuery.from(0));

    assertThat(refusal.reason()).isEqualTo(Reason.FILES_VACUUMED);
    assertThat(refusal).hasMessageContaining("part-33.parquet");
  }

  @Test
  void readsRemovedFilesByThePartitioningThatTheyWereWrittenIn() {
    StructType columns = COLUMNS.add("p", StringType.STRING);
    HandMadeTable table = new HandMadeTable(folder.resolve("table"), columns).partitionedBy("p");
    String parted = table.write(row(1L, "a"));
    table.create(table.add(parted).partition("p", "x").toString());
    table.partitionedBy();
    String whole = table.write(row(2L, "b", "y"));
    table.commit(
        table.metadata(),
        table.remove(parted).partition("p", "x").toString(),
        table.add(whole).toString());

    for (SchemaMode mode : SchemaMode.values()) {
      for (ChangeMethod method : ChangeMethod.values()) {
        assertThat(read(table, ChangeQuery.from(0).schemaMode(mode).method(method)))
            .containsExactlyInAnyOrder(
                "0 insert {\"id\":1,\"v\":\"a\",\"p\":\"x\"}",
                "1 delete {\"id\":1,\"v\":\"a\",\"p\":\"x\"}",
                "1 insert {\"id\":2,\"v\":\"b\",\"p\":\"y\"}");
      }
    }
  }

  @Test
  void findsAMissingDeletionVectorBeforeTheFirstRow() {
    HandMadeTable table = table();
    String file = table.write(row(1L, "a"), row(2L, "b"));
    table.create(table.add(file).toString());
    table.commit(
        table.remove(file).toString(),
        table
            .add(file)
            .with(
                "deletionVector",
                Map.of(
                    "storageType", "u",
                    "pathOrInlineDv", "vBn[lx{q8@P<9BNH/isA",
                    "offset", 1,
                    "sizeInBytes", 34,
                    "cardinality", 1))
            .toString());

    assertThat(refusal(table, ChangeQuery.from(0)).reason()).isEqualTo(Reason.FILES_VACUUMED);
  }

  @Test
  void tellsOfAFileThatVanishesAfterTheCheck() throws Exception {
    HandMadeTable table = table();
    String first = table.write(row(1L, "a"));
    String second = table.write(row(2L, "b"));
    table.create(table.add(first).toString());
    table.commit(table.add(second).toString());

    try (DeltaTableSource source = open(table);
        ChangeCursor cursor = source.openChanges(ChangeQuery.from(0))) {
      assertThat(cursor.advance()).isTrue();
      Files.delete(table.folder().resolve(second));
      Throwable failure = catchThrowable(cursor::advance);

      assertThat(failure)
          .isInstanceOf(ChangesUnavailableException.class)
          .extracting("reason")
          .isEqualTo(Reason.FILES_VACUUMED);
      assertThat(cursor.advance()).isFalse();
    }
  }

  @Test
  void tellsThatTheLogWasCleanedWhileTheRangeWasRead() throws Exception {
    HandMadeTable table = table();
    table.create(table.add(table.write(row(1L, "a"))).toString());
    for (int i = 1; i < 150; i++) {
      table.commit(commitInfo("WRITE"));
    }
    try (DeltaTableSource source = open(table);
        ChangeCursor cursor =
            source.openChanges(ChangeQuery.from(0).schemaMode(SchemaMode.PER_COMMIT))) {
      assertThat(cursor.advance()).isTrue();
      for (int i = 0; i < 140; i++) {
        Files.delete(table.commitFile(i));
      }
      Throwable failure = catchThrowable(cursor::advance);

      assertThat(failure).isInstanceOf(ChangesUnavailableException.class);
      ChangesUnavailableException refusal = (ChangesUnavailableException) failure;
      assertThat(refusal.reason()).isEqualTo(Reason.HISTORY_CLEANED);
      assertThat(refusal.version()).hasValue(140);
    }
  }

  // the log

  @Test
  void readsBlankLinesWindowsLineEndsAndACommitInfoWithoutATimestamp() {
    HandMadeTable table = table();
    String file = table.write(row(1L, "a"));
    table.create();
    table.commitText(
        "\r\n"
            + commitInfo(Map.of("operation", "WRITE", "operationMetrics", Map.of("rows", 1)))
            + "\r\n\n  \r\n"
            + table.add(file)
            + "\r\n");

    assertThat(read(table, 1)).containsExactly(change(1, "insert", 1, "a"));
  }

  @Test
  void refusesALogWithAHole() throws Exception {
    HandMadeTable table = table();
    table.create();
    for (int i = 0; i < 4; i++) {
      table.commit(commitInfo("WRITE"));
    }
    Files.delete(table.commitFile(2));

    for (SchemaMode mode : SchemaMode.values()) {
      for (long from : new long[] {1, 2}) {
        assertThat(failure(table, ChangeQuery.from(from).schemaMode(mode)))
            .isEqualTo(TableReadException.Reason.CORRUPT_LOG);
      }
    }
  }

  @Test
  void refusesALogFileThatMakesNoSense() {
    HandMadeTable table = table();
    table.create();
    table.commitText("{\"add\":{\"path\":\"x\"");

    assertThat(failure(table, 1)).isEqualTo(TableReadException.Reason.CORRUPT_LOG);
  }

  @Test
  void namesAFeatureThatACommitInTheRangeBegins() {
    HandMadeTable table = table();
    String file = table.write(row(1L, "a"));
    table.create(table.add(file).toString());
    table.commit(table.protocol("timeTravelToTheFuture"));

    assertThat(failure(table, 0)).isEqualTo(TableReadException.Reason.UNSUPPORTED_FEATURE);
  }

  @Test
  void refusesATableThatACatalogManages() {
    HandMadeTable table = table();
    table.create();
    table.commit(table.protocol("catalogManaged"));

    assertThat(failure(table, 0)).isEqualTo(TableReadException.Reason.UNSUPPORTED_FEATURE);
  }

  @Test
  void namesTheVersionAtWhichTheFeedIsOff() {
    HandMadeTable table = table();
    String file = table.write(row(1L, "a"));
    table.create(table.add(file).toString());
    table.commit(commitInfo("WRITE"));
    table.property("delta.enableChangeDataFeed", "false");
    table.commit(table.metadata());
    table.commit(commitInfo("WRITE"));
    table.property("delta.enableChangeDataFeed", "TRUE");
    table.commit(table.metadata());

    assertThat(refusal(table, ChangeQuery.from(0)).reason()).isEqualTo(Reason.FEED_OFF);
    assertThat(refusal(table, ChangeQuery.from(0)).version()).hasValue(2);
    assertThat(refusal(table, ChangeQuery.from(3)).version()).hasValue(3);
    assertThat(read(table, ChangeQuery.from(0).to(1))).hasSize(1);
    assertThat(read(table, 4)).isEmpty();
  }

  // times

  @Test
  void makesTheTimesOfCommitsIncrease() {
    HandMadeTable table = table();
    table.create();
    table.commitTime(0, 9_000);
    for (long time : new long[] {5_000, 9_500, 1_000}) {
      String file = table.write(row(time, "a"));
      table.commitTime(table.commit(table.add(file).toString()), time);
    }
    String file = table.write(row(0L, "stored"));
    table.commitTime(
        table.commit(
            commitInfo(Map.of("operation", "WRITE", "inCommitTimestamp", 77_000)),
            table.add(file).toString()),
        2_000);

    try (DeltaTableSource source = open(table)) {
      assertThat(ChangeLines.read(source, ChangeQuery.from(2)))
          .extracting(c -> c.timestamp().toEpochMilli())
          .containsExactly(9_500L, 9_501L, 77_000L);
      assertThat(ChangeLines.read(source, ChangeQuery.from(1).to(1)))
          .extracting(c -> c.timestamp().toEpochMilli())
          .containsExactly(9_001L);
    }
  }

  // where a range begins and ends

  @Test
  void endsAtOnceWhereThereIsNoNewCommitYet() {
    HandMadeTable table = table();
    table.create();

    try (DeltaTableSource source = open(table);
        ChangeCursor cursor = source.openChanges(ChangeQuery.from(1).tableId(table.id()))) {
      assertThat(cursor.fromVersion()).isEqualTo(1);
      assertThat(cursor.toVersion()).isEqualTo(0);
      assertThat(cursor.advance()).isFalse();
    }
  }

  @Test
  void refusesToBeginBeyondTheNextCommit() {
    HandMadeTable table = table();
    table.create();

    ChangesUnavailableException refusal = refusal(table, ChangeQuery.from(2));

    assertThat(refusal.reason()).isEqualTo(Reason.BEYOND_LATEST);
    assertThat(refusal.version()).hasValue(0);
  }

  @Test
  void cutsARangeToTheNewestVersion() {
    HandMadeTable table = table();
    table.create();
    table.commit(commitInfo("WRITE"));

    try (DeltaTableSource source = open(table);
        ChangeCursor cursor = source.openChanges(ChangeQuery.from(0).to(7))) {
      assertThat(cursor.toVersion()).isEqualTo(1);
    }
  }

  @Test
  void noticesAnotherTableAtThePlace() {
    HandMadeTable table = table();
    table.create();
    table.commit(table.metadata("another"));

    assertThat(refusal(table, ChangeQuery.from(0).tableId("a third")).reason())
        .isEqualTo(Reason.TABLE_REPLACED);
    assertThat(refusal(table, ChangeQuery.from(2).tableId("a third")).reason())
        .isEqualTo(Reason.TABLE_REPLACED);
    ChangesUnavailableException inside = refusal(table, ChangeQuery.from(0).tableId(table.id()));
    assertThat(inside.reason()).isEqualTo(Reason.TABLE_REPLACED);
    assertThat(inside.version()).hasValue(1);
    assertThat(refusal(table, ChangeQuery.from(5).tableId("another")).reason())
        .isEqualTo(Reason.TABLE_REPLACED);
    assertThat(read(table, 0)).isEmpty();
  }

  @Test
  void tellsTheEarliestVersionWhereTheLogIsCleaned() throws Exception {
    HandMadeTable table = table();
    table.create();
    for (int i = 0; i < 5; i++) {
      table.commit(commitInfo("WRITE"));
    }
    Files.delete(table.commitFile(0));
    Files.delete(table.commitFile(1));

    ChangesUnavailableException refusal = refusal(table, ChangeQuery.from(1));

    assertThat(refusal.reason()).isEqualTo(Reason.HISTORY_CLEANED);
    assertThat(refusal.version()).hasValue(2);
  }

  // changes of the schema

  private static final StructType WIDER = COLUMNS.add("n", IntegerType.INTEGER);

  @Test
  void tellsOfANewColumnBeforeTheFirstRowThatHasIt() {
    HandMadeTable table = table();
    String first = table.write(row(1L, "a"));
    table.create(table.add(first).toString());
    table.schema(WIDER);
    String second = table.write(row(2L, "b", 7));
    table.commit(table.metadata(), table.add(second).toString(), table.remove(first).toString());

    List<String> seen = new ArrayList<>();
    readTelling(table, ChangeQuery.from(0), seen);

    assertThat(seen)
        .containsExactly(
            change(0, "insert", 1, "a"),
            change(1, "delete", 1, "a"),
            "1 ADDED n",
            "1 insert {\"id\":2,\"v\":\"b\",\"n\":7}");
  }

  @Test
  void tellsOfAColumnThatWasAddedByTheFirstCommitOfTheRange() {
    HandMadeTable table = table();
    table.create();
    table.schema(WIDER);
    table.commit(table.metadata());

    List<String> seen = new ArrayList<>();
    readTelling(table, ChangeQuery.from(1), seen);

    assertThat(seen).containsExactly("1 ADDED n");
  }

  @Test
  void readsRemovedFilesInTheColumnsThatTheyWereWrittenIn() {
    HandMadeTable table = table();
    String old = table.write(row(1L, "a"));
    table.create(table.add(old).toString());
    StructType replaced = new StructType().add("v", IntegerType.INTEGER).add("w", LongType.LONG);
    table.schema(replaced);
    String other = table.write(row(5, 6L));
    table.commit(table.metadata(), table.remove(old).toString(), table.add(other).toString());

    List<String> seen = new ArrayList<>();
    readTelling(table, ChangeQuery.from(1), seen);

    assertThat(seen)
        .containsExactly(
            change(1, "delete", 1, "a"),
            "1 DROPPED id, TYPE_CHANGED v, ADDED w",
            "1 insert {\"v\":5,\"w\":6}");
    ChangesUnavailableException refusal = refusal(table, ChangeQuery.from(1));
    assertThat(refusal.reason()).isEqualTo(Reason.INCOMPATIBLE_SCHEMA);
    assertThat(refusal.version()).hasValue(1);
  }

  private static void readTelling(HandMadeTable table, ChangeQuery query, List<String> seen) {
    try (DeltaTableSource source = open(table);
        ChangeCursor cursor =
            source.openChanges(
                query.schemaMode(SchemaMode.PER_COMMIT).onSchemaChange(c -> seen.add(text(c))))) {
      while (cursor.advance()) {
        var change = cursor.current();
        seen.add(
            change.commitVersion()
                + " "
                + change.type().name().toLowerCase(java.util.Locale.ROOT)
                + " "
                + new io.reverseetl.table.RowJson().toString(change.row()));
      }
    }
  }

  private static String text(SchemaChange change) {
    List<String> columns = new ArrayList<>();
    for (ColumnChange column : change.columns()) {
      columns.add(
          column.kind()
              + " "
              + column.path()
              + (column.kind() == Kind.RENAMED ? " to " + column.newPath() : ""));
    }
    return change.commitVersion() + " " + String.join(", ", columns);
  }

  @Test
  void strictModeShowsEarlierRowsInTheNewestColumns() {
    HandMadeTable table = table();
    table.create(table.add(table.write(row(1L, "a"))).toString());
    table.schema(WIDER);
    table.commit(table.metadata());

    assertThat(read(table, ChangeQuery.from(0).to(0)))
        .containsExactly("0 insert {\"id\":1,\"v\":\"a\",\"n\":null}");
  }

  @Test
  void strictModeRefusesAColumnThatMayNoLongerBeNull() {
    HandMadeTable table = table();
    table.create(table.add(table.write(row(1L, "a"))).toString());
    table.schema(new StructType().add("id", LongType.LONG, false).add("v", StringType.STRING));
    table.commit(table.metadata());

    assertThat(refusal(table, ChangeQuery.from(0)).reason()).isEqualTo(Reason.INCOMPATIBLE_SCHEMA);
    List<String> seen = new ArrayList<>();
    readTelling(table, ChangeQuery.from(0), seen);
    assertThat(seen).containsExactly(change(0, "insert", 1, "a"), "1 NULLABILITY_CHANGED id");
  }
}
