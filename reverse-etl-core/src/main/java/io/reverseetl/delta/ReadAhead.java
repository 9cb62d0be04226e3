package io.reverseetl.delta;

import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.engine.ParquetHandler;
import io.delta.kernel.expressions.Predicate;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads Parquet files on threads of its own, each file a few batches ahead of who uses it. Files
 * are opened strictly in the order in which they were asked for, so that the first one, whose rows
 * are wanted first, never waits for memory that later ones hold.
 *
 * <p>For one thread; no more files may be open at once than there are threads.
 */
final class ReadAhead implements ReadOnlyParquetHandler, AutoCloseable {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final ParquetHandler parquet;
  private final ExecutorService threads;
  private CountDownLatch lastOpened = new CountDownLatch(0);

  /**
   * Over another reader.
   *
   * @param threadCount how many files are read at once
   */
  ReadAhead(ParquetHandler parquet, int threadCount) {
    this.parquet = parquet;
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threadCount,
            threadCount,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            job -> {
              Thread thread = new Thread(job, "reverse-etl-changes-" + COUNT.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    this.threads = pool;
  }

  @Override
  public CloseableIterator<FileReadResult> readParquetFiles(
      CloseableIterator<FileStatus> files, StructType schema, Optional<Predicate> predicate)
      throws IOException {
    CountDownLatch opened = new CountDownLatch(1);
    BatchesAhead batches =
        new BatchesAhead(parquet.readParquetFiles(files, schema, predicate), lastOpened, opened);
    lastOpened = opened;
    threads.execute(batches);
    return batches;
  }

  /** Ends the threads. What it gave must be closed before. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
