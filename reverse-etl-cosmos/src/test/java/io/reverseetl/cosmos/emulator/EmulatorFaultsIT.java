package io.reverseetl.cosmos.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosBulkOperationResponse;
import com.azure.cosmos.models.CosmosBulkOperations;
import com.azure.cosmos.models.CosmosItemOperation;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

class EmulatorFaultsIT {
  private static CosmosEmulator emulator;
  private static EmulatorClient client;

  private CosmosAsyncContainer items;
  private EmulatedContainer stored;

  @BeforeAll
  static void start() {
    emulator = CosmosEmulator.start();
    client = new EmulatorClient(emulator);
  }

  @AfterAll
  static void stop() {
    client.close();
    emulator.close();
  }

  @BeforeEach
  void createContainer(TestInfo test) {
    String name = "c" + test.hashCode() + test.getDisplayName().hashCode();
    items = client.create(EmulatorClient.versionTwo(name, "/pk"));
    stored = emulator.database(EmulatorClient.DATABASE).container(name);
    emulator.calls().clear();
  }

  @AfterEach
  void heal() {
    emulator.faults().clear();
  }

  /** One batch on an idle machine; on a busy one the client may flush the hundred in several. */
  private List<CosmosBulkOperationResponse<Object>> upsertHundred() {
    Flux<CosmosItemOperation> operations =
        Flux.range(0, 100)
            .map(
                i ->
                    CosmosBulkOperations.getUpsertItemOperation(
                        EmulatorClient.item("id-" + i, "a"), new PartitionKey("a")));
    return EmulatorClient.bulk(items, operations);
  }

  private static void assertAllSucceeded(List<CosmosBulkOperationResponse<Object>> responses) {
    assertThat(responses)
        .hasSize(100)
        .allMatch(r -> r.getResponse() != null && r.getResponse().isSuccessStatusCode());
  }

  private static void assertAllThrew(
      List<CosmosBulkOperationResponse<Object>> responses, int status, int subStatus) {
    assertThat(responses)
        .hasSize(100)
        .allSatisfy(
            r ->
                assertThat(r.getException())
                    .isInstanceOfSatisfying(
                        CosmosException.class,
                        e -> {
                          assertThat(e.getStatusCode()).isEqualTo(status);
                          assertThat(e.getSubStatusCode()).isEqualTo(subStatus);
                        }));
  }

  @Test
  void aLostResponseLeavesTheWriteInPlace() {
    FaultRule lost = emulator.faults().onBatch().afterApply().dropConnection();

    List<CosmosBulkOperationResponse<Object>> responses = upsertHundred();

    assertAllThrew(responses, 503, 10001);
    assertThat(stored.documentCount()).isEqualTo(100);
    assertThat(lost.hits()).isPositive();
  }

  @Test
  void aResetConnectionHasNoStatusAtAll() {
    emulator.faults().onBatch().afterApply().resetConnection();

    List<CosmosBulkOperationResponse<Object>> responses = upsertHundred();

    assertThat(responses)
        .hasSize(100)
        .allSatisfy(
            r ->
                assertThat(r.getException())
                    .isInstanceOfSatisfying(
                        CosmosException.class,
                        // Netty's native transport reports a reset as an exception that the client
                        // does not know as a network failure; without it the answer is 503/10001.
                        e -> assertThat(e.getStatusCode()).isIn(0, 503)));
    assertThat(stored.documentCount()).isEqualTo(100);
  }

  @Test
  void aConnectionDroppedBeforeTheWriteLeavesNothing() {
    emulator.faults().onBatch().beforeApply().dropConnection();

    List<CosmosBulkOperationResponse<Object>> responses = upsertHundred();

    assertAllThrew(responses, 503, 10001);
    assertThat(stored.documentCount()).isZero();
  }

  @Test
  void aTruncatedBodyIsALostResponse() {
    emulator.faults().onBatch().truncateBody();

    List<CosmosBulkOperationResponse<Object>> responses = upsertHundred();

    assertAllThrew(responses, 503, 10001);
    assertThat(stored.documentCount()).isEqualTo(100);
  }

  @ParameterizedTest
  @CsvSource({"429,3200", "449,0", "410,1002", "410,1007", "410,0", "404,1002"})
  void clientRecoversFromWholeBatchesThatFailOnce(int status, int subStatus) {
    FaultRule fault =
        emulator
            .faults()
            .onBatch()
            .times(1)
            .retryAfter(Duration.ofMillis(1))
            .status(status, subStatus);

    List<CosmosBulkOperationResponse<Object>> responses = upsertHundred();

    assertAllSucceeded(responses);
    assertThat(fault.hits()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 413, 500, 503})
  void clientGivesUpOnOtherFailuresOfWholeBatches(int status) {
    emulator.faults().onBatch().status(status);

    List<CosmosBulkOperationResponse<Object>> responses = upsertHundred();

    assertThat(responses)
        .hasSize(100)
        .allSatisfy(
            r ->
                assertThat(
                        r.getException() instanceof CosmosException e
                            ? e.getStatusCode()
                            : r.getResponse().getStatusCode())
                    .isEqualTo(status));
    assertThat(stored.documentCount()).isZero();
  }

  @Test
  void oneThrottledOperationOfABatchIsRetriedAlone() {
    FaultRule throttle =
        emulator
            .faults()
            .onBatchedOperation()
            .document("id-7")
            .times(2)
            .retryAfter(Duration.ofMillis(1))
            .status(429, 3200);

    List<CosmosBulkOperationResponse<Object>> responses = upsertHundred();

    assertAllSucceeded(responses);
    assertThat(throttle.hits()).isEqualTo(2);
    assertThat(emulator.calls().count(EmulatorOperation.BULK_BATCH)).isGreaterThanOrEqualTo(3);
  }

  @Test
  void oneFailedOperationOfABatchIsReportedAlone() {
    emulator.faults().onBatchedOperation(EmulatorOperation.UPSERT).document("id-3").status(408);
    emulator.faults().onBatchedOperation().document("id-4").afterApply().status(503, 21008);

    List<CosmosBulkOperationResponse<Object>> responses = upsertHundred();

    assertThat(responses).filteredOn(r -> !r.getResponse().isSuccessStatusCode()).hasSize(2);
    assertThat(stored.document("id-3", "a")).isEmpty();
    assertThat(stored.document("id-4", "a")).isPresent();
  }

  @Test
  void skipsTheFirstRequestsAndCountsTheRest() {
    FaultRule fault = emulator.faults().onRead().skipFirst(2).times(1).status(500);
    stored.put("{\"id\":\"1\",\"pk\":\"a\"}");

    read();
    read();
    assertThatThrownBy(this::read).isInstanceOf(CosmosException.class);
    read();

    assertThat(fault.hits()).isEqualTo(1);
  }

  private JsonNode read() {
    return items.readItem("1", new PartitionKey("a"), JsonNode.class).block().getItem();
  }

  @Test
  void drawsFromItsSeed() {
    FaultRule first = emulator.faults().onCreate().probability(0.5, 42).status(400);
    for (int i = 0; i < 40; i++) {
      items
          .createItem(EmulatorClient.item("x" + i, "a"))
          .onErrorComplete(CosmosException.class)
          .block();
    }

    assertThat(first.hits()).isBetween(8L, 32L);
    assertThat(stored.documentCount()).isEqualTo(40 - first.hits());
  }

  @Test
  void holdsARequestUntilItIsReleased() {
    FaultRule held = emulator.faults().onCreate().times(1).hold();

    CompletableFuture<?> create = items.createItem(EmulatorClient.item("1", "a")).toFuture();
    emulator.faults().onUpsert().times(1).delay(Duration.ofMillis(1));
    items.upsertItem(EmulatorClient.item("2", "a")).block();

    assertThat(create).isNotDone();
    held.release();
    create.join();
    assertThat(stored.documentCount()).isEqualTo(2);
  }

  @Test
  void staysSilent() {
    emulator.faults().onAccount().silent();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(emulator.endpoint().toString()))
            .timeout(Duration.ofMillis(200))
            .build();

    assertThatThrownBy(
            () -> HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()))
        .isInstanceOf(HttpTimeoutException.class);
  }

  @Test
  void recordsCallsAndBodiesOnlyWhenAsked() {
    items.createItem(EmulatorClient.item("1", "a")).block();
    emulator.calls().recordBodies(true);
    items.createItem(EmulatorClient.item("2", "a")).block();
    emulator.calls().recordBodies(false);

    List<RecordedCall> creates = emulator.calls().calls(EmulatorOperation.CREATE);
    assertThat(creates).extracting(RecordedCall::status).containsExactly(201, 201);
    assertThat(creates.get(0).body()).isEmpty();
    assertThat(creates.get(1).bodyText()).contains("\"id\":\"2\"");
    assertThat(creates.get(1).headers()).containsKey("x-ms-documentdb-partitionkey");
  }

  @Test
  void boundsTheCallLog() {
    emulator.calls().capacity(2);
    for (int i = 0; i < 5; i++) {
      items.createItem(EmulatorClient.item("x" + i, "a")).block();
    }

    assertThat(emulator.calls().calls()).hasSize(2);
    assertThat(emulator.calls().count(EmulatorOperation.CREATE)).isEqualTo(5);
    emulator.calls().capacity(10_000);
  }
}
