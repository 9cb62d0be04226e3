package io.reverseetl.cli;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosAsyncDatabase;
import io.reverseetl.Pipeline;
import io.reverseetl.cosmos.CosmosSnapshotTarget;
import java.util.List;

/**
 * Where snapshots of a container stand: a pointer document in the container {@code C-pointer}
 * beside container {@code C} says it. Commands that find one work on the snapshot that is served.
 */
interface Snapshots {
  /** Those that an earlier switch made, if there was one. */
  Snapshots EXISTING =
      (pipeline, client, database, container) ->
          CosmosSnapshotTarget.existing(
                  client.getDatabase(database).getContainer(container),
                  client.getDatabase(database).getContainer(pointersOf(container)))
              .ifPresent(pipeline::snapshots);

  /** Gives the pipeline its snapshot target, if it is to have one. */
  void connect(
      Pipeline.Builder pipeline, CosmosAsyncClient client, String database, String container);

  /** Those of a switch, which makes the pointer's container. */
  static Snapshots of(SwitchCommand.Strategy strategy) {
    return (pipeline, client, databaseName, container) -> {
      CosmosContainers.create(client, databaseName, pointersOf(container), List.of("/id"));
      CosmosAsyncDatabase database = client.getDatabase(databaseName);
      CosmosAsyncContainer first = database.getContainer(container);
      CosmosAsyncContainer pointers = database.getContainer(pointersOf(container));
      pipeline.snapshots(
          (strategy == SwitchCommand.Strategy.FLAG
                  ? CosmosSnapshotTarget.flagged(first, pointers)
                  : CosmosSnapshotTarget.containers(first, pointers))
              .build());
    };
  }

  private static String pointersOf(String container) {
    return container + "-pointer";
  }
}
