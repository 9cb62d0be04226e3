package io.reverseetl.cosmos;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;

/**
 * How large batches may be so that they leave evenly. The client keeps a batch until it is full or
 * a second old; under a small budget each would hold a second's worth of it and be charged at once.
 * So batches are as large as what the budget lets through to one partition range in a twentieth of
 * a second. Thread-safe.
 */
final class BatchPace {
  static final int FULL = 100;

  /** So many requests at a time then make up for their smaller size, whatever the latency. */
  static final int PACED_CONCURRENCY = 5;

  private static final double BATCHES_PER_SECOND = 20;

  /** What Microsoft's guide plans with before anything is known: 10 RU for a write of 1 KB. */
  private static final double FIRST_GUESS = 10;

  private static final double WEIGHT = 1.0 / 64;

  private final DoubleSupplier requestUnitsPerSecond;
  private final int ranges;
  private final AtomicLong meanCharge = new AtomicLong(Double.doubleToLongBits(FIRST_GUESS));

  BatchPace(DoubleSupplier requestUnitsPerSecond, int ranges) {
    this.requestUnitsPerSecond = requestUnitsPerSecond;
    this.ranges = Math.max(1, ranges);
  }

  /** An operation was charged. */
  void learn(double requestUnits) {
    meanCharge.updateAndGet(
        bits -> {
          double mean = Double.longBitsToDouble(bits);
          return Double.doubleToLongBits(mean + (requestUnits - mean) * WEIGHT);
        });
  }

  /**
   * The size for batches from now on, 1 to {@link #FULL}.
   *
   * @param current the size now; returned again unless another one would be much better
   */
  int size(int current) {
    double budget = requestUnitsPerSecond.getAsDouble();
    double mean = Math.max(1, Double.longBitsToDouble(meanCharge.get()));
    double wanted = budget / BATCHES_PER_SECOND / ranges / mean;
    int size = (int) Math.max(1, Math.min(FULL, Math.round(wanted)));
    boolean near = size * 3 < current * 4 + 3 && current * 3 < size * 4 + 3;
    return near && size != FULL ? current : size;
  }
}
