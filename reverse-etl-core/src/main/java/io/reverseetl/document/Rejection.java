package io.reverseetl.document;

import java.util.Objects;

/**
 * Why a target will never take an operation.
 *
 * @param reason the kind
 * @param statusCode the target's status, for example an HTTP status; 0 if it was not asked
 * @param message what is wrong and what to do, without the document's values
 */
public record Rejection(Reason reason, int statusCode, String message) {

  /** Why an operation is rejected. */
  public enum Reason {
    /** The document is larger than the target takes. */
    TOO_LARGE,
    /** The id, the partition key or the body is not allowed. */
    INVALID,
    /** Another document holds a value that must be unique, or a condition was not met. */
    CONFLICT,
    /** The partition that the document belongs to is full. */
    PARTITION_FULL,
    /** A document that was to be changed is not there. */
    MISSING
  }

  /** Checks that nothing is missing. */
  public Rejection {
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(message, "message");
  }
}
