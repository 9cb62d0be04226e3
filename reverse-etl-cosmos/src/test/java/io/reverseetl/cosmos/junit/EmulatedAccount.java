package io.reverseetl.cosmos.junit;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosClientBuilder;
import io.reverseetl.cosmos.CosmosCheckpointStore;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import io.reverseetl.cosmos.emulator.EmulatedDatabase;
import java.util.concurrent.atomic.AtomicInteger;

/** An emulator and a client to it, and the containers of the tests that share it. */
final class EmulatedAccount implements AutoCloseable {
  private static final String DATABASE = "tests";

  private final CosmosEmulatorExtension.Settings settings;
  private final CosmosEmulator emulator;
  private final CosmosAsyncClient client;
  private final EmulatedDatabase database;
  private final AtomicInteger tests = new AtomicInteger();

  private EmulatedAccount(
      CosmosEmulatorExtension.Settings settings,
      CosmosEmulator emulator,
      CosmosAsyncClient client) {
    this.settings = settings;
    this.emulator = emulator;
    this.client = client;
    this.database = emulator.createDatabase(DATABASE);
  }

  static EmulatedAccount start(CosmosEmulatorExtension.Settings settings) {
    CosmosEmulator.Builder builder = CosmosEmulator.builder();
    settings.emulator().accept(builder);
    CosmosEmulator emulator = builder.start();
    try {
      return new EmulatedAccount(settings, emulator, connect(emulator));
    } catch (RuntimeException e) {
      emulator.close();
      throw e;
    }
  }

  private static CosmosAsyncClient connect(CosmosEmulator emulator) {
    return new CosmosClientBuilder()
        .endpoint(emulator.endpoint().toString())
        .key(emulator.key())
        .gatewayMode()
        .contentResponseOnWriteEnabled(false)
        .buildAsyncClient();
  }

  CosmosEmulator emulator() {
    return emulator;
  }

  CosmosAsyncClient client() {
    return client;
  }

  /** Makes the containers of one test. */
  Containers createContainers() {
    int test = tests.incrementAndGet();
    EmulatedContainer stored =
        database.createContainer(
            "documents-" + test, settings.partitions(), settings.partitionKeyPaths());
    EmulatedContainer checkpoints = database.createContainer("checkpoints-" + test, 1, "/id");
    return new Containers(
        client.getDatabase(DATABASE).getContainer(stored.name()),
        stored,
        CosmosCheckpointStore.of(client.getDatabase(DATABASE).getContainer(checkpoints.name())),
        () -> {
          delete(stored.name());
          delete(checkpoints.name());
        });
  }

  private void delete(String container) {
    if (database.hasContainer(container)) { // a test may have deleted it
      database.deleteContainer(container);
    }
  }

  /** What one test has for itself. */
  record Containers(
      CosmosAsyncContainer documents,
      EmulatedContainer stored,
      CosmosCheckpointStore checkpoints,
      Runnable end) {
    void delete() {
      end.run();
    }
  }

  @Override
  public void close() {
    client.close();
    emulator.close();
  }
}
