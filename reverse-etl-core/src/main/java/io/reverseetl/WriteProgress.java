package io.reverseetl;

import io.reverseetl.document.WriteStatistics;

/**
 * How much a pipeline wrote in a piece of time; see {@link PipelineListener#onWriteProgress}.
 *
 * @param documentsWritten documents made durable
 * @param documentsDeleted documents deleted, those that were not there included
 * @param documentsUnchanged operations that left the target as it was
 * @param bytesWritten JSON bytes made durable
 * @param throttled answers of the target that asked to slow down
 * @param retried attempts beyond the first of an operation
 * @param requestUnits the cost of all answers, in request units
 */
public record WriteProgress(
    long documentsWritten,
    long documentsDeleted,
    long documentsUnchanged,
    long bytesWritten,
    long throttled,
    long retried,
    double requestUnits) {

  /** Nothing. */
  public static final WriteProgress NONE = new WriteProgress(0, 0, 0, 0, 0, 0, 0);

  static WriteProgress of(WriteStatistics statistics, long bytesWritten) {
    return new WriteProgress(
        statistics.upserted(),
        statistics.deleted(),
        statistics.unchanged(),
        bytesWritten,
        statistics.throttled(),
        statistics.retried(),
        statistics.requestUnits());
  }

  WriteProgress minus(WriteProgress earlier) {
    return new WriteProgress(
        documentsWritten - earlier.documentsWritten,
        documentsDeleted - earlier.documentsDeleted,
        documentsUnchanged - earlier.documentsUnchanged,
        bytesWritten - earlier.bytesWritten,
        throttled - earlier.throttled,
        retried - earlier.retried,
        requestUnits - earlier.requestUnits);
  }
}
