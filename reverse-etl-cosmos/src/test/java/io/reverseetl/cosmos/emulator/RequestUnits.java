package io.reverseetl.cosmos.emulator;

/**
 * What operations cost, in request units: a simple model with the service's proportions, the same
 * for the same operation on the same data.
 *
 * <ul>
 *   <li>insert: 4.95 + 0.55 per started KB + 0.15 per indexed value (5.5 for 1 KB without an index)
 *   <li>replace, patch and delete: twice the insert of what was there before
 *   <li>point read: 1 for the first KB, then 10 at 100 KB
 *   <li>query and change feed: 2.3 (feed: 1) + 0.05 per returned document + 0.1 per started KB
 *   <li>refusals: 1, throttled requests: nothing
 * </ul>
 */
final class RequestUnits {
  static final double REFUSED = 1.0;
  static final double METADATA = 1.0;
  private static final double KB = 1_024;

  private RequestUnits() {}

  static double insert(int bytes, int values, int maxIndexed) {
    return round(4.95 + 0.55 * startedKb(bytes) + 0.15 * Math.min(values, maxIndexed));
  }

  static double overwrite(int bytes, int values, int maxIndexed) {
    return round(2 * insert(bytes, values, maxIndexed));
  }

  static double read(int bytes) {
    double kb = bytes / KB;
    return round(kb <= 1 ? 1 : 1 + (kb - 1) * 9 / 99);
  }

  static double query(int documents, int bytes) {
    return round(2.3 + 0.05 * documents + 0.1 * startedKb(bytes));
  }

  static double feed(int documents, int bytes) {
    return round(1 + 0.05 * documents + 0.1 * startedKb(bytes));
  }

  static String format(double charge) {
    long hundredths = Math.round(charge * 100);
    long fraction = hundredths % 100;
    return hundredths / 100 + (fraction < 10 ? ".0" : ".") + fraction;
  }

  private static double startedKb(int bytes) {
    return Math.ceil(bytes / KB);
  }

  private static double round(double charge) {
    return Math.round(charge * 100) / 100.0;
  }
}
