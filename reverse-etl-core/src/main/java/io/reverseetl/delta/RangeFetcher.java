package io.reverseetl.delta;

import io.reverseetl.storage.LakeStorage;
import io.reverseetl.storage.StoredRange;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Reads ranges of files of one source: now, or on threads of its own. Thread-safe. */
final class RangeFetcher {
  /** How many requests are under way at once, besides those of who cannot wait. */
  private static final int THREADS = 8;

  private static final AtomicInteger COUNT = new AtomicInteger();

  private final LakeStorage storage;
  private final StorageMeter meter;
  private final ThreadPoolExecutor threads;

  RangeFetcher(LakeStorage storage, StorageMeter meter) {
    this.storage = storage;
    this.meter = meter;
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            job -> {
              Thread thread =
                  new StorageThread(job, "reverse-etl-storage-" + COUNT.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    // No thread is left over when nothing is read, so there is nothing to close.
    threads.allowCoreThreadTimeOut(true);
  }

  /** What it waits for, nobody waits for yet. */
  private static final class StorageThread extends Thread {
    StorageThread(Runnable job, String name) {
      super(job, name);
    }
  }

  /** Counts the time since then as waiting, unless this is a thread of the pool. */
  void waitedSince(long startNanos) {
    if (!(Thread.currentThread() instanceof StorageThread)) {
      meter.waitedSince(startNanos);
    }
  }

  /** Runs something on a thread of the pool. */
  void execute(Runnable job) {
    threads.execute(job);
  }

  /**
   * Prepares reading a range. Nothing is read before it is begun or awaited.
   *
   * @param state the state of the file that it must be of; null for any
   */
  Fetch range(String path, long start, int length, @Nullable String state) {
    return new Fetch(path, start, length, state);
  }

  /** A range that is being read, or is to be. */
  final class Fetch {
    private final FutureTask<StoredRange> task;
    private final long start;
    private final int length;

    private Fetch(String path, long start, int length, @Nullable String state) {
      this.start = start;
      this.length = length;
      this.task =
          new FutureTask<>(
              () -> {
                StoredRange range = storage.read(path, start, length, state);
                meter.read(range.bytes().length);
                return range;
              });
    }

    long start() {
      return start;
    }

    long end() {
      return start + length;
    }

    /** Has it read on a thread of the pool. */
    void begin() {
      threads.execute(task);
    }

    /** Gives it up. */
    void cancel() {
      threads.remove(task);
      task.cancel(true);
    }

    /** Waits for the bytes; reads them right here if no thread has begun to. */
    StoredRange await() throws IOException {
      if (!task.isDone()) {
        long from = System.nanoTime();
        try {
          task.run();
          return get();
        } finally {
          waitedSince(from);
        }
      }
      return get();
    }

    private StoredRange get() throws IOException {
      try {
        return task.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        InterruptedIOException interrupted = new InterruptedIOException("interrupted");
        interrupted.initCause(e);
        throw interrupted;
      } catch (ExecutionException e) {
        Throwable failure = e.getCause();
        if (failure instanceof Error error) {
          throw error;
        }
        if (failure instanceof RuntimeException wrong) {
          throw wrong;
        }
        throw failure instanceof IOException storageFailure
            ? storageFailure
            : new IOException(failure);
      }
    }
  }
}
