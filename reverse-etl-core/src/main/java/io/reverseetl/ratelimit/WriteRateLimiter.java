package io.reverseetl.ratelimit;

import java.time.Duration;

/**
 * Bounds the request units that a pipeline spends per second. Thread-safe; one limiter may be
 * shared by several pipelines of a process, which then share its budget.
 *
 * <p>The cost of an operation is known only afterwards. So the pipeline {@link #acquire acquires}
 * an estimate before it sends, and {@link #settle settles} the difference when the charge comes
 * back.
 */
public interface WriteRateLimiter {

  /**
   * Waits until the budget allows to spend.
   *
   * @param requestUnits the estimated cost, at least 0; may exceed what one second allows, and then
   *     waits for as many seconds
   * @throws InterruptedException if the thread is interrupted while it waits; nothing was acquired
   */
  void acquire(double requestUnits) throws InterruptedException;

  /**
   * Corrects an estimate. Never waits: what was spent beyond the estimate is taken from later
   * callers, what was not spent is given to them.
   *
   * @param difference the actual cost less the acquired estimate, in request units; may be negative
   */
  void settle(double difference);

  /**
   * The target asked to slow down: nothing more is granted before the pause is over.
   *
   * @param pause how long the target asked to wait; zero or negative changes nothing
   */
  void throttled(Duration pause);

  /**
   * The average that the limiter grants now. A sink may shape its batches by it, so that they leave
   * evenly; nothing depends on it that must be exact.
   *
   * @return request units per second, at least 0; infinite, the default, if there is no such number
   */
  default double requestUnitsPerSecond() {
    return Double.POSITIVE_INFINITY;
  }
}
