package io.reverseetl.exceptions;

import org.jspecify.annotations.Nullable;

/**
 * The root of everything that this library throws for a reason outside the caller's code.
 *
 * <p>A message says what failed, why, and what to do. It holds no secret and no row value.
 */
public abstract class ReverseEtlException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * For subclasses.
   *
   * @param message what failed, why, and what to do
   * @param cause what led to it, if anything
   */
  protected ReverseEtlException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
