package io.reverseetl.delta;

import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How much memory the open data files of one source may take together. First come, first served: a
 * large file is not starved by small ones behind it. A file larger than the whole budget takes all
 * of it and so reads alone.
 */
final class MemoryBudget {
  private static final long UNIT = 1024;

  private final int units;
  private final Semaphore free;
  private final Object lock = new Object();
  private volatile Runnable giveBack = () -> {};
  private int waiting;

  MemoryBudget(long bytes) {
    this.units = toUnits(bytes, Integer.MAX_VALUE);
    this.free = new Semaphore(units, true);
  }

  /**
   * Who holds memory without need.
   *
   * @param action gives it back; it must not reserve
   */
  void whenShort(Runnable action) {
    giveBack = action;
  }

  /** Waits until this many bytes are free. What is held without need is given back first. */
  Reservation reserve(long bytes) throws InterruptedException {
    int wanted = toUnits(bytes, units);
    if (free.tryAcquire(wanted, 0, TimeUnit.SECONDS)) {
      return new Reservation(wanted);
    }
    synchronized (lock) {
      waiting++;
    }
    try {
      giveBack.run();
      free.acquire(wanted);
      return new Reservation(wanted);
    } finally {
      synchronized (lock) {
        waiting--;
      }
    }
  }

  /** Takes this many bytes if they are free and nobody waits for them. */
  Optional<Reservation> reserveWithoutNeed(long bytes) throws InterruptedException {
    int wanted = toUnits(bytes, units);
    synchronized (lock) {
      // Under the lock, so that whoever waits from now on finds it to be given back.
      return waiting == 0 && wanted < units && free.tryAcquire(wanted, 0, TimeUnit.SECONDS)
          ? Optional.of(new Reservation(wanted))
          : Optional.empty();
    }
  }

  /** Whether so many bytes could ever be had. */
  boolean fits(long bytes) {
    return bytes / UNIT <= units;
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
