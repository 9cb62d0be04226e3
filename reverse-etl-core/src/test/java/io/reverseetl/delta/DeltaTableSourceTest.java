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
import io.reverseetl.table.RowJson;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.TableSnapshot;
import io.reverseetl.table.TableVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

  @Test
  void findsTheVersionAtATimestampThoughTheNewestCommitFileIsTheOlderOne() throws IOException {
    // given a table that was copied, so that the files of the log have the times of the copies
    Path table = DeltaTables.copy("01-append-only", folder);
    List<Path> commits;
    try (Stream<Path> files = Files.list(table.resolve("_delta_log"))) {
      commits = files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
    Instant first = Instant.parse("2026-01-01T12:00:00Z");
    for (int i = 0; i < commits.size(); i++) {
      Files.setLastModifiedTime(commits.get(i), FileTime.from(first.minusSeconds(60L * i)));
    }

    try (DeltaTableSource source = open(table)) {
      for (int i = 0; i < commits.size(); i++) {
        // when
        Instant time = first.plusMillis(i);
        try (TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.atTimestamp(time))) {
          // then each commit is a millisecond later than the one before, as in Spark
          assertThat(snapshot.version().version()).isEqualTo(i);
        }
      }
      Instant later = first.plusMillis(commits.size());
      TableReadException late =
          failure(() -> source.openSnapshot(SnapshotQuery.atTimestamp(later)));
      assertThat(late.reason()).isEqualTo(Reason.VERSION_NOT_FOUND);
      assertThat(late)
          .hasMessageContaining("newest version, " + (commits.size() - 1))
          .hasMessageContaining(first.plusMillis(commits.size() - 1).toString());
    }
  }

  @Test
  void saysThatNoVersionIsSoOldOrSoNew() {
    Path table = DeltaTables.copy("01-append-only", folder);

    try (DeltaTableSource source = open(table)) {
      for (Instant instant : List.of(Instant.MIN, Instant.EPOCH.minusSeconds(1), Instant.MAX)) {
        assertThat(failure(() -> source.openSnapshot(SnapshotQuery.atTimestamp(instant))).reason())
            .as(instant.toString())
            .isEqualTo(Reason.VERSION_NOT_FOUND);
      }
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

  @Test
  void takesALongListOfValues() {
    // given
    Path table = DeltaTables.copy("01-append-only", folder);
    String values =
        IntStream.range(7, 20_000).mapToObj(String::valueOf).collect(Collectors.joining(","));
    RowFilter filter = RowFilter.parse("id IN (" + values + ")");
    RowFilter without = RowFilter.parse("id NOT IN (" + values + ")");

    try (DeltaTableSource source = open(table)) {
      for (RowFilter each : List.of(filter, without)) {
        // when
        List<String> rows = Tables.rows(source, SnapshotQuery.latest().where(each));

        // then
        assertThat(rows).isNotEmpty().containsExactlyInAnyOrderElementsOf(bruteForce(source, each));
      }
    }
  }

  private static List<String> bruteForce(DeltaTableSource source, RowFilter filter) {
    List<String> passing = new ArrayList<>();
    RowJson json = new RowJson();
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
          .anyMatch(id -> id.startsWith("p=%2520/"));
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
      SnapshotPart other = new SnapshotPart("other", 1, OptionalLong.empty());

      assertThatThrownBy(() -> snapshot.open(other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("other");
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
