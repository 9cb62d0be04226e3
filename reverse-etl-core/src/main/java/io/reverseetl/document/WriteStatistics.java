package io.reverseetl.document;

/**
 * What a write session has done so far.
 *
 * @param upserted documents written, those that were changed in part included
 * @param deleted documents deleted, those that were not there included
 * @param unchanged operations that left the target as it was, see {@link WriteCallback#unchanged}
 * @param rejected operations that the target will never take
 * @param throttled answers of the target that asked to slow down
 * @param retried attempts beyond the first of an operation
 * @param requestUnits the cost of all answers, in request units
 */
public record WriteStatistics(
    long upserted,
    long deleted,
    long unchanged,
    long rejected,
    long throttled,
    long retried,
    double requestUnits) {

  /** Nothing done. */
  public static final WriteStatistics NONE = new WriteStatistics(0, 0, 0, 0, 0, 0, 0);
}
