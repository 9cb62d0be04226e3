package io.reverseetl.cosmos.emulator;

/** A refusal with the status pair that the service would answer. */
final class CosmosError extends RuntimeException {
  private final int status;
  private final int subStatus;
  private final long retryAfterMillis;

  CosmosError(int status, int subStatus, String message) {
    this(status, subStatus, message, -1);
  }

  private CosmosError(int status, int subStatus, String message, long retryAfterMillis) {
    // No stack trace: a refusal is an ordinary answer and must stay cheap under throttling.
    super(message, null, false, false);
    this.status = status;
    this.subStatus = subStatus;
    this.retryAfterMillis = retryAfterMillis;
  }

  static CosmosError badRequest(String message) {
    return new CosmosError(400, 0, message);
  }

  static CosmosError keyMismatch() {
    return new CosmosError(
        400,
        1001,
        "PartitionKey extracted from document doesn't match the one specified in the header.");
  }

  static CosmosError notFound(String what) {
    return new CosmosError(404, 0, "Resource Not Found: " + what);
  }

  static CosmosError conflict(String message) {
    return new CosmosError(409, 0, message);
  }

  static CosmosError preconditionFailed() {
    return new CosmosError(
        412,
        0,
        "Operation cannot be performed because one of the specified precondition is not met.");
  }

  static CosmosError tooLarge(String what) {
    return new CosmosError(413, 0, "Request size is too large: " + what);
  }

  static CosmosError rangeGone(String rangeId) {
    return new CosmosError(
        410, 1002, "The requested resource is no longer available: partition key range " + rangeId);
  }

  static CosmosError throttled(long retryAfterMillis) {
    return new CosmosError(429, 3200, "Request rate is large.", retryAfterMillis);
  }

  static CosmosError injected(int status, int subStatus, long retryAfterMillis) {
    return new CosmosError(status, subStatus, "Injected fault.", retryAfterMillis);
  }

  int status() {
    return status;
  }

  int subStatus() {
    return subStatus;
  }

  /** How long to wait before trying again, in milliseconds; -1 when the answer says nothing. */
  long retryAfterMillis() {
    return retryAfterMillis;
  }
}
