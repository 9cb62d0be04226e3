package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import io.reverseetl.table.SnapshotQuery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything that can be wrong with a table has a reason and a message that helps. */
class DeltaReadFailuresTest {
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
        case "cut" -> bytes = Arrays.copyOf(bytes, bytes.length / 2);
        case "noise" -> bytes = noise;
        default -> Arrays.fill(bytes, 4, 60, (byte) 0x55);
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
      storage.get().failOnRead(p -> p.contains("_delta_log"), new IOException("connection reset"));
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
      storage.get().failOnRead(p -> true, new AccessDeniedException("?sig=abc&sv=1"));
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
}
