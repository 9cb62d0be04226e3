package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowFilter;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.TableSnapshot;
import io.reverseetl.table.TableVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeltaTableSourceTest {
  @TempDir Path folder;
  private final AtomicReference<CountingStorage> storage = new AtomicReference<>();

  private DeltaTableSource open(Path table) {
    return builder(table).build();
  }

  private DeltaTableSource.Builder builder(Path table) {
    return DeltaTableSource.builder(table.toString())
        .storage(
            files -> {
              storage.set(new CountingStorage(files));
              return storage.get();
            });
  }

  private static TableReadException failure(ThrowingCallable reading) {
    Throwable[] thrown = new Throwable[1];
    assertThatThrownBy(
            () -> {
              try {
                reading.call();
              } catch (TableReadException e) {
                thrown[0] = e;
                throw e;
              }
            })
        .isInstanceOf(TableReadException.class);
    return (TableReadException) thrown[0];
  }

  private TableReadException failureOfReading(Path table) {
    try (DeltaTableSource source = open(table)) {
      return failure(() -> Tables.rows(source, SnapshotQuery.latest()));
    }
  }

  private static Path firstFile(Path table, String suffix) throws IOException {
    try (Stream<Path> files = Files.walk(table)) {
      return files
          .filter(f -> f.toString().endsWith(suffix) && !f.toString().contains("_delta_log"))
          .min(Comparator.naturalOrder())
          .orElseThrow();
    }
  }

  // what it tells about a table

  @Test
  void tellsTheNewestVersion() {
    Path table = DeltaTables.copy("17a-in-commit-timestamps", folder);

    try (DeltaTableSource source = open(table)) {
      TableVersion latest = source.latestVersion();

      assertThat(latest.version()).isEqualTo(6);
      assertThat(latest.tableId()).hasSize(36);
      assertThat(latest.tableUri()).isEqualTo("file:" + table);
      assertThat(latest.timestamp()).isAfter(Instant.parse("2020-01-01T00:00:00Z"));
    }
  }

  @Test
  void readsNothingBeforeItIsAsked() {
    try (DeltaTableSource source = open(folder.resolve("not there"))) {
      assertThat(storage.get().openedDataFiles()).isEmpty();
    }
  }

  @Test
  void readsTablesWhereverTheyLie() throws Exception {
    Path odd = Files.createDirectories(folder.resolve("a b%20c:d#e?f=g é"));
    Path table = DeltaTables.copy("04-deletion-vectors", odd);
    List<String> expected = DeltaTables.lines("04-deletion-vectors", "expected/snapshot-v11.jsonl");

    for (String uri : List.of(table.toString(), "file:" + table, table.toUri().toString())) {
      try (DeltaTableSource source = DeltaTableSource.open(uri)) {
        assertThat(Tables.rows(source, SnapshotQuery.latest()))
            .as(uri)
            .containsExactlyInAnyOrderElementsOf(expected);
      }
    }
  }

  @Test
  void ignoresStaleChecksumSidecarsOfHadoop() throws Exception {
    Path table = DeltaTables.copy("01-append-only", folder);
    try (Stream<Path> files = Files.walk(table)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.writeString(file.resolveSibling("." + file.getFileName() + ".crc"), "stale");
      }
    }

    try (DeltaTableSource source = open(table)) {
      assertThat(Tables.rows(source, SnapshotQuery.latest())).isNotEmpty();
    }
  }

  @Test
  void readsThroughAnEngineOfTheUser() {
    Path table = DeltaTables.copy("04-deletion-vectors", folder);

    try (DeltaTableSource source =
        DeltaTableSource.open(table.toString(), DefaultEngine.create(new Configuration(false)))) {
      assertThat(Tables.rows(source, SnapshotQuery.latest()))
          .containsExactlyInAnyOrderElementsOf(
              DeltaTables.lines("04-deletion-vectors", "expected/snapshot-v11.jsonl"));
    }
  }

  // time travel

  @Test
  void findsVersionsByTimestamp() {
    Path table = DeltaTables.copy("17a-in-commit-timestamps", folder);

    try (DeltaTableSource source = open(table)) {
      for (long version = 0; version <= 6; version++) {
        TableVersion expected;
        try (TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.atVersion(version))) {
          expected = snapshot.version();
        }
        try (TableSnapshot snapshot =
            source.openSnapshot(SnapshotQuery.atTimestamp(expected.timestamp()))) {
          assertThat(snapshot.version()).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void namesTheVersionsThereAreWhenOneIsNotThere() {
    Path table = DeltaTables.copy("14e-log-cleanup", folder);

    try (DeltaTableSource source = open(table)) {
      for (long version : List.of(0L, 11L, 14L, Long.MAX_VALUE)) {
        TableReadException failure =
            failure(() -> source.openSnapshot(SnapshotQuery.atVersion(version)));

        assertThat(failure.reason()).isEqualTo(Reason.VERSION_NOT_FOUND);
        assertThat(failure).hasMessageContaining("12 to 13");
      }
    }
  }

  @Test
  void namesTheNearestVersionWhenATimestampIsOutOfRange() {
    Path table = DeltaTables.copy("17a-in-commit-timestamps", folder);

    try (DeltaTableSource source = open(table)) {
      TableReadException early =
          failure(() -> source.openSnapshot(SnapshotQuery.atTimestamp(Instant.EPOCH)));
      TableReadException late =
          failure(
              () ->
                  source.openSnapshot(
                      SnapshotQuery.atTimestamp(Instant.parse("2999-01-01T00:00:00Z"))));

      assertThat(early.reason()).isEqualTo(Reason.VERSION_NOT_FOUND);
      assertThat(early).hasMessageContaining("earliest").hasMessageContaining(" 0");
      assertThat(late.reason()).isEqualTo(Reason.VERSION_NOT_FOUND);
      assertThat(late).hasMessageContaining("newest").hasMessageContaining("6");
    }
  }

  // columns

  @Test
  void showsTheSelectedColumnsInTheOrderWanted() {
    Path table = DeltaTables.copy("05a-column-mapping-name", folder);
    JsonNode schema = DeltaTables.caseJson("05a-column-mapping-name").get("schema").get("fields");
    String first = schema.get(0).get("name").asText();
    String last = schema.get(schema.size() - 1).get("name").asText();

    try (DeltaTableSource source = open(table);
        TableSnapshot snapshot =
            source.openSnapshot(SnapshotQuery.latest().columns(List.of(last, first)))) {
      assertThat(snapshot.schema().names()).containsExactly(last, first);
      assertThat(snapshot.tableSchema().names()).hasSize(schema.size());
      try (Cursor<Row> rows = snapshot.open(snapshot.parts().get(0))) {
        assertThat(rows.advance()).isTrue();
        assertThat(rows.current().type()).isEqualTo(snapshot.schema());
      }
    }
  }

  @Test
  void countsRowsWithoutReadingColumns() {
    Path table = DeltaTables.copy("04-deletion-vectors", folder);

    try (DeltaTableSource source = open(table)) {
      assertThat(Tables.rows(source, SnapshotQuery.latest().columns(List.of())))
          .hasSize(DeltaTables.lines("04-deletion-vectors", "expected/snapshot-v11.jsonl").size())
          .containsOnly("{}");
    }
  }

  @Test
  void suggestsTheColumnThatWasMeant() {
    Path table = DeltaTables.copy("01-append-only", folder);

    try (DeltaTableSource source = open(table)) {
      TableReadException failure =
          failure(() -> source.openSnapshot(SnapshotQuery.latest().columns(List.of("naem"))));

      assertThat(failure.reason()).isEqualTo(Reason.COLUMN_NOT_FOUND);
      assertThat(failure)
          .hasMessageContaining("\"naem\"")
          .hasMessageContaining("did you mean \"name\"?")
          .hasMessageContaining("amount");
    }
  }

  @Test
  void refusesAFilterOnAColumnThatIsNotThere() {
    Path table = DeltaTables.copy("01-append-only", folder);

    try (DeltaTableSource source = open(table)) {
      assertThatThrownBy(
              () ->
                  source.openSnapshot(SnapshotQuery.latest().where(RowFilter.parse("nothing = 1"))))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("\"nothing\"");
    }
  }

  // filters

  @Test
  void filtersByColumnsThatAreNotShown() {
    Path table = DeltaTables.copy("01-append-only", folder);

    try (DeltaTableSource source = open(table)) {
      List<String> all = Tables.rows(source, SnapshotQuery.latest().columns(List.of("id")));
      SnapshotQuery query =
          SnapshotQuery.latest()
              .columns(List.of("id"))
              .where(RowFilter.parse("name IS NOT NULL AND qty >= 0 OR amount < 0"));
      List<String> some = Tables.rows(source, query);

      assertThat(all).containsAll(some);
      assertThat(some).isNotEmpty().allMatch(line -> line.matches("\\{\"id\":\\d+}"));
    }
  }

  @Test
  void opensOnlyTheFilesOfMatchingPartitions() {
    Path table = DeltaTables.copy("03b-partition-typed", folder);
    SnapshotQuery query =
        SnapshotQuery.latest()
            .where(
                RowFilter.parse(
                    "pi = 1 AND pt = TIMESTAMP '1960-02-29 23:59:59.999999' AND id >= 0"));

    try (DeltaTableSource source = open(table)) {
      int allFiles;
      try (TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
        allFiles = snapshot.parts().size();
      }
      List<String> rows = Tables.rows(source, query);

      assertThat(rows)
          .isNotEmpty()
          .allMatch(r -> r.contains("\"pt\":\"1960-02-29T23:59:59.999999Z\""));
      assertThat(storage.get().openedDataFiles())
          .isNotEmpty()
          .hasSizeLessThan(allFiles)
          .allMatch(path -> path.contains("pi=1/"));
    }
  }

  @Test
  void skipsFilesByTheirStatistics() {
    Path table = DeltaTables.copy("24-scale", folder);

    try (DeltaTableSource source = open(table)) {
      List<String> rows =
          Tables.rows(
              source, SnapshotQuery.atVersion(1).where(RowFilter.parse("id BETWEEN 10 AND 12")));
      int some = storage.get().openedDataFiles().size();

      assertThat(rows).hasSize(3);
      try (TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.atVersion(1))) {
        assertThat(some).isLessThan(snapshot.parts().size());
      }
    }
  }

  @Test
  void givesTheSameRowsWithAndWithoutSkipping() {
    List<String> conditions =
        List.of(
            "id > 20",
            "id <= 5 OR name LIKE '%7%'",
            "NOT (id BETWEEN 3 AND 30)",
            "amount > 100.5 AND qty IN (1, 2, 3)",
            "updated >= '2024-01-02' OR updated IS NULL",
            "city IS NULL",
            "city IS NOT NULL AND city <> 'Rome'",
            "id = 7",
            "name < 'm'");
    for (String name : List.of("01-append-only", "02-dml-cdf", "10-optimize-zorder")) {
      Path table = DeltaTables.copy(name, folder);
      try (DeltaTableSource source = open(table)) {
        for (String condition : conditions) {
          RowFilter filter = RowFilter.parse(condition);
          List<String> expected = bruteForce(source, filter);

          assertThat(Tables.rows(source, SnapshotQuery.latest().where(filter)))
              .as(name + ": " + condition)
              .containsExactlyInAnyOrderElementsOf(expected);
        }
      }
    }
  }

  private static List<String> bruteForce(DeltaTableSource source, RowFilter filter) {
    List<String> passing = new java.util.ArrayList<>();
    io.reverseetl.table.RowJson json = new io.reverseetl.table.RowJson();
    try (TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
      var bound = filter.bind(snapshot.schema());
      for (SnapshotPart part : snapshot.parts()) {
        try (Cursor<Row> rows = snapshot.open(part)) {
          while (rows.advance()) {
            if (bound.test(rows.current())) {
              passing.add(json.toString(rows.current()));
            }
          }
        }
      }
    }
    return passing;
  }

  // parts

  @Test
  void ordersPartsByTheirPathsInTheTable() {
    Path table = DeltaTables.copy("03a-partition-string", folder);

    try (DeltaTableSource source = open(table);
        TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
      List<String> ids = snapshot.parts().stream().map(SnapshotPart::id).toList();

      assertThat(ids).isSorted().doesNotHaveDuplicates();
      assertThat(ids)
          .allSatisfy(id -> assertThat(table.resolve(id)).exists())
          .anyMatch(id -> id.startsWith("p=100%25/"));
    }
  }

  @Test
  void givesTheRowsOfAPartInTheSameOrderAtEveryReading() {
    Path table = DeltaTables.copy("24-scale", folder);

    try (DeltaTableSource source = open(table)) {
      assertThat(Tables.rows(source, SnapshotQuery.latest()))
          .isEqualTo(Tables.rows(source, SnapshotQuery.latest()));
    }
  }

  @Test
  void doesNotKnowThePartsOfOthers() {
    Path table = DeltaTables.copy("01-append-only", folder);

    try (DeltaTableSource source = open(table);
        TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
      SnapshotPart other = new SnapshotPart("other", 1, java.util.OptionalLong.empty());

      assertThatThrownBy(() -> snapshot.open(other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("other");
    }
  }

  // failures

  @Test
  void tellsAMissingTableFromAFolderThatIsNone() throws Exception {
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.writeString(other.resolve("readme.txt"), "hello");
    Path emptyLog = Files.createDirectories(folder.resolve("empty/_delta_log")).getParent();

    assertThat(failureOfReading(folder.resolve("missing")).reason())
        .isEqualTo(Reason.TABLE_NOT_FOUND);
    assertThat(failureOfReading(other).reason()).isEqualTo(Reason.NOT_A_DELTA_TABLE);
    assertThat(failureOfReading(emptyLog).reason()).isEqualTo(Reason.NOT_A_DELTA_TABLE);
    assertThat(failureOfReading(other.resolve("readme.txt")).reason())
        .isEqualTo(Reason.NOT_A_DELTA_TABLE);
  }

  @Test
  void namesTheFeatureThatItCannotRead() {
    TableReadException failure =
        failureOfReading(DeltaTables.copy("27-unknown-reader-feature", folder));

    assertThat(failure.reason()).isEqualTo(Reason.UNSUPPORTED_FEATURE);
    assertThat(failure).hasMessageContaining("27-unknown-reader-feature");
  }

  @Test
  void namesTheReaderVersionThatItCannotRead() throws Exception {
    Path table = DeltaTables.copy("01-append-only", folder);
    editFirstCommit(table, "\"minReaderVersion\":\\d+", "\"minReaderVersion\":9");

    TableReadException failure = failureOfReading(table);

    assertThat(failure.reason()).isEqualTo(Reason.UNSUPPORTED_FEATURE);
    assertThat(failure).hasMessageContaining("9");
  }

  @Test
  void namesTheLineOfTheLogThatMakesNoSense() throws Exception {
    Path table = DeltaTables.copy("01-append-only", folder);
    Path commit = table.resolve("_delta_log/00000000000000000002.json");
    Files.writeString(commit, Files.readString(commit) + "{\"add\":{\"path\":\"secret");

    TableReadException failure = failureOfReading(table);

    assertThat(failure.reason()).isEqualTo(Reason.CORRUPT_LOG);
    assertThat(failure)
        .hasMessageContaining("00000000000000000002.json")
        .hasMessageContaining("line ")
        .hasMessageNotContaining("secret");
  }

  @Test
  void skipsBlankLinesOfTheLog() throws Exception {
    Path table = DeltaTables.copy("01-append-only", folder);
    Path commit = table.resolve("_delta_log/00000000000000000002.json");
    Files.writeString(commit, "\n" + Files.readString(commit) + "\n  \n");

    try (DeltaTableSource source = open(table)) {
      assertThat(Tables.rows(source, SnapshotQuery.latest()))
          .hasSize(DeltaTables.lines("01-append-only", "expected/snapshot-v4.jsonl").size());
    }
  }

  @Test
  void refusesALogWithAHole() throws Exception {
    Path table = DeltaTables.copy("01-append-only", folder);
    Files.delete(table.resolve("_delta_log/00000000000000000002.json"));

    assertThat(failureOfReading(table).reason()).isEqualTo(Reason.CORRUPT_LOG);
  }

  @Test
  void namesTheDataFileThatIsGone() throws Exception {
    Path table = DeltaTables.copy("01-append-only", folder);
    Path file = firstFile(table, ".parquet");
    Files.delete(file);

    TableReadException failure = failureOfReading(table);

    assertThat(failure.reason()).isEqualTo(Reason.FILE_NOT_FOUND);
    assertThat(failure)
        .hasMessageContaining(file.getFileName().toString())
        .hasMessageContaining("version 4")
        .hasMessageContaining("VACUUM");
    assertThat(storage.get().stillOpen()).isZero();
  }

  @Test
  void namesTheDataFileThatIsBroken() throws Exception {
    byte[] noise = "PAR1 this is no Parquet file PAR1".getBytes(StandardCharsets.UTF_8);
    for (String damage : List.of("empty", "cut", "noise", "middle")) {
      Path table =
          DeltaTables.copy("01-append-only", Files.createDirectories(folder.resolve(damage)));
      Path file = firstFile(table, ".parquet");
      byte[] bytes = Files.readAllBytes(file);
      switch (damage) {
        case "empty" -> bytes = new byte[0];
        case "cut" -> bytes = java.util.Arrays.copyOf(bytes, bytes.length / 2);
        case "noise" -> bytes = noise;
        default -> java.util.Arrays.fill(bytes, 4, 60, (byte) 0x55);
      }
      Files.write(file, bytes);

      TableReadException failure = failureOfReading(table);

      assertThat(failure.reason()).as(damage).isEqualTo(Reason.CORRUPT_FILE);
      assertThat(failure).hasMessageContaining(file.getFileName().toString());
      assertThat(storage.get().stillOpen()).as(damage).isZero();
    }
  }

  @Test
  void refusesADeletionVectorThatDoesNotFit() throws Exception {
    Path table = DeltaTables.copy("04-deletion-vectors", folder);
    Path file = firstFile(table, ".bin");
    try (Stream<Path> files = Files.list(table)) {
      for (Path vector : files.filter(f -> f.toString().endsWith(".bin")).toList()) {
        byte[] bytes = Files.readAllBytes(vector);
        bytes[bytes.length - 1] ^= 1;
        Files.write(vector, bytes);
      }
    }
    assertThat(file).exists();

    try (DeltaTableSource source = open(table)) {
      TableReadException failure = failure(() -> readAllVersions(source, 11));
      assertThat(failure.reason()).isEqualTo(Reason.CORRUPT_FILE);
    }
  }

  private static void readAllVersions(DeltaTableSource source, long latest) {
    for (long version = 0; version <= latest; version++) {
      Tables.rows(source, SnapshotQuery.atVersion(version));
    }
  }

  @Test
  void tellsAFailingStorageFromABrokenFile() {
    Path table = DeltaTables.copy("01-append-only", folder);

    try (DeltaTableSource source = open(table)) {
      storage.get().failOnRead(p -> p.endsWith(".parquet"), new IOException("connection reset"));
      TableReadException data = failure(() -> Tables.rows(source, SnapshotQuery.latest()));
      storage.get().failOnRead(p -> p.endsWith(".json"), new IOException("connection reset"));
      TableReadException log = failure(source::latestVersion);

      assertThat(data.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(log.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(storage.get().stillOpen()).isZero();
    }
  }

  @Test
  void tellsARefusedAccess() {
    Path table = DeltaTables.copy("01-append-only", folder);

    try (DeltaTableSource source = open(table)) {
      storage.get().failOnRead(p -> true, new java.nio.file.AccessDeniedException("?sig=abc&sv=1"));
      TableReadException failure = failure(source::latestVersion);

      assertThat(failure.reason()).isEqualTo(Reason.ACCESS_DENIED);
      assertThat(failure).hasMessageNotContaining("abc");
    }
  }

  @Test
  void refusesFilesOutsideTheTableUnlessAllowed() throws Exception {
    for (String way : List.of("absolute", "dots", "encoded dots")) {
      Path root = Files.createDirectories(folder.resolve(way));
      Path table = DeltaTables.copy("01-append-only", root);
      Path file = firstFile(table, ".parquet");
      String name = file.getFileName().toString();
      Files.move(file, root.resolve(name));
      String path =
          switch (way) {
            case "absolute" -> root.resolve(name).toUri().toString().replace("///", "/");
            case "dots" -> "sub/../../" + name;
            default -> "%2e%2e/" + name;
          };
      editCommits(table, "\"path\":\"" + name, "\"path\":\"" + path);

      TableReadException failure = failureOfReading(table);
      assertThat(failure.reason()).as(way).isEqualTo(Reason.FILE_OUTSIDE_TABLE);
      assertThat(failure).hasMessageContaining("allowFilesOutsideTable");
      try (DeltaTableSource source = builder(table).allowFilesOutsideTable(true).build()) {
        assertThat(Tables.rows(source, SnapshotQuery.latest()))
            .as(way)
            .hasSize(DeltaTables.lines("01-append-only", "expected/snapshot-v4.jsonl").size());
      }
    }
  }

  @Test
  void refusesLinksThatLeadOutOfTheTable() throws Exception {
    Path table = DeltaTables.copy("01-append-only", folder);
    Path file = firstFile(table, ".parquet");
    Path outside = Files.move(file, folder.resolve("outside.parquet"));
    Files.createSymbolicLink(file, outside);

    assertThat(failureOfReading(table).reason()).isEqualTo(Reason.FILE_OUTSIDE_TABLE);
  }

  private static void editFirstCommit(Path table, String regex, String replacement)
      throws IOException {
    Path commit = table.resolve("_delta_log/00000000000000000000.json");
    Files.writeString(commit, Files.readString(commit).replaceAll(regex, replacement));
    Files.deleteIfExists(table.resolve("_delta_log/00000000000000000000.crc"));
    try (Stream<Path> files = Files.list(table.resolve("_delta_log"))) {
      for (Path crc : files.filter(f -> f.toString().endsWith(".crc")).toList()) {
        Files.delete(crc);
      }
    }
  }

  private static void editCommits(Path table, String from, String to) throws IOException {
    try (Stream<Path> files = Files.list(table.resolve("_delta_log"))) {
      for (Path commit : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        Files.writeString(commit, Files.readString(commit).replace(from, to));
      }
    }
  }

  // closing, interrupts, memory

  @Test
  void closesFilesOnEveryPath() {
    Path table = DeltaTables.copy("24-scale", folder);

    try (DeltaTableSource source = open(table);
        TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
      Cursor<Row> unread = snapshot.open(snapshot.parts().get(0));
      unread.close();
      Cursor<Row> begun = snapshot.open(snapshot.parts().get(0));
      begun.advance();
      assertThat(storage.get().stillOpen()).isEqualTo(1);
      begun.close();
      begun.close();
      assertThat(storage.get().stillOpen()).isZero();
      assertThatThrownBy(begun::advance).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(begun::current).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void stopsWhenTheThreadIsInterrupted() {
    Path table = DeltaTables.copy("24-scale", folder);

    try (DeltaTableSource source = open(table);
        TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
      TableReadException failure;
      boolean flag;
      try (Cursor<Row> rows = snapshot.open(snapshot.parts().get(0))) {
        rows.advance();
        Thread.currentThread().interrupt();
        failure =
            failure(
                () -> {
                  while (rows.advance()) {
                    rows.current();
                  }
                });
        flag = Thread.interrupted();
        assertThat(rows.advance()).isFalse();
      }
      assertThat(failure.reason()).isEqualTo(Reason.INTERRUPTED);
      assertThat(flag).isTrue();
      assertThat(storage.get().stillOpen()).isZero();
    } finally {
      Thread.interrupted();
    }
  }

  @Test
  void readsFilesLargerThanTheWholeBudget() {
    Path table = DeltaTables.copy("24-scale", folder);

    try (DeltaTableSource source = builder(table).readMemoryBytes(1).build()) {
      assertThat(Tables.rows(source, SnapshotQuery.latest())).hasSize(2023);
    }
  }

  @Test
  void waitsForMemoryThatAnotherCursorHolds() throws Exception {
    Path table = DeltaTables.copy("24-scale", folder);

    try (DeltaTableSource source = builder(table).readMemoryBytes(1).build();
        TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
      Cursor<Row> first = snapshot.open(snapshot.parts().get(0));
      first.advance();
      AtomicReference<Object> result = new AtomicReference<>();
      Thread second =
          new Thread(
              () -> {
                try (Cursor<Row> rows = snapshot.open(snapshot.parts().get(1))) {
                  result.set(rows.advance());
                }
              });
      second.start();
      while (!Set.of(Thread.State.WAITING, Thread.State.TERMINATED).contains(second.getState())) {
        Thread.onSpinWait();
      }
      assertThat(result.get()).isNull();
      first.close();
      second.join(60_000);

      assertThat(result.get()).isEqualTo(true);
    }
  }

  @Test
  void stopsWaitingForMemoryWhenInterrupted() throws Exception {
    Path table = DeltaTables.copy("24-scale", folder);

    try (DeltaTableSource source = builder(table).readMemoryBytes(1).build();
        TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
      try (Cursor<Row> first = snapshot.open(snapshot.parts().get(0))) {
        first.advance();
        Thread.currentThread().interrupt();
        TableReadException failure =
            failure(
                () -> {
                  try (Cursor<Row> rows = snapshot.open(snapshot.parts().get(1))) {
                    rows.advance();
                  }
                });
        assertThat(failure.reason()).isEqualTo(Reason.INTERRUPTED);
        assertThat(Thread.interrupted()).isTrue();
      }
      assertThat(storage.get().stillOpen()).isZero();
    } finally {
      Thread.interrupted();
    }
  }
}
