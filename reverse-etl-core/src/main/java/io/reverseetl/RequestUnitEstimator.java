package io.reverseetl;

import io.reverseetl.document.DocumentOperation;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Learns what operations cost, so that request units can be taken before they are sent.
 *
 * <p>The cost of a write grows about linearly with its size, so what is learned is the cost per
 * kibibyte begun: a moving mean over the last few hundred answers of a kind. A wrong estimate does
 * no lasting harm, since the limiter is settled with the charge.
 */
final class RequestUnitEstimator {
  /** What Microsoft's guide plans with before anything is known: 10 RU for a write of 1 KB. */
  private static final double FIRST_GUESS = 10;

  /** Weight of one answer in the moving mean. */
  private static final double WEIGHT = 1.0 / 256;

  private final AtomicLong upserts = new AtomicLong(Double.doubleToLongBits(FIRST_GUESS));
  private final AtomicLong deletes = new AtomicLong(Double.doubleToLongBits(FIRST_GUESS));

  double estimate(DocumentOperation operation) {
    return Double.longBitsToDouble(mean(operation).get()) * size(operation);
  }

  double estimateUpserts(long count, long bytes) {
    return Double.longBitsToDouble(upserts.get()) * (count + bytes / 1024.0);
  }

  void learn(DocumentOperation operation, double charged) {
    double perSize = charged / size(operation);
    mean(operation)
        .updateAndGet(
            bits -> {
              double mean = Double.longBitsToDouble(bits);
              return Double.doubleToLongBits(mean + (perSize - mean) * WEIGHT);
            });
  }

  private AtomicLong mean(DocumentOperation operation) {
    return operation.deletes() ? deletes : upserts;
  }

  private static double size(DocumentOperation operation) {
    return 1 + operation.sizeInBytes() / 1024.0;
  }
}
