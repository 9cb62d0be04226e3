package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import io.reverseetl.storage.FolderStorage;
import io.reverseetl.storage.FolderStorage.Read;
import io.reverseetl.storage.StorageStatistics;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.TableSnapshot;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.LocalInputFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which bytes of a storage are read, when, and how often. */
@Timeout(60)
class StoredReadsTest {
  @TempDir Path folder;
  private FolderStorage storage;
  private Path table;

  @BeforeEach
  void openStorage() {
    storage = new FolderStorage(folder);
    table = folder.resolve("large");
  }

  private DeltaTableSource.Builder source() {
    return DeltaTableSource.builder(storage.uri(table)).storage(storage);
  }

  private static List<String> rows(DeltaTableSource source) {
    try (source) {
      return Tables.rows(source, SnapshotQuery.latest());
    }
  }

  private List<String> localRows() {
    return rows(DeltaTableSource.open(table.toString()));
  }

  private static long bytes(List<Read> reads) {
    return reads.stream().mapToLong(Read::length).sum();
  }

  @Test
  void readsEachNeededColumnChunkOnce() throws IOException {
    LargeTable.write(table, 2, "UNCOMPRESSED");
    SnapshotQuery query = SnapshotQuery.latest().columns(List.of("id", "note"));
    try (DeltaTableSource source = source().build()) {
      assertThat(Tables.rows(source, query)).hasSize(2 * LargeTable.ROWS);
    }

    for (int file = 0; file < 2; file++) {
      Path path = table.resolve("part-" + file + ".parquet");
      List<Read> reads = new ArrayList<>(storage.reads("part-" + file + ".parquet"));
      reads.sort(Comparator.comparingLong(Read::offset));
      for (int i = 1; i < reads.size(); i++) {
        assertThat(reads.get(i).offset()).isGreaterThanOrEqualTo(reads.get(i - 1).end());
      }
      long needed = 0;
      int groups;
      try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(path))) {
        groups = reader.getRowGroups().size();
        for (BlockMetaData block : reader.getRowGroups()) {
          for (ColumnChunkMetaData chunk : block.getColumns()) {
            if (Set.of("id", "note").contains(chunk.getPath().toDotString())) {
              needed += chunk.getTotalSize();
            }
          }
        }
      }
      assertThat(groups).isGreaterThan(2);
      assertThat(bytes(reads))
          .isBetween(needed, needed + RangedStream.TAIL + (long) groups * RangedStream.GAP);
      assertThat(Files.size(path)).isGreaterThan(2 * bytes(reads));
      assertThat(reads).hasSizeLessThanOrEqualTo(1 + 2 * groups);
    }
  }

  @Test
  void readsSmallFilesAtOnce() {
    Path small = DeltaTables.copy("01-append-only", folder);
    try (DeltaTableSource source =
        DeltaTableSource.builder(storage.uri(small)).storage(storage).build()) {
      Tables.rows(source, SnapshotQuery.latest());
    }

    List<Read> reads = storage.reads(".parquet");
    assertThat(reads).isNotEmpty();
    assertThat(reads.stream().map(Read::path)).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(strings = {"UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4_RAW"})
  void unpacksWhatParquetPacks(String codec) {
    LargeTable.write(table, 1, codec);
    Path unpacked = folder.resolve("unpacked");
    LargeTable.write(unpacked, 1, "UNCOMPRESSED");

    assertThat(rows(source().build()))
        .hasSize(LargeTable.ROWS)
        .isEqualTo(rows(DeltaTableSource.open(unpacked.toString())));
    assertThat(localRows()).isEqualTo(rows(source().build()));
  }

  @Test
  void readsTheSameRowsWithoutReadingAhead() {
    LargeTable.write(table, 3, "SNAPPY");

    List<String> without = rows(source().readAhead(false).build());

    assertThat(without).isEqualTo(localRows());
    assertThat(rows(source().build())).isEqualTo(without);
  }

  @Test
  void readsTheNextRowGroupAndTheNextFileWhileOneIsDecoded() throws Exception {
    LargeTable.write(table, 2, "UNCOMPRESSED");
    CountDownLatch nextFile = new CountDownLatch(2);
    Set<Long> begun = new HashSet<>();
    CountDownLatch laterGroup = new CountDownLatch(1);
    long half = Files.size(table.resolve("part-0.parquet")) / 4;
    storage.beforeRead(
        (path, offset, length) -> {
          if (path.endsWith("part-1.parquet")) {
            nextFile.countDown();
          } else if (offset > half && length != RangedStream.TAIL) {
            laterGroup.countDown();
          }
          synchronized (begun) {
            begun.add(offset);
          }
        });
    try (DeltaTableSource source = source().build();
        TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest());
        Cursor<Row> rows = snapshot.open(snapshot.parts().get(0))) {
      // Into the second batch, but far from the end of the first row group.
      for (int row = 0; row < 1_100; row++) {
        assertThat(rows.advance()).isTrue();
      }

      assertThat(laterGroup.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(nextFile.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void doesNotReadAheadOfWhoLooksAtAFewRows() {
    LargeTable.write(table, 2, "UNCOMPRESSED");
    try (DeltaTableSource source = source().build();
        TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest());
        Cursor<Row> rows = snapshot.open(snapshot.parts().get(0))) {
      assertThat(rows.advance()).isTrue();
    }

    assertThat(storage.reads("part-1.parquet")).isEmpty();
  }

  @Test
  void whatWasReadAheadGivesWayToWhatIsWanted() {
    LargeTable.write(table, 5, "UNCOMPRESSED");
    // The ends of the next three files, and a row group of that which got the memory.
    CountDownLatch prepared = new CountDownLatch(4);
    storage.beforeRead(
        (path, offset, length) -> {
          if (path.contains("part-") && !path.endsWith("part-0.parquet")) {
            prepared.countDown();
          }
        });
    // Each file takes about 4 MB of it, so there is room for two.
    try (DeltaTableSource source = source().readMemoryBytes(9L << 20).build();
        TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest());
        Cursor<Row> first = snapshot.open(snapshot.parts().get(0))) {
      for (int row = 0; row < 1_100; row++) {
        first.advance();
      }
      assertThat(prepared.await(30, TimeUnit.SECONDS)).isTrue();

      for (int part : List.of(4, 3, 2, 1)) {
        assertThat(count(snapshot, snapshot.parts().get(part))).isEqualTo(LargeTable.ROWS);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static long count(TableSnapshot snapshot, SnapshotPart part) {
    long count = 0;
    try (Cursor<Row> rows = snapshot.open(part)) {
      while (rows.advance()) {
        count++;
      }
    }
    return count;
  }

  @Test
  void aPollWithNothingNewIsOneListing() {
    Path many = DeltaTables.copy("16-many-versions", folder);
    try (DeltaTableSource source =
        DeltaTableSource.builder(storage.uri(many)).storage(storage).build()) {
      long newest = source.newestVersion(-1);
      storage.reset();
      StorageStatistics before = source.storageStatistics();

      assertThat(source.newestVersion(newest)).isEqualTo(newest);

      assertThat(storage.listings())
          .containsExactly(storage.uri(many) + "/_delta_log/" + "%020d.".formatted(newest));
      assertThat(storage.reads("")).isEmpty();
      StorageStatistics since = source.storageStatistics().since(before);
      assertThat(since.listings()).isEqualTo(1);
      assertThat(since.lookups() + since.reads() + since.bytesRead()).isZero();
    }
  }

  @Test
  void countsWhatIsRead() {
    LargeTable.write(table, 1, "SNAPPY");
    try (DeltaTableSource source = source().build()) {
      Tables.rows(source, SnapshotQuery.latest());

      StorageStatistics statistics = source.storageStatistics();
      // The table has no checkpoint, so looking for one gives no bytes.
      assertThat(statistics.reads())
          .isEqualTo(storage.reads("").size() - storage.reads("_last_checkpoint").size());
      assertThat(statistics.listings()).isEqualTo(storage.listings().size());
      assertThat(statistics.bytesRead()).isPositive();
      assertThat(statistics.waited()).isPositive();
    }
  }

  private Reason failureOfReading() {
    try (DeltaTableSource source = source().build()) {
      Tables.rows(source, SnapshotQuery.latest());
      throw new AssertionError("it was read");
    } catch (TableReadException e) {
      return e.reason();
    }
  }

  @Test
  void tellsFailuresOfTheStorageApart() throws IOException {
    LargeTable.write(table, 2, "SNAPPY");
    failOn("part-1.parquet", new IOException("no answer"));
    assertThat(failureOfReading()).isEqualTo(Reason.UNAVAILABLE);
    failOn("part-1.parquet", new AccessDeniedException("x", null, "status 403"));
    assertThat(failureOfReading()).isEqualTo(Reason.ACCESS_DENIED);
    failOn("part-1.parquet", new FileNotFoundException("gone"));
    assertThat(failureOfReading()).isEqualTo(Reason.FILE_NOT_FOUND);
    failOn(".json", new IOException("no answer"));
    assertThat(failureOfReading()).isEqualTo(Reason.UNAVAILABLE);
    failOn("nothing", new IOException());
    Path file = table.resolve("part-1.parquet");
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 100_000));
    assertThat(failureOfReading()).isEqualTo(Reason.CORRUPT_FILE);
  }

  private void failOn(String suffix, IOException failure) {
    storage.beforeRead(
        (path, offset, length) -> {
          if (path.endsWith(suffix)) {
            throw failure;
          }
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"lake://test/other/x.parquet", "../other/x.parquet", "s3a://bucket/x.parquet"})
  void refusesFilesOutsideTheTable(String path) throws IOException {
    LargeTable.write(table, 1, "SNAPPY");
    Files.createDirectories(folder.resolve("other"));
    Files.copy(table.resolve("part-0.parquet"), folder.resolve("other/x.parquet"));
    Files.writeString(
        table.resolve("_delta_log/00000000000000000001.json"),
        "{\"add\":{\"path\":\""
            + path
            + "\",\"partitionValues\":{},\"size\":"
            + Files.size(table.resolve("part-0.parquet"))
            + ",\"modificationTime\":0,\"dataChange\":true}}\n");

    assertThat(failureOfReading()).isEqualTo(Reason.FILE_OUTSIDE_TABLE);
    assertThat(storage.reads("x.parquet")).isEmpty();

    boolean reachable = !path.startsWith("s3a");
    try (DeltaTableSource source = source().allowFilesOutsideTable(true).build()) {
      if (reachable) {
        assertThat(Tables.rows(source, SnapshotQuery.latest())).hasSize(2 * LargeTable.ROWS);
      } else {
        assertThatThrownBy(() -> Tables.rows(source, SnapshotQuery.latest()))
            .isInstanceOf(TableReadException.class)
            .hasMessageContaining("another storage");
      }
    }
  }

  @Test
  void refusesUrisThatTheStorageDoesNotRead() {
    assertThatThrownBy(
            () -> DeltaTableSource.builder("s3a://bucket/table").storage(storage).build())
        .isInstanceOf(IllegalArgumentException.class);
  }
}
