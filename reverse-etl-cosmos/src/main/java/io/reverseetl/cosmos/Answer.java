package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosDiagnostics;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosBulkItemResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How one attempt of one operation failed.
 *
 * @param scope whether the answer is about this operation alone
 * @param status the HTTP status; 0 if there was none
 * @param subStatus Cosmos DB's sub-status; 0 if there was none
 * @param requestUnits what the answer charged for this operation
 * @param retryAfter how long the service asks to wait; zero if it does not
 * @param activityId the service's name for the request, for its support
 * @param diagnostics the client's record of the request
 * @param error what was thrown, if anything
 */
record Answer(
    Scope scope,
    int status,
    int subStatus,
    double requestUnits,
    Duration retryAfter,
    @Nullable String activityId,
    @Nullable CosmosDiagnostics diagnostics,
    @Nullable Throwable error) {

  /** What an answer is about. */
  enum Scope {
    /** This operation. */
    OPERATION,
    /** The request that the operation travelled in with others; it may be innocent. */
    BATCH
  }

  static Answer of(CosmosBulkItemResponse response) {
    Duration retryAfter = response.getRetryAfterDuration();
    return new Answer(
        Scope.OPERATION,
        response.getStatusCode(),
        response.getSubStatusCode(),
        response.getRequestCharge(),
        retryAfter == null ? Duration.ZERO : retryAfter,
        response.getActivityId(),
        response.getCosmosDiagnostics(),
        null);
  }

  static Answer of(Scope scope, Throwable error) {
    if (error instanceof CosmosException e) {
      Duration retryAfter = e.getRetryAfterDuration();
      return new Answer(
          scope,
          e.getStatusCode(),
          e.getSubStatusCode(),
          // A batch's charge would be counted once for each of its operations.
          scope == Scope.OPERATION ? e.getRequestCharge() : 0,
          retryAfter == null ? Duration.ZERO : retryAfter,
          e.getActivityId(),
          e.getDiagnostics(),
          e);
    }
    return new Answer(scope, 0, 0, 0, Duration.ZERO, null, null, error);
  }

  /** A flux that ended without an answer for an operation. */
  static Answer none() {
    return new Answer(Scope.BATCH, 0, 0, 0, Duration.ZERO, null, null, null);
  }

  /** Status and sub-status as the service's documentation writes them. */
  String code() {
    if (status != 0) {
      return status + "/" + subStatus;
    }
    return error == null ? "no answer" : error.getClass().getSimpleName();
  }
}
