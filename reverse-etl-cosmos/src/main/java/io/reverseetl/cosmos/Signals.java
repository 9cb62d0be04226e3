package io.reverseetl.cosmos;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Lets threads wait for what other threads bring about. Costs those others one volatile read while
 * nobody waits.
 */
final class Signals {
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition raised = lock.newCondition();
  private final AtomicInteger waiting = new AtomicInteger();

  /** Lets the waiting threads look at their conditions. */
  void raise() {
    if (waiting.get() > 0) {
      lock.lock();
      try {
        raised.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Waits until a condition holds. It is looked at after each signal, and every 20 ms.
   *
   * @param tick is run every 20 ms of waiting; what it throws ends the wait
   */
  void await(BooleanSupplier condition, Runnable tick) throws InterruptedException {
    waiting.incrementAndGet();
    try {
      long tickAt = System.nanoTime() + TICK_NANOS;
      while (true) {
        lock.lockInterruptibly();
        try {
          long left = tickAt - System.nanoTime();
          while (left > 0) {
            if (condition.getAsBoolean()) {
              return;
            }
            left = raised.awaitNanos(left);
          }
        } finally {
          lock.unlock();
        }
        // Without the lock: it may take others, and whoever holds those raises signals.
        tick.run();
        tickAt = System.nanoTime() + TICK_NANOS;
      }
    } finally {
      waiting.decrementAndGet();
    }
  }
}
