package io.reverseetl.functions;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosClientBuilder;
import com.azure.identity.DefaultAzureCredentialBuilder;
import io.reverseetl.CdcPoller;
import io.reverseetl.InitialLoader;
import io.reverseetl.LoadPlan;
import io.reverseetl.LoadPlanner;
import io.reverseetl.LoadReport;
import io.reverseetl.Pipeline;
import io.reverseetl.PipelineStatus;
import io.reverseetl.PollReport;
import io.reverseetl.UnitResult;
import io.reverseetl.UnitRunner;
import io.reverseetl.WorkUnit;
import io.reverseetl.checkpoint.CheckpointStore;
import io.reverseetl.cosmos.CosmosCheckpointStore;
import io.reverseetl.cosmos.CosmosDocumentSink;
import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.ratelimit.Resilience4jRateLimiter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The pipeline of the product catalog, opened once in a process and used by every invocation in it.
 * Where it stands is in the checkpoint alone, so that any instance can go on where another one was.
 *
 * <p>Thread-safe.
 */
final class ProductCatalog implements AutoCloseable {
  private static final String NAME = "product-catalog";
  private static final int INVOCATIONS = 1_000;

  /** Below the time that a host leaves a process after it asked it to end. */
  private static final Duration PATIENCE = Duration.ofSeconds(25);

  private final DeltaTableSource source;
  private final CosmosDocumentSink sink;
  private final CheckpointStore checkpoints;
  private final Pipeline pipeline;
  private final InitialLoader loader;
  private final CdcPoller poller;

  /** One for each plan whose units come by, which is one as a rule. */
  private final Map<String, UnitRunner> runners = new ConcurrentHashMap<>();

  private final Semaphore running = new Semaphore(INVOCATIONS, true);

  private ProductCatalog(Settings settings, Consumer<? super Pipeline.Builder> options) {
    Once<CosmosAsyncClient> client = new Once<>(() -> connect(settings));
    this.source = DeltaTableSource.open(settings.table());
    this.sink =
        CosmosDocumentSink.connecting(client, settings.database(), settings.container()).build();
    this.checkpoints =
        new LazyCheckpoints(
            new Once<>(
                () ->
                    CosmosCheckpointStore.of(
                        client
                            .get()
                            .getDatabase(settings.database())
                            .getContainer(settings.checkpoints()))));
    Pipeline.Builder parts =
        Pipeline.builder(NAME)
            .source(source)
            .mapper(ColumnMapper.builder().id("product_id").partitionKey("category").build())
            .sink(sink)
            .checkpoints(checkpoints);
    settings
        .requestUnitsPerSecond()
        .ifPresent(most -> parts.rateLimiter(Resilience4jRateLimiter.requestUnitsPerSecond(most)));
    options.accept(parts);
    this.pipeline = parts.build();
    this.loader = InitialLoader.of(pipeline);
    this.poller = CdcPoller.of(pipeline);
  }

  /**
   * Opens the catalog and begins to read the table, so that this goes on while the client connects.
   *
   * @param settings where table and account are
   * @param options sets more options of the pipeline
   */
  static ProductCatalog open(Settings settings, Consumer<? super Pipeline.Builder> options) {
    ProductCatalog catalog = new ProductCatalog(settings, options);
    Thread warmUp = new Thread(catalog::warmUp, "product-catalog-warm-up");
    warmUp.setDaemon(true);
    warmUp.start();
    return catalog;
  }

  private void warmUp() {
    try {
      source.latestVersion();
    } catch (ReverseEtlException e) {
      // Whoever needs the table next is told the same, and can answer for it.
      return;
    }
  }

  private static CosmosAsyncClient connect(Settings settings) {
    CosmosClientBuilder builder =
        new CosmosClientBuilder()
            .endpoint(settings.endpoint())
            .contentResponseOnWriteEnabled(false);
    settings
        .key()
        .ifPresentOrElse(
            builder::key, () -> builder.credential(new DefaultAzureCredentialBuilder().build()));
    if (settings.endpoint().startsWith("http://")) { // an emulator
      builder.gatewayMode();
    }
    return builder.buildAsyncClient();
  }

  /** How far the pipeline is. */
  enum Stage {
    /** Nobody has asked for the initial load yet. */
    NEW,
    /** The initial load has begun. */
    LOADING,
    /** The initial load is done. */
    POLLING
  }

  /** How far the pipeline is, by its checkpoint. */
  Stage stage() {
    return checkpoints
        .read(NAME)
        .map(stored -> stored.checkpoint().load().isPresent() ? Stage.LOADING : Stage.POLLING)
        .orElse(Stage.NEW);
  }

  PipelineStatus status() {
    return pipeline.status();
  }

  /** Loads, or goes on with the load that has begun, until a deadline. */
  LoadReport load(OptionalLong version, Duration deadline) {
    return working(
        () ->
            (version.isPresent() ? loader.atVersion(version.getAsLong()) : loader).load(deadline));
  }

  /** Takes in new commits until a deadline. */
  PollReport poll(Duration deadline) {
    return working(() -> poller.pollOnce(deadline));
  }

  /** Pins the version and cuts it into units. */
  LoadPlan plan(OptionalLong version, long unitBytes) {
    LoadPlanner planner = LoadPlan.of(pipeline).unitBytes(unitBytes);
    return (version.isPresent() ? planner.atVersion(version.getAsLong()) : planner).begin();
  }

  /** Writes the documents of a unit. */
  UnitResult run(WorkUnit unit) throws InterruptedException {
    UnitRunner runner = runners.computeIfAbsent(unit.planId(), plan -> UnitRunner.of(pipeline));
    return working(() -> runner.run(unit));
  }

  /** Ends the load when each unit has a result. */
  LoadReport complete(LoadPlan plan, List<UnitResult> results) throws InterruptedException {
    return working(() -> plan.complete(pipeline, results));
  }

  /** What an invocation does. */
  private interface Work<R, E extends Exception> {
    R run() throws E;
  }

  private <R, E extends Exception> R working(Work<R, E> work) throws E {
    running.acquireUninterruptibly();
    try {
      return work.run();
    } finally {
      running.release();
    }
  }

  /** Lets invocations at work end their chunk, and frees everything. May be called twice. */
  @Override
  public void close() {
    loader.requestStop();
    poller.requestStop();
    awaitInvocations();
    runners.values().forEach(UnitRunner::close);
    poller.close();
    sink.close();
    source.close();
  }

  private void awaitInvocations() {
    try {
      if (running.tryAcquire(INVOCATIONS, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        running.release(INVOCATIONS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
