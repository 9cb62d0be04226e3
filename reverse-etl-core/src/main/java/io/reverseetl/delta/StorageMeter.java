package io.reverseetl.delta;

import io.reverseetl.storage.StorageStatistics;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** Counts what is asked of a storage. Thread-safe. */
final class StorageMeter {
  private final LongAdder listings = new LongAdder();
  private final LongAdder lookups = new LongAdder();
  private final LongAdder reads = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder waitedNanos = new LongAdder();

  void listed() {
    listings.increment();
  }

  void lookedUp() {
    lookups.increment();
  }

  void read(int byteCount) {
    reads.increment();
    bytes.add(byteCount);
  }

  void waitedSince(long startNanos) {
    waitedNanos.add(System.nanoTime() - startNanos);
  }

  StorageStatistics statistics() {
    return new StorageStatistics(
        listings.sum(),
        lookups.sum(),
        reads.sum(),
        bytes.sum(),
        Duration.ofNanos(waitedNanos.sum()));
  }
}
