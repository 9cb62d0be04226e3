package io.reverseetl.exceptions;

import org.jspecify.annotations.Nullable;

/**
 * The pointer to the served snapshot was to be moved, and no answer says whether it was. Readers
 * see the old snapshot or the new one, each of them whole. Run again: the next run reads the
 * pointer, and goes on from what it says.
 */
public class SwitchOutcomeUnknownException extends ReverseEtlException {
  private static final long serialVersionUID = 1L;

  /**
   * With or without a cause.
   *
   * @param message what failed, why, and what to do
   * @param cause what led to it, if anything
   */
  public SwitchOutcomeUnknownException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
