package io.reverseetl.report;

import java.util.Arrays;

/**
 * What happened when, in buckets of time. There are never more than so many: when a run gets longer
 * than they reach, two become one, and each stands for twice the time. Not thread-safe.
 */
final class Timeline {
  static final int MAX_BUCKETS = 400;
  static final long FIRST_BUCKET_MILLIS = 250;

  private final double[] sums = new double[MAX_BUCKETS];
  private long bucketMillis = FIRST_BUCKET_MILLIS;

  /** Adds an amount that came evenly from one time to another, in milliseconds of the run. */
  void add(long fromMillis, long toMillis, double amount) {
    long from = Math.max(0, fromMillis);
    long to = Math.max(from, toMillis);
    reach(to);
    if (to == from) {
      sums[index(to)] += amount;
      return;
    }
    for (int i = index(from); i <= index(to); i++) {
      long begin = Math.max(from, i * bucketMillis);
      long end = Math.min(to, (i + 1) * bucketMillis);
      sums[i] += amount * (end - begin) / (to - from);
    }
  }

  private int index(long millis) {
    return (int) (millis / bucketMillis);
  }

  private void reach(long millis) {
    while (millis / bucketMillis >= MAX_BUCKETS) {
      for (int i = 0; i < MAX_BUCKETS / 2; i++) {
        sums[i] = sums[2 * i] + sums[2 * i + 1];
      }
      Arrays.fill(sums, MAX_BUCKETS / 2, MAX_BUCKETS, 0);
      bucketMillis *= 2;
    }
  }

  double total() {
    return Arrays.stream(sums).sum();
  }

  /**
   * The amounts of a number of equal pieces of the run.
   *
   * @param lengthMillis how long the run was
   * @param pieces how many
   */
  double[] pieces(long lengthMillis, int pieces) {
    double[] result = new double[pieces];
    double pieceMillis = Math.max(1, lengthMillis) / (double) pieces;
    for (int i = 0; i < MAX_BUCKETS && i * bucketMillis <= lengthMillis; i++) {
      double begin = i * bucketMillis;
      // The run can end in the middle of its last bucket.
      double end = Math.max(begin + 1, Math.min(lengthMillis, (i + 1) * bucketMillis));
      for (int p = piece(begin, pieceMillis, pieces); p <= piece(end, pieceMillis, pieces); p++) {
        double shared = Math.min(end, (p + 1) * pieceMillis) - Math.max(begin, p * pieceMillis);
        if (p == pieces - 1) {
          shared = end - Math.max(begin, p * pieceMillis);
        }
        result[p] += sums[i] * Math.max(0, shared) / (end - begin);
      }
    }
    return result;
  }

  /** Amounts in whole buckets, each of so long. */
  record Bars(double[] amounts, long barMillis) {
    long lengthMillis() {
      return amounts.length * barMillis;
    }
  }

  /**
   * The amounts of a run for bars, none of which shares a bucket with another.
   *
   * @param lengthMillis how long the run was; timelines of one length have bars of one length
   * @param most how many bars there may be
   */
  Bars bars(long lengthMillis, int most) {
    reach(lengthMillis);
    int used = index(Math.max(0, lengthMillis - 1)) + 1;
    int each = (used + most - 1) / most;
    double[] amounts = new double[(used + each - 1) / each];
    for (int i = 0; i <= index(lengthMillis); i++) {
      // What came at the very end would begin another bar.
      amounts[Math.min(i / each, amounts.length - 1)] += sums[i];
    }
    return new Bars(amounts, each * bucketMillis);
  }

  private static int piece(double millis, double pieceMillis, int pieces) {
    return Math.min(pieces - 1, (int) (millis / pieceMillis));
  }
}
