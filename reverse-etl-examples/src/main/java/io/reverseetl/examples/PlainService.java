package io.reverseetl.examples;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncDatabase;
import com.azure.cosmos.CosmosClientBuilder;
import com.azure.identity.DefaultAzureCredentialBuilder;
import io.reverseetl.CdcPoller;
import io.reverseetl.InitialLoader;
import io.reverseetl.Pipeline;
import io.reverseetl.cosmos.CosmosCheckpointStore;
import io.reverseetl.cosmos.CosmosDocumentSink;
import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.mapping.ColumnMapper;

/**
 * A service without a framework: loads what is not loaded yet, and then follows the table until the
 * process is asked to end.
 *
 * <p>Thread-safe.
 */
public final class PlainService implements AutoCloseable {
  private final InitialLoader loader;
  private final CdcPoller poller;
  private boolean closed;

  /**
   * A service of a pipeline.
   *
   * @param pipeline the parts; stay open and yours
   */
  PlainService(Pipeline pipeline) {
    this.loader = InitialLoader.of(pipeline);
    this.poller = CdcPoller.of(pipeline);
  }

  /**
   * Follows a table of products into an account, with the identity of the process.
   *
   * @param args table, endpoint, database
   * @throws InterruptedException if the thread is interrupted
   */
  public static void main(String[] args) throws InterruptedException {
    try (DeltaTableSource table = DeltaTableSource.open(args[0]);
        CosmosAsyncClient client =
            new CosmosClientBuilder()
                .endpoint(args[1])
                .credential(new DefaultAzureCredentialBuilder().build())
                .contentResponseOnWriteEnabled(false)
                .buildAsyncClient()) {
      CosmosAsyncDatabase database = client.getDatabase(args[2]);
      Pipeline pipeline =
          Pipeline.builder("products")
              .source(table)
              .mapper(ColumnMapper.builder().id("product_id").partitionKey("category").build())
              .sink(CosmosDocumentSink.of(database.getContainer("products")))
              .checkpoints(CosmosCheckpointStore.of(database.getContainer("checkpoints")))
              .build();
      try (PlainService service = new PlainService(pipeline)) {
        // SIGTERM ends the run at hand with its progress saved; the process waits for the hook.
        Runtime.getRuntime().addShutdownHook(new Thread(service::close));
        service.run();
      }
    }
  }

  /**
   * Loads, then polls until {@link #close}.
   *
   * @throws InterruptedException if the thread is interrupted
   * @throws io.reverseetl.exceptions.ReverseEtlException what trying again does not mend
   */
  void run() throws InterruptedException {
    if (loader.load().isLoaded() && startPolling()) {
      poller.await();
    }
  }

  private synchronized boolean startPolling() {
    if (!closed) {
      poller.start();
    }
    return !closed;
  }

  /** Ends the run at hand. May be called twice. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    loader.requestStop();
    poller.close();
  }
}
