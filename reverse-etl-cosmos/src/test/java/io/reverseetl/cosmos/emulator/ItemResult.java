package io.reverseetl.cosmos.emulator;

/**
 * What became of one operation.
 *
 * @param status HTTP status of the operation
 * @param subStatus 0 when there is none
 * @param charge request units
 * @param etag number of the document's etag, 0 when there is none
 * @param content the document to send back, or null
 * @param retryAfterMillis wait before a retry, -1 when nothing is said
 * @param message what was wrong, or null
 */
record ItemResult(
    int status,
    int subStatus,
    double charge,
    long etag,
    byte[] content,
    long retryAfterMillis,
    String message) {
  static ItemResult of(CosmosError error, double charge) {
    return new ItemResult(
        error.status(),
        error.subStatus(),
        charge,
        0,
        null,
        error.retryAfterMillis(),
        error.getMessage());
  }

  boolean failed() {
    return status >= 400;
  }
}
