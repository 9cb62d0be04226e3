package io.reverseetl;

import io.reverseetl.checkpoint.PollProgress;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Runs of tasks that nobody sees any more, after the checkpoint was taken from their plan: they
 * notice, but not at once.
 */
final class Stragglers {
  private static final long SLICE_MILLIS = 50;

  private Stragglers() {}

  /** Whether a range was begun by a plan, whose tasks may still be running. */
  static boolean mayBeIn(PollProgress progress) {
    return progress.steps() == PollPlan.STEPS;
  }

  /**
   * Waits until the last of them has noticed, by a real clock, as theirs are.
   *
   * @return false if it must stop before that
   */
  static boolean await(long leaseMillis, BooleanSupplier mustStop) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(quietAfter(leaseMillis));
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      if (mustStop.getAsBoolean()) {
        return false;
      }
      TimeUnit.NANOSECONDS.sleep(Math.min(left, TimeUnit.MILLISECONDS.toNanos(SLICE_MILLIS)));
    }
    return true;
  }

  private static long quietAfter(long leaseMillis) {
    return UnitGuard.quietAfterMillis(leaseMillis);
  }
}
