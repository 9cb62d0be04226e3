package io.reverseetl.exceptions;

import org.jspecify.annotations.Nullable;

/**
 * The parts of a pipeline do not fit together: a column that the table does not have, a container
 * whose partition key is another than the mapper's, a missing container, credentials that are
 * refused. Nothing was written. Mend the configuration; trying again does not help.
 */
public class ConfigurationException extends ReverseEtlException {
  private static final long serialVersionUID = 1L;

  /**
   * Without a cause.
   *
   * @param message what failed, why, and what to do
   */
  public ConfigurationException(String message) {
    this(message, null);
  }

  /**
   * With a cause.
   *
   * @param message what failed, why, and what to do
   * @param cause what led to it, if anything
   */
  public ConfigurationException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
