package io.reverseetl.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.azure.core.http.HttpClient;
import com.azure.core.util.BinaryData;
import com.azure.core.util.HttpClientOptions;
import com.azure.storage.blob.BlobContainerClient;
import io.reverseetl.azure.FaultProxy.Call;
import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.delta.DeltaTables;
import io.reverseetl.delta.LargeTable;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowJson;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.TableSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A storage that is slow, refuses, breaks off: tried again, or the right error; counted. */
@Timeout(120)
class AzureFaultsIT {
  private static final int FOR_EVER = 1_000_000;
  private static final Predicate<Call> DATA = call -> call.isRead() && call.isOf(".parquet");

  @TempDir static Path folder;
  private static Azurite azurite;
  private static BlobContainerClient container;
  private static FaultProxy proxy;
  private static List<String> expected;

  @BeforeAll
  static void start() {
    TestLake.assumeInstalled();
    azurite = Azurite.start();
    container = azurite.container("lake");
    proxy = FaultProxy.before(azurite.endpoint());
    LargeTable.write(folder.resolve("large"), 2, "SNAPPY");
    Azurite.upload(container, folder.resolve("large"), "large");
    expected = rows(DeltaTableSource.open(folder.resolve("large").toString()));
  }

  @AfterAll
  static void stop() {
    if (azurite != null) {
      proxy.close();
      azurite.close();
    }
  }

  @BeforeEach
  void reset() {
    proxy.reset();
    proxy.latency(Duration.ZERO);
  }

  private static AzureLakeStorage storage() {
    return Azurite.storage(proxy.endpoint()).accountKey(Azurite.ACCOUNT, Azurite.KEY).build();
  }

  private static DeltaTableSource source(AzureLakeStorage storage, String table) {
    return DeltaTableSource.builder(Azurite.uri("lake", table)).storage(storage).build();
  }

  private static List<String> rows(DeltaTableSource source) {
    List<String> lines = new ArrayList<>();
    RowJson json = new RowJson();
    try (source;
        TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
      for (SnapshotPart part : snapshot.parts()) {
        try (Cursor<Row> rows = snapshot.open(part)) {
          while (rows.advance()) {
            lines.add(json.toString(rows.current()));
          }
        }
      }
    }
    return lines;
  }

  private static Reason failure(AzureLakeStorage storage) {
    TableReadException failure =
        catchThrowableOfType(TableReadException.class, () -> rows(source(storage, "large")));
    assertThat(failure).isNotNull();
    return failure.reason();
  }

  @Test
  void readsAgainAfterARefusalThatPasses() {
    AzureLakeStorage storage = storage();
    proxy.refuse(DATA, 3, 503, "ServerBusy");
    proxy.refuse(Call::isListing, 1, 500, "InternalError");

    assertThat(rows(source(storage, "large"))).isEqualTo(expected);
    assertThat(storage.requests().retried()).isGreaterThanOrEqualTo(4);
    assertThat(storage.requests().refused()).isGreaterThanOrEqualTo(4);
  }

  @Test
  void waitsAsLongAsTheServiceSays() {
    proxy.refuse(DATA, 1, 503, "ServerBusy", Optional.of(1));

    long start = System.nanoTime();
    assertThat(rows(source(storage(), "large"))).isEqualTo(expected);
    assertThat(System.nanoTime() - start).isGreaterThan(1_000_000_000L);
  }

  @Test
  void givesUpWhenTheServiceStaysBusy() {
    proxy.refuse(DATA, FOR_EVER, 503, "ServerBusy");

    assertThat(failure(storage())).isEqualTo(Reason.UNAVAILABLE);
  }

  @Test
  void aThrottledListingIsTriedAgainAndThenGivenUp() {
    proxy.refuse(Call::isListing, 2, 503, "ServerBusy");
    assertThat(rows(source(storage(), "large"))).isEqualTo(expected);

    proxy.refuse(Call::isListing, FOR_EVER, 503, "ServerBusy");
    assertThat(failure(storage())).isEqualTo(Reason.UNAVAILABLE);
  }

  @Test
  void goesOnWhereTheConnectionBrokeWithinARange() {
    proxy.breakOff(DATA, 2);

    assertThat(rows(source(storage(), "large"))).isEqualTo(expected);
  }

  @Test
  void aConnectionThatAlwaysBreaksIsAStorageThatFails() {
    proxy.breakOff(call -> DATA.test(call) && call.isOf("part-1.parquet"), FOR_EVER);

    assertThat(failure(storage())).isEqualTo(Reason.UNAVAILABLE);
  }

  @Test
  void anAnswerThatTakesTooLongIsAskedForAgain() {
    AzureLakeStorage storage =
        Azurite.storage(proxy.endpoint())
            .accountKey(Azurite.ACCOUNT, Azurite.KEY)
            .client(
                client ->
                    client.httpClient(
                        HttpClient.createDefault(
                            new HttpClientOptions().setResponseTimeout(Duration.ofSeconds(2)))))
            .build();
    proxy.delay(DATA, 1, Duration.ofSeconds(8));

    assertThat(rows(source(storage, "large"))).isEqualTo(expected);
    assertThat(storage.requests().retried()).isPositive();
  }

  @Test
  void aStorageThatCannotBeReachedIsUnavailable() {
    FaultProxy gone = FaultProxy.before(azurite.endpoint());
    gone.close();

    assertThat(
            failure(
                Azurite.storage(gone.endpoint()).accountKey(Azurite.ACCOUNT, Azurite.KEY).build()))
        .isEqualTo(Reason.UNAVAILABLE);
  }

  @Test
  void readsWithASignatureUntilItExpires() {
    String valid = azurite.signature("lake", OffsetDateTime.now().plusHours(1));
    String expired = azurite.signature("lake", OffsetDateTime.now().minusHours(1));

    assertThat(
            rows(
                source(
                    Azurite.storage(proxy.endpoint()).sas(Azurite.ACCOUNT, valid).build(),
                    "large")))
        .isEqualTo(expected);
    assertThat(
            failure(Azurite.storage(proxy.endpoint()).sas(Azurite.ACCOUNT, "?" + expired).build()))
        .isEqualTo(Reason.ACCESS_DENIED);
  }

  @Test
  void aRefusalForGoodIsNotTriedAgain() {
    AzureLakeStorage storage = storage();
    proxy.refuse(DATA, FOR_EVER, 403, "AuthorizationPermissionMismatch");

    TableReadException failure =
        catchThrowableOfType(TableReadException.class, () -> rows(source(storage, "large")));

    assertThat(failure.reason()).isEqualTo(Reason.ACCESS_DENIED);
    assertThat(failure).hasMessageContaining("AuthorizationPermissionMismatch");
    assertThat(storage.requests().retried()).isZero();
  }

  @Test
  void aFileThatIsDeletedBetweenPlanningAndReadingIsNotFound() {
    Azurite.upload(container, folder.resolve("large"), "vanishing");
    try (DeltaTableSource source = source(storage(), "vanishing");
        TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
      SnapshotPart part = snapshot.parts().get(1);
      container.getBlobClient("vanishing/part-1.parquet").delete();

      TableReadException failure =
          catchThrowableOfType(
              TableReadException.class,
              () -> {
                try (Cursor<Row> rows = snapshot.open(part)) {
                  rows.advance();
                }
              });

      assertThat(failure.reason()).isEqualTo(Reason.FILE_NOT_FOUND);
    }
  }

  @Test
  void aFileThatIsWrittenBetweenItsFooterAndItsRowsIsNoticed() {
    Path table = folder.resolve("overwritten");
    LargeTable.write(table, 1, "UNCOMPRESSED");
    Azurite.upload(container, table, "overwritten");
    Path twin = folder.resolve("twin.parquet");
    LargeTable.writeTwin(twin, 0);
    // The footer is the first read of the file, the column chunks come after.
    AtomicInteger reads = new AtomicInteger();
    proxy.before(
        call -> DATA.test(call) && call.isOf("part-0.parquet") && reads.incrementAndGet() == 2,
        1,
        () ->
            container
                .getBlobClient("overwritten/part-0.parquet")
                .upload(BinaryData.fromFile(twin), true));

    TableReadException failure =
        catchThrowableOfType(
            TableReadException.class, () -> rows(source(storage(), "overwritten")));

    assertThat(failure.reason()).isEqualTo(Reason.FILE_CHANGED);
    assertThat(failure).hasMessageContaining("part-0.parquet").hasMessageContaining("412");
    assertThat(rows(source(storage(), "overwritten"))).hasSize(LargeTable.ROWS);
  }

  @Test
  void aLogFileThatIsWrittenBetweenTwoOfItsRangesIsNoticed() throws IOException {
    Path table = folder.resolve("long-log");
    LargeTable.write(table, 1, "SNAPPY");
    Path commit = table.resolve("_delta_log/00000000000000000000.json");
    Files.writeString(commit, " ".repeat(5 << 20) + "\n" + Files.readString(commit));
    Azurite.upload(container, table, "long-log");
    AtomicInteger reads = new AtomicInteger();
    proxy.before(
        call -> call.isRead() && call.isOf("0000.json") && reads.incrementAndGet() == 2,
        1,
        () -> Azurite.upload(container, table, "long-log"));

    TableReadException failure =
        catchThrowableOfType(TableReadException.class, () -> rows(source(storage(), "long-log")));

    assertThat(failure.reason()).isEqualTo(Reason.FILE_CHANGED);
    assertThat(rows(source(storage(), "long-log"))).hasSize(LargeTable.ROWS);
  }

  @Test
  void aRangeThatBreaksOffAndIsWrittenMeanwhileIsNoticed() {
    Path table = folder.resolve("broken");
    LargeTable.write(table, 1, "UNCOMPRESSED");
    Azurite.upload(container, table, "broken");
    Path twin = folder.resolve("broken-twin.parquet");
    LargeTable.writeTwin(twin, 0);
    // The very first range, which no state is known of yet: its rest must be of its beginning.
    AtomicInteger reads = new AtomicInteger();
    proxy.before(
        call -> DATA.test(call) && reads.incrementAndGet() == 2,
        1,
        () ->
            container
                .getBlobClient("broken/part-0.parquet")
                .upload(BinaryData.fromFile(twin), true));
    proxy.breakOff(DATA, 1);

    assertThat(
            catchThrowableOfType(TableReadException.class, () -> rows(source(storage(), "broken")))
                .reason())
        .isEqualTo(Reason.FILE_CHANGED);
    assertThat(proxy.calls(DATA)).hasSize(2);
  }

  @Test
  void tellsAMissingTableFromAFolderWithoutALog() {
    container
        .getBlobClient("plain/x.csv")
        .upload(com.azure.core.util.BinaryData.fromString("a,b"), true);

    for (String table : List.of("nothing/here", "plain")) {
      TableReadException failure =
          catchThrowableOfType(TableReadException.class, () -> rows(source(storage(), table)));
      assertThat(failure.reason())
          .isEqualTo(table.equals("plain") ? Reason.NOT_A_DELTA_TABLE : Reason.TABLE_NOT_FOUND);
    }
  }

  @Test
  void aPollWithNothingNewIsOneRequest() {
    Azurite.upload(container, DeltaTables.copy("16-many-versions", folder), "many");
    try (DeltaTableSource source = source(storage(), "many")) {
      long newest = source.newestVersion(120);
      proxy.reset();

      assertThat(source.newestVersion(newest)).isEqualTo(newest);

      assertThat(proxy.calls()).hasSize(1).allMatch(Call::isListing);
    }
  }

  @Test
  void readsEachNeededColumnChunkOnce() {
    long bytes;
    try (DeltaTableSource source = source(storage(), "large")) {
      rows(source);
      bytes = source.storageStatistics().bytesRead();
    }

    List<Call> reads = proxy.calls(DATA);
    assertThat(reads).hasSizeBetween(4, 20);
    assertThat(reads.stream().map(call -> call.uri() + call.range())).doesNotHaveDuplicates();
    long whole =
        proxy.calls(DATA).stream()
            .map(call -> call.uri().replaceFirst("\\?.*", "").replace("%2F", "/"))
            .distinct()
            .mapToLong(
                uri ->
                    folder
                        .resolve("large")
                        .resolve(uri.substring(uri.lastIndexOf('/') + 1))
                        .toFile()
                        .length())
            .sum();
    assertThat(bytes).isLessThan(whole + 100_000);
  }
}
