package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosAsyncDatabase;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.ThroughputProperties;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatedContainer;

/** An emulated account whose containers have throughput of their own. */
final class ThroughputAccount implements AutoCloseable {
  final CosmosEmulator emulator;
  final CosmosAsyncClient client;
  final CosmosAsyncDatabase database;

  ThroughputAccount(CosmosEmulator.Builder settings) {
    emulator = settings.start();
    client = TestAccount.connect(emulator);
    client.createDatabase("d").block();
    database = client.getDatabase("d");
  }

  CosmosAsyncContainer standard(String name, int requestUnitsPerSecond) {
    return create(name, ThroughputProperties.createManualThroughput(requestUnitsPerSecond));
  }

  CosmosAsyncContainer autoscale(String name, int maximum) {
    return create(name, ThroughputProperties.createAutoscaledThroughput(maximum));
  }

  /** A container for checkpoints and other state. */
  CosmosAsyncContainer state() {
    database.createContainer(new CosmosContainerProperties("state", "/id")).block();
    return database.getContainer("state");
  }

  private CosmosAsyncContainer create(String name, ThroughputProperties throughput) {
    database.createContainer(new CosmosContainerProperties(name, "/pk"), throughput).block();
    return database.getContainer(name);
  }

  EmulatedContainer emulated(String name) {
    return emulator.database("d").container(name);
  }

  @Override
  public void close() {
    client.close();
    emulator.close();
  }
}
