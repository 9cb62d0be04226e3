package io.reverseetl.cli;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosAsyncDatabase;
import io.reverseetl.Pipeline;
import io.reverseetl.checkpoint.FileCheckpointStore;
import io.reverseetl.cosmos.CosmosCheckpointStore;
import io.reverseetl.cosmos.CosmosDeadLetterSink;
import io.reverseetl.cosmos.ThroughputPlan;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where documents go, and where progress is kept. */
final class TargetOptions {
  private static final String FILE = "file:";
  private static final String COSMOS = "cosmos:";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--endpoint",
      paramLabel = "URI",
      description = {
        "The Cosmos DB account. The key comes from the environment variable COSMOS_KEY; without it,"
            + " Entra ID is asked.",
        "http:// is for loopback addresses only. Default: an emulator inside this process, which"
            + " ends with it."
      })
  private @Nullable URI endpoint;

  @Option(
      names = "--database",
      paramLabel = "D",
      description = "The database. Needed with --endpoint.")
  private @Nullable String database;

  @Option(
      names = "--container",
      paramLabel = "C",
      description = "The container. Needed with --endpoint.")
  private @Nullable String container;

  @Option(
      names = "--create",
      description = "Make the database and the container if they are not there.")
  private boolean create;

  @Option(
      names = "--checkpoint",
      paramLabel = "PLACE",
      description = {
        "Where progress is kept: file:FOLDER, or cosmos:CONTAINER in the same database.",
        "Needed with --endpoint."
      })
  private @Nullable String checkpoint;

  @Option(
      names = "--raise-to",
      paramLabel = "N",
      description = {
        "Raise the container's throughput to N request units per second (autoscale: the maximum) for"
            + " a load, and go back afterwards, also after a crash, when it is run again.",
        "Needs the account's key and --checkpoint cosmos:CONTAINER. See estimate for the floor."
      })
  private @Nullable Integer raiseTo;

  /** Gives the pipeline parts that write nothing and keep nothing. */
  static void none(Pipeline.Builder pipeline) {
    pipeline.sink(InMemoryDocumentSink.of("/id")).checkpoints(InMemoryCheckpointStore.create());
  }

  /**
   * Connects the pipeline to its target and checkpoint store.
   *
   * @param deadLetters the container for dead letters; null if they go elsewhere, or there are none
   */
  void connect(
      Pipeline.Builder pipeline,
      OpenPipeline.Builder parts,
      List<String> partitionKeyPaths,
      ThroughputOptions throughput,
      String name,
      @Nullable String deadLetters) {
    if (endpoint == null) {
      connectEmulator(pipeline, parts, partitionKeyPaths, throughput, deadLetters);
      return;
    }
    String databaseName = needed("--database", database);
    String containerName = needed("--container", container);
    String place = needed("--checkpoint", checkpoint);
    CosmosAsyncClient client = parts.closing(clients().toAccount(endpoint));
    if (create) {
      CosmosContainers.create(client, databaseName, containerName, partitionKeyPaths);
    }
    CosmosAsyncDatabase of = client.getDatabase(databaseName);
    CosmosAsyncContainer target = of.getContainer(containerName);
    pipeline.sink(parts.closing(throughput.sink(target)));
    throughput.limit(pipeline, parts, of, target);
    checkpoints(pipeline, client, databaseName, place);
    deadLetters(pipeline, parts, client, databaseName, deadLetters);
    if (raiseTo != null) {
      parts.plan(plan(of, target, place, name, raiseTo));
    }
  }

  private ThroughputPlan plan(
      CosmosAsyncDatabase of, CosmosAsyncContainer target, String place, String name, int to) {
    if (!place.startsWith(COSMOS)) {
      throw new ParameterException(
          spec.commandLine(),
          "--raise-to: what was there before is recorded with the checkpoint, so it needs"
              + " --checkpoint cosmos:CONTAINER.");
    }
    return ThroughputPlan.builder(target, to)
        .recordedIn(of.getContainer(place.substring(COSMOS.length())), name)
        .build();
  }

  /** A connection to the account, if one is named. */
  Account account() {
    if (endpoint == null) {
      return new Account(null, Optional.empty());
    }
    String databaseName = needed("--database", database);
    String containerName = needed("--container", container);
    CosmosAsyncClient client = clients().toAccount(endpoint);
    return new Account(
        client, Optional.of(client.getDatabase(databaseName).getContainer(containerName)));
  }

  /**
   * A connection, for looking only.
   *
   * @param container the target, which need not be there; empty without an account
   */
  record Account(@Nullable CosmosAsyncClient client, Optional<CosmosAsyncContainer> container)
      implements AutoCloseable {
    @Override
    public void close() {
      if (client != null) {
        client.close();
      }
    }
  }

  private void connectEmulator(
      Pipeline.Builder pipeline,
      OpenPipeline.Builder parts,
      List<String> partitionKeyPaths,
      ThroughputOptions throughput,
      @Nullable String deadLetters) {
    create = true;
    CosmosEmulator emulator = parts.closing(CosmosEmulator.builder().start());
    CosmosAsyncClient client =
        parts.closing(clients().withKey(emulator.endpoint(), emulator.key()));
    String databaseName = database == null ? "reverse-etl" : database;
    String containerName = container == null ? "documents" : container;
    CosmosContainers.create(client, databaseName, containerName, partitionKeyPaths);
    CosmosAsyncDatabase of = client.getDatabase(databaseName);
    CosmosAsyncContainer target = of.getContainer(containerName);
    pipeline.sink(parts.closing(throughput.sink(target)));
    throughput.limit(pipeline, parts, of, target);
    if (checkpoint == null) {
      pipeline.checkpoints(InMemoryCheckpointStore.create());
    } else {
      checkpoints(pipeline, client, databaseName, checkpoint);
    }
    deadLetters(pipeline, parts, client, databaseName, deadLetters);
  }

  private void deadLetters(
      Pipeline.Builder pipeline,
      OpenPipeline.Builder parts,
      CosmosAsyncClient client,
      String databaseName,
      @Nullable String deadLetters) {
    if (deadLetters == null) {
      return;
    }
    if (create) {
      CosmosContainers.create(client, databaseName, deadLetters, List.of("/pipeline"));
    }
    // Closed before the client is, and flushed by that.
    pipeline.deadLetters(
        parts.closing(
            CosmosDeadLetterSink.of(client.getDatabase(databaseName).getContainer(deadLetters))));
  }

  private void checkpoints(
      Pipeline.Builder pipeline, CosmosAsyncClient client, String databaseName, String place) {
    if (place.startsWith(FILE) && place.length() > FILE.length()) {
      pipeline.checkpoints(FileCheckpointStore.of(Path.of(place.substring(FILE.length()))));
    } else if (place.startsWith(COSMOS) && place.length() > COSMOS.length()) {
      String name = place.substring(COSMOS.length());
      if (create) {
        CosmosContainers.create(client, databaseName, name, List.of("/id"));
      }
      pipeline.checkpoints(
          CosmosCheckpointStore.of(client.getDatabase(databaseName).getContainer(name)));
    } else {
      throw new ParameterException(
          spec.commandLine(),
          "--checkpoint: a place is written as file:FOLDER or cosmos:CONTAINER.");
    }
  }

  private CosmosClients clients() {
    return new CosmosClients(spec.commandLine());
  }

  private String needed(String option, @Nullable String value) {
    if (value == null) {
      throw new ParameterException(spec.commandLine(), option + " is needed with --endpoint.");
    }
    return value;
  }
}
