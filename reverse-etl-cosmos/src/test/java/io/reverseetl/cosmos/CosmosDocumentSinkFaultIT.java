package io.reverseetl.cosmos;

import static io.reverseetl.document.DocumentSinkContract.delete;
import static io.reverseetl.document.DocumentSinkContract.upsert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosClientBuilder;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.cosmos.emulator.FaultRule;
import io.reverseetl.cosmos.emulator.Faults;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.RecordingCallback;
import io.reverseetl.document.Rejection;
import io.reverseetl.document.WriteCallback;
import io.reverseetl.document.WriteSession;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a session does about each thing that can go wrong on the wire. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class CosmosDocumentSinkFaultIT {
  private static final int MANY = 300;
  private static TestAccount account;

  private final RecordingCallback callback = new RecordingCallback();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private CosmosAsyncContainer container;
  private CosmosDocumentSink sink;

  @BeforeAll
  static void openAccount() throws Exception {
    account = TestAccount.emulated(4);
    // The first request of a process takes long, which some tests would take for a stall.
    CosmosDocumentSink first = CosmosDocumentSink.of(account.container(List.of("/region")));
    try (WriteSession session = first.openSession()) {
      session.write(upsert("7", "eu", Map.of()), new RecordingCallback());
      session.flush();
    }
  }

  @AfterAll
  static void closeAccount() {
    account.close();
  }

  @BeforeEach
  void createContainer() {
    container = account.container(List.of("/region"));
    sink = builder().build();
  }

  @AfterEach
  void clearFaults() {
    faults().clear();
    threads.shutdownNow();
  }

  private CosmosDocumentSink.Builder builder() {
    return CosmosDocumentSink.builder(container)
        .retryBackoff(Duration.ofMillis(1), Duration.ofMillis(10));
  }

  private static Faults faults() {
    return account.emulator().orElseThrow().faults();
  }

  private EmulatedContainer stored() {
    return account
        .emulator()
        .orElseThrow()
        .database(account.database().getId())
        .container(container.getId());
  }

  private void writeMany(WriteSession session) throws InterruptedException {
    for (int i = 0; i < MANY; i++) {
      session.write(upsert("d" + i, "r" + i % 20, Map.of("n", i)), callback);
    }
    session.flush();
  }

  private void assertManyWrittenOnce() {
    assertThat(callback.rejections()).isEmpty();
    assertThat(callback.written().stream().map(DocumentOperation::key).distinct()).hasSize(MANY);
    assertThat(callback.count()).isEqualTo(MANY);
    assertThat(stored().documentCount()).isEqualTo(MANY);
  }

  // Answers for one operation

  @ParameterizedTest
  @CsvSource({
    "408, 0",
    "410, 0",
    "410, 1002",
    "424, 0",
    "449, 0",
    "500, 0",
    "503, 0",
    "503, 21008",
    "404, 1002",
    "404, 0",
    "403, 3"
  })
  void runsAnUpsertAgainThatWasNotApplied(int status, int subStatus) throws Exception {
    FaultRule rule =
        faults().onBatchedOperation().document("d7").times(3).status(status, subStatus);
    try (WriteSession session = sink.openSession()) {
      writeMany(session);

      assertThat(session.statistics().retried()).isGreaterThanOrEqualTo(1);
      assertThat(session.statistics().upserted()).isEqualTo(MANY);
    }
    assertThat(rule.hits()).isEqualTo(3);
    assertManyWrittenOnce();
  }

  @Test
  void runsADeleteAgainThatWasNotApplied() throws Exception {
    stored().put("{\"id\":\"7\",\"region\":\"eu\"}");
    faults().onBatchedOperation(EmulatorOperation.DELETE).times(2).status(503, 0);
    try (WriteSession session = sink.openSession()) {
      session.write(delete("7", "eu"), callback);
      session.flush();

      assertThat(session.statistics().deleted()).isEqualTo(1);
      assertThat(session.statistics().retried()).isEqualTo(2);
    }
    assertThat(stored().documentCount()).isZero();
  }

  @Test
  void runsAThrottledOperationAgainWhenTheClientHasGivenUp() throws Exception {
    FaultRule rule =
        faults()
            .onBatchedOperation()
            .document("d7")
            .times(8)
            .status(429, 3200)
            .retryAfter(Duration.ofMillis(2));
    try (WriteSession session = sink.openSession()) {
      writeMany(session);

      assertThat(session.statistics().throttled()).isEqualTo(2);
      assertThat(session.statistics().retried()).isEqualTo(2);
    }
    assertThat(rule.hits()).isEqualTo(8);
    assertManyWrittenOnce();
  }

  @ParameterizedTest
  @CsvSource({
    "400, 0, INVALID",
    "400, 1001, INVALID",
    "403, 1014, PARTITION_FULL",
    "412, 0, CONFLICT",
    "413, 0, TOO_LARGE"
  })
  void rejectsOneOperationAndWritesTheRest(int status, int subStatus, Rejection.Reason reason)
      throws Exception {
    faults().onBatchedOperation().document("d7").status(status, subStatus);
    try (WriteSession session = sink.openSession()) {
      writeMany(session);

      assertThat(session.statistics().rejected()).isEqualTo(1);
      assertThat(session.statistics().upserted()).isEqualTo(MANY - 1);
    }
    assertThat(callback.rejections()).hasSize(1);
    assertThat(callback.rejections().get(0).reason()).isEqualTo(reason);
    assertThat(callback.rejections().get(0).statusCode()).isEqualTo(status);
    assertThat(callback.rejections().get(0).message()).contains(status + "/" + subStatus);
    assertThat(stored().documentCount()).isEqualTo(MANY - 1);
  }

  @Test
  void triesAConflictOnceMoreAtTheEndOfTheFlush() throws Exception {
    faults().onBatchedOperation().document("d7").times(1).status(409);
    try (WriteSession session = sink.openSession()) {
      writeMany(session);
    }

    assertManyWrittenOnce();
    assertThat(callback.written().get(MANY - 1).key().id()).isEqualTo("d7");
  }

  @Test
  void rejectsAConflictThatStays() throws Exception {
    faults().onBatchedOperation().document("d7").status(409);
    try (WriteSession session = sink.openSession()) {
      writeMany(session);
    }

    assertThat(callback.rejections()).hasSize(1);
    assertThat(callback.rejections().get(0).reason()).isEqualTo(Rejection.Reason.CONFLICT);
    assertThat(callback.written()).hasSize(MANY - 1);
  }

  @Test
  void goesOnWithADocumentWhoseEarlierOperationConflicts() throws Exception {
    faults().onBatchedOperation().document("7").times(1).status(409);
    try (WriteSession session = sink.openSession()) {
      session.write(upsert("7", "eu", Map.of("version", 1)), callback);
      session.write(upsert("7", "eu", Map.of("version", 2)), callback);
      session.flush();
    }

    assertThat(callback.written()).hasSize(2);
    assertThat(stored().document("7", "eu").orElseThrow().get("version").intValue()).isEqualTo(2);
  }

  @Test
  void makesRoomWhenConflictsHoldAllThatMayBeInFlight() throws Exception {
    faults().onBatchedOperation().times(5).status(409);
    try (WriteSession session = builder().maxInFlightOperations(5).build().openSession()) {
      writeMany(session);
    }

    assertManyWrittenOnce();
  }

  // Answers for a whole request

  @ParameterizedTest
  @CsvSource({
    "408, 0",
    "410, 0",
    "410, 1002",
    "429, 3200",
    "449, 0",
    "500, 0",
    "503, 0",
    "400, 0",
    "413, 0",
    "409, 0"
  })
  void writesEverythingThoughSomeRequestsAreRefused(int status, int subStatus) throws Exception {
    FaultRule rule =
        faults().onBatch().times(6).status(status, subStatus).retryAfter(Duration.ofMillis(1));
    try (WriteSession session = sink.openSession()) {
      writeMany(session);
    }
    assertThat(rule.hits()).isBetween(1L, 6L);
    assertManyWrittenOnce();
  }

  @ParameterizedTest
  @ValueSource(strings = {"drop before", "drop after", "truncate"})
  void writesEverythingThoughAnswersAreLost(String how) throws Exception {
    FaultRule rule = faults().onBatch().times(3);
    switch (how) {
      case "drop before" -> rule.beforeApply().dropConnection();
      case "drop after" -> rule.afterApply().dropConnection();
      default -> rule.truncateBody();
    }
    try (WriteSession session = sink.openSession()) {
      writeMany(session);

      assertThat(session.statistics().retried()).isGreaterThanOrEqualTo(1);
    }
    assertThat(rule.hits()).isEqualTo(3);
    assertManyWrittenOnce();
  }

  @Test
  void findsTheOneOperationThatSpoilsItsBatch() throws Exception {
    faults().onBatch().matching(request -> request.documentIds().contains("d7")).status(400);
    faults().onUpsert().document("d7").status(400);
    try (WriteSession session = sink.openSession()) {
      writeMany(session);

      assertThat(session.statistics().rejected()).isEqualTo(1);
    }
    assertThat(callback.rejections().get(0).reason()).isEqualTo(Rejection.Reason.INVALID);
    assertThat(callback.written()).hasSize(MANY - 1);
    assertThat(stored().documentCount()).isEqualTo(MANY - 1);
  }

  @Test
  void writesOnAcrossASplit() throws Exception {
    try (WriteSession session = sink.openSession()) {
      session.write(upsert("before", "r1", Map.of()), new RecordingCallback());
      session.flush();
      for (String range : List.copyOf(stored().rangeIds())) {
        stored().split(range);
      }
      writeMany(session);
    }

    assertThat(stored().documentCount()).isEqualTo(MANY + 1);
    assertThat(callback.written()).hasSize(MANY);
  }

  // Order

  @Test
  void keepsTheOrderOfOneDocumentThroughFailures() throws Exception {
    faults().onBatchedOperation().probability(0.2, 1).status(503, 0);
    faults()
        .onBatchedOperation()
        .probability(0.2, 2)
        .status(429, 3200)
        .retryAfter(Duration.ofMillis(1));
    faults().onBatch().probability(0.1, 3).afterApply().dropConnection();
    int versions = 40;
    try (WriteSession session = builder().maxAttempts(1_000).build().openSession()) {
      for (int version = 1; version <= versions; version++) {
        session.write(upsert("hot", "eu", Map.of("version", version)), callback);
        session.write(upsert("c" + version, "eu", Map.of()), new RecordingCallback());
      }
      session.flush();
    }

    assertThat(stored().document("hot", "eu").orElseThrow().get("version").intValue())
        .isEqualTo(versions);
    assertThat(callback.written().stream().map(DocumentOperation::sourceVersion))
        .hasSize(versions)
        .isSorted();
  }

  // The end of a session

  @Test
  void failsWhenAnOperationHasUsedUpItsAttempts() throws Exception {
    faults().onBatchedOperation().document("secret7").status(503, 21008);
    try (WriteSession session = builder().maxAttempts(3).build().openSession()) {
      session.write(upsert("secret7", "secretRegion", Map.of("name", "secretName")), callback);

      assertThatThrownBy(session::flush)
          .isInstanceOfSatisfying(
              WriteException.class, e -> assertThat(e.statusCode()).contains(503))
          .hasMessageContaining(container.getId())
          .hasMessageContaining("503/21008")
          .hasMessageContaining("3 attempts")
          .hasMessageNotContaining("secret");
      assertThatThrownBy(() -> session.write(delete("8", "eu"), callback))
          .isInstanceOf(WriteException.class)
          .hasMessageContaining("503/21008");
      assertThatThrownBy(session::flush).isInstanceOf(WriteException.class);
    }
    assertThat(callback.count()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"401, 0", "403, 0"})
  void failsAtOnceWhenTheCredentialsAreRefused(int status, int subStatus) throws Exception {
    FaultRule rule = faults().onBatch().status(status, subStatus);
    try (WriteSession session = sink.openSession()) {
      assertThatThrownBy(() -> writeMany(session))
          .isInstanceOf(WriteException.class)
          .hasMessageContaining("credentials")
          .hasMessageContaining(container.getId());
    }
    assertThat(rule.hits()).isLessThan(10);
    assertThat(callback.count()).isZero();
  }

  @Test
  void failsWhenTheContainerIsGone() throws Exception {
    try (WriteSession session = sink.openSession()) {
      writeMany(session);
      account
          .emulator()
          .orElseThrow()
          .database(account.database().getId())
          .deleteContainer(container.getId());

      assertThatThrownBy(() -> writeMany(session))
          .isInstanceOf(WriteException.class)
          .hasMessageContaining(container.getId());
    }
  }

  @Test
  void failsWhenACallbackDoes() throws Exception {
    RuntimeException cause = new IllegalStateException("broken callback");
    WriteCallback broken =
        new WriteCallback() {
          @Override
          public void written(DocumentOperation operation, double requestUnits) {
            throw cause;
          }

          @Override
          public void rejected(DocumentOperation operation, Rejection why, double requestUnits) {}
        };
    try (WriteSession session = sink.openSession()) {
      session.write(upsert("7", "eu", Map.of()), broken);

      assertThatThrownBy(session::flush).isInstanceOf(WriteException.class).hasCause(cause);
    }
  }

  @Test
  void sendsAgainWhatIsNotAnsweredAndIgnoresLateAnswers() throws Exception {
    FaultRule held = faults().onBatch().times(1).afterApply().hold();
    try (WriteSession session =
        builder().stallTimeout(Duration.ofSeconds(3)).build().openSession()) {
      writeMany(session);
      assertThat(session.statistics().retried()).isGreaterThanOrEqualTo(1);
      held.release();
      session.write(upsert("last", "r1", Map.of()), new RecordingCallback());
      session.flush();
    }

    assertThat(callback.written()).hasSize(MANY);
    assertThat(stored().documentCount()).isEqualTo(MANY + 1);
  }

  @Test
  void failsWhenNothingIsAnsweredForLong() throws Exception {
    FaultRule held = faults().onBatch().hold();
    try (WriteSession session =
        builder().stallTimeout(Duration.ofMillis(200)).build().openSession()) {
      assertThatThrownBy(() -> writeMany(session))
          .isInstanceOf(WriteException.class)
          .hasMessageContaining(container.getId())
          .hasMessageContaining(MANY + " operations");
    }
    held.release();
    assertThat(callback.count()).isZero();
  }

  @Test
  void countsTheStallTimeoutFromTheFirstOperationInFlight() throws Exception {
    try (WriteSession session =
        builder().stallTimeout(Duration.ofSeconds(1)).build().openSession()) {
      writeMany(session);
      FaultRule held = faults().onBatch().hold();
      // Idle for longer than the timeout, which is no stall.
      assertThat(threads.awaitTermination(1_100, TimeUnit.MILLISECONDS)).isFalse();
      session.write(upsert("last", "r1", Map.of()), callback);
      held.release();
      session.flush();

      assertThat(session.statistics().retried()).isZero();
    }
  }

  // Bounds and threads

  @Test
  void blocksWritersAtTheBoundAndLetsThemOn() throws Exception {
    FaultRule held = faults().onBatch().hold();
    AtomicInteger handedOver = new AtomicInteger();
    try (WriteSession session = builder().maxInFlightOperations(50).build().openSession()) {
      Future<?> writer =
          threads.submit(
              () -> {
                for (int i = 0; i < MANY; i++) {
                  session.write(upsert("d" + i, "r" + i % 20, Map.of()), callback);
                  handedOver.incrementAndGet();
                }
                session.flush();
                return null;
              });
      while (held.hits() == 0) {
        Thread.onSpinWait();
      }
      assertThat(handedOver.get()).isLessThanOrEqualTo(50);
      assertThat(writer.isDone()).isFalse();
      held.release();
      writer.get();
    }
    assertManyWrittenOnce();
  }

  @Test
  void boundsTheBytesInFlight() throws Exception {
    String text = "x".repeat(1_000);
    FaultRule held = faults().onBatch().hold();
    AtomicInteger handedOver = new AtomicInteger();
    try (WriteSession session = builder().maxInFlightBytes(20_000).build().openSession()) {
      Future<?> writer =
          threads.submit(
              () -> {
                for (int i = 0; i < 100; i++) {
                  session.write(upsert("d" + i, "r" + i % 20, Map.of("text", text)), callback);
                  handedOver.incrementAndGet();
                }
                session.flush();
                return null;
              });
      while (held.hits() == 0) {
        Thread.onSpinWait();
      }
      assertThat(handedOver.get()).isLessThan(20);
      held.release();
      writer.get();
    }
    assertThat(stored().documentCount()).isEqualTo(100);
  }

  @Test
  void writesADocumentThatIsLargerThanTheBound() throws Exception {
    try (WriteSession session = builder().maxInFlightBytes(100).build().openSession()) {
      for (int i = 0; i < 3; i++) {
        session.write(upsert("d" + i, "eu", Map.of("text", "x".repeat(500))), callback);
      }
      session.flush();
    }
    assertThat(stored().documentCount()).isEqualTo(3);
  }

  @Test
  void interruptsAWriterThatWaits() throws Exception {
    FaultRule held = faults().onBatch().hold();
    try (WriteSession session = builder().maxInFlightOperations(1).build().openSession()) {
      session.write(upsert("1", "eu", Map.of()), callback);
      Thread writer = Thread.currentThread();
      threads.submit(
          () -> {
            while (held.hits() == 0) {
              Thread.onSpinWait();
            }
            writer.interrupt();
          });
      assertThatThrownBy(() -> session.write(upsert("2", "eu", Map.of()), callback))
          .isInstanceOf(InterruptedException.class);

      held.release();
      session.write(upsert("3", "eu", Map.of()), callback);
      session.flush();
    }
    assertThat(stored().documents().stream().map(document -> document.get("id").textValue()))
        .containsExactlyInAnyOrder("1", "3");
  }

  @Test
  void freesWaitingThreadsWhenItIsClosed() throws Exception {
    FaultRule held = faults().onBatch().hold();
    WriteSession session = builder().maxInFlightOperations(1).build().openSession();
    session.write(upsert("1", "eu", Map.of()), callback);
    List<Future<Throwable>> waiting = new ArrayList<>();
    waiting.add(threads.submit(() -> catchThrowable(session::flush)));
    waiting.add(
        threads.submit(
            () -> catchThrowable(() -> session.write(upsert("2", "eu", Map.of()), callback))));
    waiting.add(
        threads.submit(
            () -> catchThrowable(() -> session.write(upsert("1", "eu", Map.of()), callback))));
    while (held.hits() == 0) {
      Thread.onSpinWait();
    }

    session.close();

    for (Future<Throwable> each : waiting) {
      assertThat(each.get()).isInstanceOf(IllegalStateException.class);
    }
    held.release();
    assertThat(callback.count()).isZero();
  }

  // Looking at the container

  @Test
  void saysThatTheContainerIsMissing() {
    CosmosDocumentSink missing = CosmosDocumentSink.of(account.database().getContainer("nowhere"));

    assertThatThrownBy(missing::describe)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("nowhere")
        .hasMessageContaining(account.database().getId());
    assertThatThrownBy(missing::openSession).isInstanceOf(ConfigurationException.class);
  }

  @ParameterizedTest
  @CsvSource({"401", "403"})
  void saysThatTheCredentialsAreRefused(int status) {
    faults().on(EmulatorOperation.READ_CONTAINER).status(status);

    assertThatThrownBy(sink::describe)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("credentials");
  }

  @Test
  void keepsTheKeyOutOfItsMessages() {
    String wrong = Base64.getEncoder().encodeToString(new byte[64]);
    faults().clear();
    try (CosmosAsyncClient client = TestAccount.connect(account.emulator().orElseThrow())) {
      client.getDatabase(account.database().getId()).read().block();
      account.emulator().orElseThrow().key(wrong);

      Throwable thrown =
          catchThrowable(
              () ->
                  CosmosDocumentSink.of(
                          client.getDatabase(account.database().getId()).getContainer("other"))
                      .describe());

      assertThat(thrown).isInstanceOf(ConfigurationException.class);
      assertThat(thrown.getMessage())
          .doesNotContain(wrong)
          .doesNotContain(io.reverseetl.cosmos.emulator.CosmosEmulator.DEFAULT_KEY);
    } finally {
      account
          .emulator()
          .orElseThrow()
          .key(io.reverseetl.cosmos.emulator.CosmosEmulator.DEFAULT_KEY);
    }
  }

  @Test
  void saysThatTheServiceDoesNotAnswer() {
    faults().on(EmulatorOperation.READ_CONTAINER).status(500);

    assertThatThrownBy(sink::describe)
        .isInstanceOf(WriteException.class)
        .hasMessageContaining("500");
  }

  @Test
  void worksWithAClientThatHasASerializerOfItsOwn() throws Exception {
    try (CosmosAsyncClient client =
        new CosmosClientBuilder()
            .endpoint(account.emulator().orElseThrow().endpoint().toString())
            .key(account.emulator().orElseThrow().key())
            .gatewayMode()
            .contentResponseOnWriteEnabled(true)
            .customItemSerializer(new RefusingSerializer())
            .buildAsyncClient()) {
      CosmosAsyncContainer same =
          client.getDatabase(account.database().getId()).getContainer(container.getId());
      try (WriteSession session = CosmosDocumentSink.of(same).openSession()) {
        writeMany(session);
      }
    }
    assertManyWrittenOnce();
  }

  private static final class RefusingSerializer extends com.azure.cosmos.CosmosItemSerializer {
    @Override
    public <T> Map<String, Object> serialize(T item) {
      throw new IllegalStateException("The sink must not use the user's serializer.");
    }

    @Override
    public <T> T deserialize(Map<String, Object> json, Class<T> type) {
      throw new IllegalStateException("The sink must not use the user's serializer.");
    }
  }
}
