package io.reverseetl.exceptions;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The target did not take what it was given, after all retries. What was durable before is kept by
 * the checkpoint; run again later, and the work goes on from there.
 */
public class WriteException extends ReverseEtlException {
  private static final long serialVersionUID = 1L;

  private final @Nullable Integer statusCode;

  /**
   * For a failure without a status of the target.
   *
   * @param message what failed, why, and what to do
   * @param cause what led to it, if anything
   */
  public WriteException(String message, @Nullable Throwable cause) {
    this(message, null, cause);
  }

  /**
   * For a failure with a status of the target.
   *
   * @param message what failed, why, and what to do
   * @param statusCode the target's status, for example an HTTP status
   * @param cause what led to it, if anything
   */
  public WriteException(String message, @Nullable Integer statusCode, @Nullable Throwable cause) {
    super(message, cause);
    this.statusCode = statusCode;
  }

  /**
   * The target's status.
   *
   * @return the status, for example an HTTP status; empty if the target gave none
   */
  public Optional<Integer> statusCode() {
    return Optional.ofNullable(statusCode);
  }
}
