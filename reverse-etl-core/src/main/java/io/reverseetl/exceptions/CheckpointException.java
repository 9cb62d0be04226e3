package io.reverseetl.exceptions;

import org.jspecify.annotations.Nullable;

/**
 * A checkpoint could not be read or saved, or does not belong to this table or target. Whether a
 * save took effect may be unknown; run again, and the store tells.
 */
public class CheckpointException extends ReverseEtlException {
  private static final long serialVersionUID = 1L;

  /**
   * Without a cause.
   *
   * @param message what failed, why, and what to do
   */
  public CheckpointException(String message) {
    this(message, null);
  }

  /**
   * With a cause.
   *
   * @param message what failed, why, and what to do
   * @param cause what led to it, if anything
   */
  public CheckpointException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
