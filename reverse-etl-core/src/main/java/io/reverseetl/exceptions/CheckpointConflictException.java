package io.reverseetl.exceptions;

import org.jspecify.annotations.Nullable;

/**
 * Another runner holds or moved this pipeline's checkpoint. Stop: do not try again in this process
 * before the other one has ended.
 */
public class CheckpointConflictException extends ReverseEtlException {
  private static final long serialVersionUID = 1L;

  /**
   * Without a cause.
   *
   * @param message what failed, why, and what to do
   */
  public CheckpointConflictException(String message) {
    this(message, null);
  }

  /**
   * With a cause.
   *
   * @param message what failed, why, and what to do
   * @param cause what led to it, if anything
   */
  public CheckpointConflictException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
