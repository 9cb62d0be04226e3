package io.reverseetl.cosmos;

import io.reverseetl.document.Rejection;

/** What a failed answer means for the operation. */
enum Verdict {
  /** The request was done. */
  DONE,
  /** No document stands there. */
  MISSING,
  /** A document of this id stands there, or another document holds a unique value. */
  EXISTS,
  /** A condition is not met. */
  UNMET,
  /** Whether it was applied is unknown, or it was not; running it again is safe and may help. */
  RETRY,
  /** The service asks to slow down; run it again later. */
  THROTTLED,
  /** The whole batch was refused; run the operation alone to see whether it is to blame. */
  ISOLATE,
  /** The document is larger than the service takes. */
  TOO_LARGE,
  /** The id, the key or the body is refused. */
  INVALID,
  /** The logical partition is full. */
  PARTITION_FULL,
  /** The container is gone. */
  NO_CONTAINER,
  /** The credentials are refused. */
  UNAUTHORIZED,
  /** An answer that no operation of ours should get. */
  FATAL;

  private static final int PARTITION_KEY_MISMATCH = 1001;
  private static final int OWNER_NOT_FOUND = 1003;
  private static final int ACCOUNT_NOT_FOUND = 1008;
  private static final int PARTITION_QUOTA = 1014;
  private static final int STALE_CONTAINER = 1024;
  private static final int WRITE_FORBIDDEN = 3;

  static Verdict of(Answer answer) {
    boolean alone = answer.scope() == Answer.Scope.OPERATION;
    int subStatus = answer.subStatus();
    switch (answer.status()) {
      case 200, 201, 204:
        return DONE;
      case 400:
        if (subStatus == STALE_CONTAINER) {
          return RETRY;
        }
        return alone ? INVALID : ISOLATE;
      case 401:
        return UNAUTHORIZED;
      case 403:
        if (subStatus == WRITE_FORBIDDEN || subStatus == ACCOUNT_NOT_FOUND) {
          return RETRY; // A failover to another region is under way.
        }
        if (subStatus == PARTITION_QUOTA) {
          return alone ? PARTITION_FULL : ISOLATE;
        }
        return UNAUTHORIZED;
      case 404:
        if (subStatus == OWNER_NOT_FOUND) {
          return NO_CONTAINER;
        }
        return alone && subStatus == 0 ? MISSING : RETRY;
      case 409:
        return alone ? EXISTS : ISOLATE;
      case 412:
        return alone ? UNMET : ISOLATE;
      case 413:
        return alone ? TOO_LARGE : ISOLATE;
      case 429:
        return THROTTLED;
      case 0, 408, 410, 424, 449:
        return RETRY;
      default:
        return answer.status() < 0 || answer.status() >= 500 ? RETRY : FATAL;
    }
  }

  /** The rejection that the verdict stands for. */
  Rejection rejection(Answer answer) {
    int status = answer.status();
    return switch (this) {
      case TOO_LARGE ->
          new Rejection(
              Rejection.Reason.TOO_LARGE,
              status,
              "Cosmos DB refused the document as too large (" + answer.code() + "). Map less.");
      case EXISTS ->
          new Rejection(
              Rejection.Reason.CONFLICT,
              status,
              "Another document holds a value that the container's unique key policy allows once ("
                  + answer.code()
                  + "), also after the other operations were done. Mend the data or the policy.");
      case MISSING ->
          new Rejection(
              Rejection.Reason.MISSING,
              status,
              "There is no document to change ("
                  + answer.code()
                  + "). Create it, or pass over what is missing.");
      case UNMET ->
          new Rejection(
              Rejection.Reason.CONFLICT,
              status,
              "Cosmos DB refused the operation as its condition was not met ("
                  + answer.code()
                  + ").");
      case PARTITION_FULL ->
          new Rejection(
              Rejection.Reason.PARTITION_FULL,
              status,
              "The logical partition has reached its 20 GB ("
                  + answer.code()
                  + "). Use a partition key with more values, or a hierarchical one.");
      case INVALID ->
          new Rejection(
              Rejection.Reason.INVALID,
              status,
              answer.subStatus() == PARTITION_KEY_MISMATCH
                  ? "The partition key differs from the value in the body ("
                      + answer.code()
                      + "). Mend the mapper."
                  : "Cosmos DB refused the id, the partition key or the body ("
                      + answer.code()
                      + "). Mend the mapper or the data.");
      default -> throw new IllegalStateException(this + " is no rejection.");
    };
  }

  /** What a person can do when the session fails with this verdict. */
  String advice() {
    return switch (this) {
      case NO_CONTAINER -> "The container is gone. Create it, or name another one.";
      case UNAUTHORIZED ->
          "The credentials or the network were refused. See to the key or role assignment, and the"
              + " account's firewall.";
      case THROTTLED ->
          "The container has too few request units for this load. Raise its throughput, or lower"
              + " the pipeline's rate.";
      case RETRY, MISSING, ISOLATE -> "Run again later; the work goes on from the checkpoint.";
      default -> "Please report this answer.";
    };
  }
}
