package io.reverseetl;

import io.reverseetl.document.DocumentOperation;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Learns what operations cost, so that request units can be taken before they are sent.
 *
 * <p>The cost of a write grows about linearly with its size, so what is learned is the cost per
 * kibibyte begun: the mean of the first answers of a kind, and then a moving mean over the last few
 * hundred. A wrong estimate does no lasting harm, since the limiter is settled with the charge.
 */
final class RequestUnitEstimator {
  /** What Microsoft's guide plans with before anything is known: 10 RU for a write of 1 KB. */
  private static final double FIRST_GUESS = 10;

  /** How many answers the moving mean is about. */
  private static final int ANSWERS = 256;

  private final Mean upserts = new Mean();
  private final Mean deletes = new Mean();

  double estimate(DocumentOperation operation) {
    return mean(operation).get() * size(operation);
  }

  double estimateUpserts(long count, long bytes) {
    return upserts.get() * (count + bytes / 1024.0);
  }

  void learn(DocumentOperation operation, double charged) {
    mean(operation).learn(charged / size(operation));
  }

  private Mean mean(DocumentOperation operation) {
    return operation.deletes() ? deletes : upserts;
  }

  private static double size(DocumentOperation operation) {
    return 1 + operation.sizeInBytes() / 1024.0;
  }

  private static final class Mean {
    private final AtomicLong bits = new AtomicLong(Double.doubleToLongBits(FIRST_GUESS));
    private final AtomicInteger learned = new AtomicInteger();

    double get() {
      return Double.longBitsToDouble(bits.get());
    }

    void learn(double value) {
      int answers = learned.get();
      if (answers < ANSWERS) {
        // Two threads may count for one: the weight is then a little too large, no more.
        answers = learned.incrementAndGet();
      }
      double weight = 1.0 / Math.min(answers, ANSWERS);
      bits.updateAndGet(
          before -> {
            double mean = Double.longBitsToDouble(before);
            return Double.doubleToLongBits(mean + (value - mean) * weight);
          });
    }
  }
}
