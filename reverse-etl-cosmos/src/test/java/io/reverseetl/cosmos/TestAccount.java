package io.reverseetl.cosmos;

import com.azure.cosmos.ConsistencyLevel;
import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosAsyncDatabase;
import com.azure.cosmos.CosmosClientBuilder;
import com.azure.cosmos.ThrottlingRetryOptions;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.PartitionKeyDefinition;
import com.azure.cosmos.models.PartitionKeyDefinitionVersion;
import com.azure.cosmos.models.PartitionKind;
import com.azure.cosmos.models.ThroughputProperties;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An account for a test class: the one that {@code COSMOS_ENDPOINT} and {@code COSMOS_KEY} name, or
 * an emulator in this JVM. What it makes is deleted when it is closed.
 */
final class TestAccount implements AutoCloseable {
  private final CosmosEmulator emulator;
  private final CosmosAsyncClient client;
  private final CosmosAsyncDatabase database;
  private final AtomicInteger containers = new AtomicInteger();

  private TestAccount(CosmosEmulator emulator, CosmosAsyncClient client) {
    this.emulator = emulator;
    this.client = client;
    String name = "reverse-etl-test-" + UUID.randomUUID();
    // Its containers share this; each test deletes its own, as an account allows 25 to share.
    client.createDatabase(name, ThroughputProperties.createManualThroughput(4_000)).block();
    this.database = client.getDatabase(name);
  }

  /** The account in the environment, or an emulator. */
  static TestAccount open() {
    String endpoint = System.getenv("COSMOS_ENDPOINT");
    if (endpoint == null) {
      return emulated(4);
    }
    return new TestAccount(
        null,
        new CosmosClientBuilder()
            .endpoint(endpoint)
            .key(System.getenv("COSMOS_KEY"))
            .gatewayMode()
            .consistencyLevel(ConsistencyLevel.SESSION)
            .buildAsyncClient());
  }

  /** An emulator whose containers have so many partition ranges. */
  static TestAccount emulated(int partitions) {
    CosmosEmulator emulator = CosmosEmulator.builder().partitions(partitions).start();
    return new TestAccount(emulator, connect(emulator));
  }

  /** A client of the emulator that gives throttled requests up after few retries. */
  static CosmosAsyncClient connect(CosmosEmulator emulator) {
    return new CosmosClientBuilder()
        .endpoint(emulator.endpoint().toString())
        .key(emulator.key())
        .gatewayMode()
        .consistencyLevel(ConsistencyLevel.SESSION)
        .throttlingRetryOptions(
            new ThrottlingRetryOptions()
                .setMaxRetryAttemptsOnThrottledRequests(2)
                .setMaxRetryWaitTime(Duration.ofSeconds(5)))
        .buildAsyncClient();
  }

  Optional<CosmosEmulator> emulator() {
    return Optional.ofNullable(emulator);
  }

  CosmosAsyncDatabase database() {
    return database;
  }

  /** Makes an empty container. */
  CosmosAsyncContainer container(List<String> partitionKeyPaths) {
    PartitionKeyDefinition key = new PartitionKeyDefinition();
    key.setPaths(partitionKeyPaths);
    key.setVersion(PartitionKeyDefinitionVersion.V2);
    key.setKind(partitionKeyPaths.size() == 1 ? PartitionKind.HASH : PartitionKind.MULTI_HASH);
    return container(new CosmosContainerProperties(newName(), key));
  }

  CosmosAsyncContainer container(CosmosContainerProperties properties) {
    database.createContainer(properties).block();
    return database.getContainer(properties.getId());
  }

  String newName() {
    return "c" + containers.incrementAndGet();
  }

  /** How many documents a container has. */
  long count(CosmosAsyncContainer container) {
    if (emulator != null) {
      return emulator.database(database.getId()).container(container.getId()).documentCount();
    }
    return Objects.requireNonNull(
        container.queryItems("SELECT VALUE COUNT(1) FROM c", Long.class).blockFirst());
  }

  @Override
  public void close() {
    database.delete().block();
    client.close();
    if (emulator != null) {
      emulator.close();
    }
  }
}
