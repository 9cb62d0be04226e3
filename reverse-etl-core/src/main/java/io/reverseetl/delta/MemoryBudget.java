package io.reverseetl.delta;

import java.util.concurrent.Semaphore;

/**
 * How much memory the open data files of one source may take together. First come, first served: a
 * large file is not starved by small ones behind it. A file larger than the whole budget takes all
 * of it and so reads alone.
 */
final class MemoryBudget {
  private static final long UNIT = 1024;

  private final int units;
  private final Semaphore free;

  MemoryBudget(long bytes) {
    this.units = toUnits(bytes, Integer.MAX_VALUE);
    this.free = new Semaphore(units, true);
  }

  /** Waits until this many bytes are free. */
  Reservation reserve(long bytes) throws InterruptedException {
    int wanted = toUnits(bytes, units);
    free.acquire(wanted);
    return new Reservation(wanted);
  }

  private static int toUnits(long bytes, int max) {
    return (int) Math.max(1, Math.min(bytes / UNIT, max));
  }

  /** Bytes that are taken until it is closed; closing twice does no harm. */
  final class Reservation implements AutoCloseable {
    private int held;

    private Reservation(int held) {
      this.held = held;
    }

    @Override
    public synchronized void close() {
      free.release(held);
      held = 0;
    }
  }
}
