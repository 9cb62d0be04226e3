package io.reverseetl.cosmos.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosAsyncDatabase;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.ThrottlingRetryOptions;
import com.azure.cosmos.models.CosmosBulkItemResponse;
import com.azure.cosmos.models.CosmosBulkOperationResponse;
import com.azure.cosmos.models.CosmosBulkOperations;
import com.azure.cosmos.models.CosmosItemOperation;
import com.azure.cosmos.models.PartitionKey;
import com.azure.cosmos.models.ThroughputProperties;
import com.azure.cosmos.models.ThroughputResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

class EmulatorThroughputIT {
  private static ThrottlingRetryOptions noRetries() {
    return new ThrottlingRetryOptions().setMaxRetryAttemptsOnThrottledRequests(0);
  }

  private static CosmosItemOperation upsert(int number) {
    return CosmosBulkOperations.getUpsertItemOperation(
        EmulatorClient.item("id-" + number, "key-" + number), new PartitionKey("key-" + number));
  }

  /** A throttled operation is a response, but an exception when its whole batch was throttled. */
  private static String failure(CosmosBulkOperationResponse<?> response) {
    if (response.getException() instanceof CosmosException e) {
      return e.getStatusCode() + "/" + e.getSubStatusCode() + " after " + e.getRetryAfterDuration();
    }
    CosmosBulkItemResponse item = response.getResponse();
    return item.isSuccessStatusCode()
        ? null
        : item.getStatusCode()
            + "/"
            + item.getSubStatusCode()
            + " after "
            + item.getRetryAfterDuration();
  }

  @Test
  void readsAndReplacesManualThroughput() {
    try (CosmosEmulator emulator = CosmosEmulator.start();
        EmulatorClient client = new EmulatorClient(emulator)) {
      CosmosAsyncDatabase database = client.azure.getDatabase(EmulatorClient.DATABASE);
      database
          .createContainer(
              EmulatorClient.versionTwo("c", "/pk"),
              ThroughputProperties.createManualThroughput(600))
          .block();
      CosmosAsyncContainer container = client.container("c");

      int before = container.readThroughput().block().getProperties().getManualThroughput();
      container.replaceThroughput(ThroughputProperties.createManualThroughput(100_000)).block();
      ThroughputResponse after = container.readThroughput().block();

      assertThat(before).isEqualTo(600);
      assertThat(after.getProperties().getManualThroughput()).isEqualTo(100_000);
      assertThat(after.getMinThroughput()).isEqualTo(1_000);
      assertThat(after.isReplacePending()).isFalse();
      assertThatThrownBy(
              () ->
                  container
                      .replaceThroughput(ThroughputProperties.createManualThroughput(400))
                      .block())
          .isInstanceOf(CosmosException.class);
    }
  }

  @Test
  void movesFromManualToAutoscale() {
    try (CosmosEmulator emulator = CosmosEmulator.start();
        EmulatorClient client = new EmulatorClient(emulator)) {
      CosmosAsyncContainer container = client.create(EmulatorClient.versionTwo("c", "/pk"));

      container.replaceThroughput(ThroughputProperties.createAutoscaledThroughput(4_000)).block();

      ThroughputProperties now = container.readThroughput().block().getProperties();
      assertThat(now.getAutoscaleMaxThroughput()).isEqualTo(4_000);
      assertThat(emulator.database(EmulatorClient.DATABASE).container("c").requestUnitsPerSecond())
          .contains(4_000);
    }
  }

  @Test
  void createsAutoscaleContainersAndSharedDatabases() {
    try (CosmosEmulator emulator = CosmosEmulator.start();
        EmulatorClient client = new EmulatorClient(emulator)) {
      client
          .azure
          .createDatabase("shared", ThroughputProperties.createManualThroughput(1_000))
          .block();
      CosmosAsyncDatabase shared = client.azure.getDatabase("shared");
      shared.createContainer(EmulatorClient.versionTwo("plain", "/pk")).block();
      shared
          .createContainer(
              EmulatorClient.versionTwo("own", "/pk"),
              ThroughputProperties.createAutoscaledThroughput(5_000))
          .block();

      assertThat(shared.readThroughput().block().getProperties().getManualThroughput())
          .isEqualTo(1_000);
      assertThat(
              shared
                  .getContainer("own")
                  .readThroughput()
                  .block()
                  .getProperties()
                  .getAutoscaleMaxThroughput())
          .isEqualTo(5_000);
      assertThatThrownBy(() -> shared.getContainer("plain").readThroughput().block())
          .isInstanceOfSatisfying(
              CosmosException.class, e -> assertThat(e.getStatusCode()).isEqualTo(400));
    }
  }

  @Test
  void keepsAReplacedThroughputPendingUntilItIsCompleted() {
    try (CosmosEmulator emulator = CosmosEmulator.start();
        EmulatorClient client = new EmulatorClient(emulator)) {
      CosmosAsyncContainer container = client.create(EmulatorClient.versionTwo("c", "/pk"));
      EmulatedContainer stored = emulator.database(EmulatorClient.DATABASE).container("c");
      emulator.deferThroughputChanges(true);

      container.replaceThroughput(ThroughputProperties.createManualThroughput(20_000)).block();

      assertThat(container.readThroughput().block().isReplacePending()).isTrue();
      assertThat(stored.requestUnitsPerSecond()).contains(400);
      emulator.completeThroughputChanges();
      assertThat(container.readThroughput().block().isReplacePending()).isFalse();
      assertThat(stored.requestUnitsPerSecond()).contains(20_000);
    }
  }

  @Test
  void throttlesWhenTheSecondsBudgetIsSpent() {
    SteppedClock clock = new SteppedClock();
    try (CosmosEmulator emulator =
            CosmosEmulator.builder().requestUnitsPerSecond(400).clock(clock).start();
        EmulatorClient client = new EmulatorClient(emulator, noRetries())) {
      CosmosAsyncContainer container = client.create(EmulatorClient.versionTwo("c", "/pk"));
      EmulatedContainer stored = emulator.database(EmulatorClient.DATABASE).container("c");

      List<CosmosBulkOperationResponse<Object>> responses =
          EmulatorClient.bulk(container, Flux.range(0, 100).map(EmulatorThroughputIT::upsert));
      long written = stored.documentCount();

      assertThat(responses).hasSize(100);
      assertThat(written).isBetween(60L, 80L);
      assertThat(responses)
          .filteredOn(response -> failure(response) != null)
          .hasSize((int) (100 - written))
          .extracting(EmulatorThroughputIT::failure)
          .containsOnly("429/3200 after PT1S");
      assertThat(stored.throttledCount()).isEqualTo(100 - written);
      assertThat(stored.totalRequestUnits()).isBetween(400.0, 410.0);
      assertThatThrownBy(() -> container.createItem(EmulatorClient.item("x", "y")).block())
          .isInstanceOfSatisfying(
              CosmosException.class,
              e -> {
                assertThat(e.getStatusCode()).isEqualTo(429);
                assertThat(e.getSubStatusCode()).isEqualTo(3200);
                assertThat(e.getRetryAfterDuration()).isEqualTo(Duration.ofSeconds(1));
              });
      clock.advance(Duration.ofSeconds(2));
      container.createItem(EmulatorClient.item("x", "y")).block();
      assertThat(stored.ledger()).hasSize(2);
    }
  }

  @Test
  void clientRetriesUntilAThrottledBulkIsThrough() {
    try (CosmosEmulator emulator =
            CosmosEmulator.builder().partitions(2).requestUnitsPerSecond(1_000).start();
        EmulatorClient client = new EmulatorClient(emulator)) {
      CosmosAsyncContainer container = client.create(EmulatorClient.versionTwo("c", "/pk"));
      EmulatedContainer stored = emulator.database(EmulatorClient.DATABASE).container("c");

      List<CosmosBulkOperationResponse<Object>> responses =
          EmulatorClient.bulk(container, Flux.range(0, 400).map(EmulatorThroughputIT::upsert));

      assertThat(responses)
          .hasSize(400)
          .allMatch(r -> r.getResponse() != null && r.getResponse().isSuccessStatusCode());
      assertThat(stored.throttledCount()).isPositive();
      assertThat(stored.ledger()).allMatch(second -> second.requestUnits() <= 500 + 10);
    }
  }

  @Test
  void chargesByKindSizeAndIndex() {
    try (CosmosEmulator emulator = CosmosEmulator.start();
        EmulatorClient client = new EmulatorClient(emulator)) {
      CosmosAsyncContainer container = client.create(EmulatorClient.versionTwo("c", "/pk"));

      double create =
          container.createItem(EmulatorClient.item("1", "a")).block().getRequestCharge();
      double replace =
          container.upsertItem(EmulatorClient.item("1", "a")).block().getRequestCharge();
      double large =
          container
              .createItem(EmulatorClient.item("2", "a").put("x", "y".repeat(100_000)))
              .block()
              .getRequestCharge();
      double read =
          container.readItem("1", new PartitionKey("a"), Object.class).block().getRequestCharge();

      assertThat(create).isEqualTo(5.8);
      assertThat(replace).isEqualTo(2 * create);
      assertThat(large).isGreaterThan(50);
      assertThat(read).isEqualTo(1);
    }
  }
}
