package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosClientBuilder;
import com.azure.cosmos.ThrottlingRetryOptions;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.ThroughputProperties;
import io.reverseetl.CdcPoller;
import io.reverseetl.InitialLoader;
import io.reverseetl.Pipeline;
import io.reverseetl.checkpoint.FileCheckpointStore;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.document.FileDeadLetterSink;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryTableSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/**
 * Works with a marked key and marked rows while everything goes wrong that can, and prints all that
 * a user could print: what is returned, and the full text of what is thrown. Runs in a process of
 * its own, whose log is captured.
 */
final class MarkedRun {
  static final String MARK = "zQmark7";
  static final String KEY =
      Base64.getEncoder()
          .encodeToString(("secret " + MARK + " key").getBytes(StandardCharsets.UTF_8));

  private static final StructType SCHEMA =
      StructType.of(
          Column.required("id", Primitive.STRING),
          Column.nullable("tenant", Primitive.STRING),
          Column.nullable("text", Primitive.STRING));

  private final Path folder;
  private final CosmosEmulator emulator;
  private final CosmosAsyncClient client;
  private final CosmosAsyncContainer state;
  private final InMemoryTableSource table = InMemoryTableSource.of(SCHEMA);
  private int runs;

  private interface Step {
    Object run() throws Exception;
  }

  private MarkedRun(Path folder, CosmosEmulator emulator) {
    this.folder = folder;
    this.emulator = emulator;
    this.client = client(emulator, KEY);
    client.createDatabase("d").block();
    client.getDatabase("d").createContainer(new CosmosContainerProperties("s", "/id")).block();
    this.state = client.getDatabase("d").getContainer("s");
    table.commit(row(1), row(2), row(3));
  }

  private List<InMemoryTableSource.Change> row(int number) {
    return table.insert(MARK + "-id-" + number, MARK + "-tenant", MARK + "-text");
  }

  private static CosmosAsyncClient client(CosmosEmulator emulator, String key) {
    return new CosmosClientBuilder()
        .endpoint(emulator.endpoint().toString())
        .key(key)
        .gatewayMode()
        .throttlingRetryOptions(
            new ThrottlingRetryOptions()
                .setMaxRetryAttemptsOnThrottledRequests(0)
                .setMaxRetryWaitTime(Duration.ofSeconds(1)))
        .buildAsyncClient();
  }

  /** Prints what a step gives, or all of what it throws. */
  private static void tell(String name, Step step) {
    System.out.println("== " + name);
    try {
      System.out.println(step.run());
    } catch (Exception e) {
      e.printStackTrace(System.out);
    }
  }

  private Pipeline.Builder pipeline() {
    String name = "p" + ++runs;
    CosmosAsyncContainer container = client.getDatabase("d").getContainer("c" + runs);
    client
        .getDatabase("d")
        .createContainer(
            new CosmosContainerProperties("c" + runs, "/tenant"),
            ThroughputProperties.createManualThroughput(1_000))
        .block();
    return Pipeline.builder(name)
        .source(table)
        .mapper(ColumnMapper.builder().id("id").partitionKey("tenant").build())
        .sink(
            CosmosDocumentSink.builder(container)
                .maxAttempts(3)
                .retryBackoff(Duration.ofMillis(1), Duration.ofMillis(2))
                .build())
        .checkpoints(FileCheckpointStore.of(folder.resolve("checkpoints")));
  }

  private Object load(Pipeline pipeline) {
    try {
      InitialLoader loader = InitialLoader.of(pipeline);
      return pipeline + " " + loader + " " + loader.estimate(10) + " " + loader.load();
    } finally {
      emulator.faults().clear();
    }
  }

  private void everything() throws Exception {
    // 410 and 449 of a whole batch are retried by the client itself for half a minute.
    for (int status : new int[] {400, 401, 403, 408, 413, 429, 500, 503}) {
      tell(
          "every batch answers " + status,
          () -> {
            Pipeline pipeline = pipeline().build();
            emulator.faults().onBatch().status(status).times(1_000);
            return load(pipeline);
          });
    }
    for (int status : new int[] {400, 403, 408, 409, 410, 412, 413, 429, 449, 500, 503}) {
      tell(
          "every operation answers " + status,
          () -> {
            Pipeline pipeline = pipeline().build();
            emulator
                .faults()
                .onBatchedOperation(EmulatorOperation.UPSERT)
                .status(status)
                .times(1_000);
            emulator.faults().onUpsert().status(status).times(1_000);
            return load(pipeline);
          });
    }
    tell(
        "connections drop",
        () -> {
          Pipeline pipeline = pipeline().build();
          emulator.faults().onBatch().dropConnection().times(1_000);
          return load(pipeline);
        });
    tell(
        "a load is throttled at first",
        () -> {
          Pipeline pipeline = pipeline().build();
          emulator.faults().onBatch().status(429, 3200).times(1);
          return load(pipeline) + " " + pipeline.status();
        });
    tell("rows cannot be mapped", () -> badRow(pipeline()));
    tell(
        "documents are refused and set aside",
        () -> {
          Pipeline pipeline =
              pipeline().deadLetters(FileDeadLetterSink.of(folder.resolve("letters"))).build();
          emulator.faults().onBatchedOperation(EmulatorOperation.UPSERT).status(400).times(1_000);
          emulator.faults().onUpsert().status(400).times(1_000);
          return load(pipeline);
        });
    tell("changes", this::poll);
    tell("wrong key", () -> client(emulator, CosmosEmulator.DEFAULT_KEY));
    throughput();
  }

  private Object badRow(Pipeline.Builder pipeline) {
    InMemoryTableSource bad = InMemoryTableSource.of(SCHEMA);
    bad.commit(bad.insert(MARK + "/no/id", MARK, MARK));
    return load(pipeline.source(bad).build());
  }

  private Object poll() throws Exception {
    Pipeline pipeline = pipeline().build();
    load(pipeline);
    table.commit(row(4), table.delete(MARK + "-id-1", MARK + "-tenant", MARK + "-text"));
    try (CdcPoller poller = CdcPoller.of(pipeline)) {
      emulator.faults().onBatch().status(503).times(1);
      return poller + " " + poller.pollOnce();
    } finally {
      emulator.faults().clear();
    }
  }

  private void throughput() {
    CosmosAsyncContainer target = client.getDatabase("d").getContainer("c1");
    ThroughputPlan plan = ThroughputPlan.builder(target, 2_000).recordedIn(state, "p").build();
    tell("throughput", () -> CosmosThroughput.of(target).read());
    tell("raise", plan::raise);
    tell("restore", plan::restore);
    tell(
        "a shared budget",
        () -> {
          try (CosmosRateLimiter limiter =
              CosmosRateLimiter.shareOfProvisioned(target, 0.5).sharedThrough(state, "b").build()) {
            return limiter;
          }
        });
    emulator.faults().onAnyRequest().status(403).times(1_000);
    tell("throughput may not be read", () -> CosmosThroughput.of(target).read());
    tell("plan may not be made", plan::raise);
    tell("checkpoints may not be read", () -> CosmosCheckpointStore.of(state).read("p"));
    emulator.faults().clear();
  }

  /**
   * Runs.
   *
   * @param args a folder for files
   */
  public static void main(String[] args) throws Exception {
    try (CosmosEmulator emulator = CosmosEmulator.builder().key(KEY).start()) {
      MarkedRun run = new MarkedRun(Path.of(args[0]), emulator);
      run.everything();
      System.out.println(
          "stored: " + emulator.database("d").container("c" + run.runs).documents().size());
      run.client.close();
    }
    System.exit(0);
  }
}
