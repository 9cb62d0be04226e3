package io.reverseetl.bench;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.models.CosmosBulkItemResponse;
import com.azure.cosmos.models.CosmosBulkOperationResponse;
import com.azure.cosmos.models.CosmosBulkOperations;
import com.azure.cosmos.models.CosmosItemOperation;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.util.RawValue;
import io.reverseetl.InitialLoader;
import io.reverseetl.LoadReport;
import io.reverseetl.Pipeline;
import io.reverseetl.checkpoint.FileCheckpointStore;
import io.reverseetl.cosmos.CosmosDocumentSink;
import io.reverseetl.delta.DeltaTableSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Sinks;

/**
 * One measured load, in a process of its own. The last line that it prints holds the processor time
 * in milliseconds, how much of that was spent on getting prepared documents ready, and the peak of
 * the resident memory in kilobytes.
 */
final class LoadProcess {
  private static final int READ_AHEAD = 500;

  private LoadProcess() {}

  /** What loads. */
  enum Subject {
    /** This library: from the table to the container. */
    LIBRARY,
    /** The client's bulk executor alone, given ready JSON text. */
    EXECUTOR_TEXT,
    /** The client's bulk executor alone, given ready trees. */
    EXECUTOR_TREE
  }

  /**
   * Runs a load.
   *
   * @param args the subject, the endpoint, the key, the database, the container, the table's folder
   *     or the file of the documents, a folder for a checkpoint, how many operations the executor
   *     is given at a time
   */
  public static void main(String[] args) throws Exception {
    BenchClient.allowPlainHttp();
    Subject subject = Subject.valueOf(args[0]);
    Duration preparing = Duration.ZERO;
    switch (subject) {
      case LIBRARY -> load(args);
      case EXECUTOR_TEXT, EXECUTOR_TREE -> {
        try (CosmosAsyncClient client = BenchClient.of(args[1], args[2])) {
          CosmosAsyncContainer container = client.getDatabase(args[3]).getContainer(args[4]);
          boolean trees = subject == Subject.EXECUTOR_TREE;
          preparing =
              new Executor(container, trees, Integer.parseInt(args[7])).load(Path.of(args[5]));
        }
      }
    }
    Duration cpu = ProcessCost.cpu();
    System.out.println(
        cpu.toMillis() + "\t" + preparing.toMillis() + "\t" + ProcessCost.peakKilobytes());
    System.exit(0);
  }

  private static void load(String[] args) {
    try (DeltaTableSource source = DeltaTableSource.open(args[5]);
        CosmosDocumentSink sink =
            CosmosDocumentSink.connecting(() -> BenchClient.of(args[1], args[2]), args[3], args[4])
                .build()) {
      Pipeline pipeline =
          Pipeline.builder("bench")
              .source(source)
              .mapper(Documents.mapper())
              .sink(sink)
              .checkpoints(FileCheckpointStore.of(Path.of(args[6])))
              .build();
      LoadReport report = InitialLoader.of(pipeline).load();
      if (report.outcome() != LoadReport.Outcome.COMPLETED) {
        throw new IllegalStateException("The load ended as " + report.outcome() + ".");
      }
    }
  }

  /** What a careful user of the bulk executor writes. */
  private static final class Executor {
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final ObjectMapper json = new ObjectMapper();
    private final CosmosAsyncContainer container;
    private final boolean trees;
    private final int atATime;
    private final Semaphore permits;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Executor(CosmosAsyncContainer container, boolean trees, int atATime) {
      this.container = container;
      this.trees = trees;
      this.atATime = atATime;
      this.permits = new Semaphore(atATime);
    }

    /** Loads all documents of a file, and gives the processor time that it took to get them. */
    Duration load(Path documents) throws IOException, InterruptedException {
      Sinks.Many<CosmosItemOperation> operations =
          Sinks.unsafe().many().unicast().onBackpressureBuffer();
      container
          .executeBulkOperations(operations.asFlux())
          .subscribe(this::answered, this::failed, ended::countDown);
      long preparing = 0;
      try (BufferedReader in = Files.newBufferedReader(documents)) {
        List<CosmosItemOperation> ready = new ArrayList<>(READ_AHEAD);
        do {
          long before = threads.getCurrentThreadCpuTime();
          readAhead(in, ready);
          preparing += threads.getCurrentThreadCpuTime() - before;
          for (CosmosItemOperation operation : ready) {
            permits.acquire();
            operations.emitNext(operation, Sinks.EmitFailureHandler.FAIL_FAST);
          }
        } while (!ready.isEmpty() && failure.get() == null);
      }
      operations.tryEmitComplete();
      ended.await();
      Throwable failed = failure.get();
      if (failed != null) {
        throw new IllegalStateException("The bulk executor failed.", failed);
      }
      return Duration.ofNanos(preparing);
    }

    private void readAhead(BufferedReader in, List<CosmosItemOperation> ready) throws IOException {
      ready.clear();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        Documents.Ready document = Documents.Ready.parse(line);
        ready.add(
            CosmosBulkOperations.getUpsertItemOperation(
                item(document.json()), new PartitionKey(document.partitionKey())));
        if (ready.size() == READ_AHEAD) {
          return;
        }
      }
    }

    private Object item(String text) throws JsonProcessingException {
      return trees ? json.readTree(text) : new RawValue(text);
    }

    private void answered(CosmosBulkOperationResponse<?> response) {
      CosmosBulkItemResponse answer = response.getResponse();
      if (answer == null || !answer.isSuccessStatusCode()) {
        failure.compareAndSet(
            null, new IllegalStateException("An operation failed.", response.getException()));
      }
      permits.release();
    }

    private void failed(Throwable error) {
      failure.compareAndSet(null, error);
      permits.release(atATime);
      ended.countDown();
    }
  }
}
