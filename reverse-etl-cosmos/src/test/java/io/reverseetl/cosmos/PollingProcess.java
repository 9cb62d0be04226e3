package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncDatabase;
import com.azure.cosmos.CosmosClientBuilder;
import io.reverseetl.CdcPoller;
import io.reverseetl.Deletes;
import io.reverseetl.InitialLoader;
import io.reverseetl.Pipeline;
import io.reverseetl.PollReport;
import io.reverseetl.WriteMode;
import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.table.ChangeMethod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A process that loads a table into the emulator and follows it until it is killed. */
final class PollingProcess {
  private PollingProcess() {}

  /**
   * Runs.
   *
   * @param args the table, the folder for spill files, the endpoint, the key, the database, a seed,
   *     the version to end at, or -1 to go on, and whether writes are guarded
   */
  public static void main(String[] args) throws Exception {
    Random random = new Random(Long.parseLong(args[5]));
    long last = Long.parseLong(args[6]);
    try (CosmosAsyncClient client =
            new CosmosClientBuilder()
                .endpoint(args[2])
                .key(args[3])
                .gatewayMode()
                .endpointDiscoveryEnabled(false)
                .buildAsyncClient();
        DeltaTableSource source = DeltaTableSource.open(args[0])) {
      CosmosAsyncDatabase database = client.getDatabase(args[4]);
      Pipeline.Builder pipelines =
          Pipeline.builder("killed")
              .source(source)
              .mapper(ColumnMapper.builder().id("id").partitionKey("pk").build())
              .sink(CosmosDocumentSink.of(database.getContainer("documents")))
              .checkpoints(CosmosCheckpointStore.of(database.getContainer("checkpoints")))
              .deadLetters(CosmosDeadLetterSink.of(database.getContainer("letters")))
              .stampSourceVersion(true)
              .readThreads(1);
      if (Boolean.parseBoolean(args[7])) {
        pipelines.writeMode(WriteMode.UPSERT_IF_NEWER).deletes(Deletes.tombstone("gone"));
      }
      Pipeline pipeline = pipelines.build();
      System.out.println("ready");
      load(pipeline);
      CdcPoller.Builder poller =
          CdcPoller.builder(pipeline)
              .changes(random.nextBoolean() ? ChangeMethod.FEED : ChangeMethod.DIFF)
              .maxRangeCommits(1 + random.nextInt(4))
              .memoryBudgetBytes(1 + random.nextInt(5_000))
              .spillFolder(Path.of(args[1]))
              .interval(Duration.ofMillis(5));
      try (CdcPoller following = poller.build()) {
        if (last < 0) {
          following.start();
          following.await();
        } else {
          PollReport report = following.pollUntil(last);
          System.out.println("at " + report.toVersion());
        }
      }
    }
    System.exit(0);
  }

  /** Stands by while the other process loads, as a poller does while the other one polls. */
  private static void load(Pipeline pipeline) throws InterruptedException {
    for (; ; ) {
      try {
        InitialLoader.of(pipeline).load();
        return;
      } catch (CheckpointConflictException e) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
  }
}
