package io.reverseetl.exceptions;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A table cannot be read. {@link #reason} tells the situations apart; only {@link
 * Reason#UNAVAILABLE}, {@link Reason#FILE_CHANGED} and {@link Reason#INTERRUPTED} are worth trying
 * again as they are.
 */
public class TableReadException extends ReverseEtlException {
  private static final long serialVersionUID = 1L;

  /** Why a table cannot be read. */
  public enum Reason {
    /** There is nothing at this place. */
    TABLE_NOT_FOUND,
    /** There are files, but no Delta log. */
    NOT_A_DELTA_TABLE,
    /** The version or timestamp asked for is not there (any more, or yet). */
    VERSION_NOT_FOUND,
    /** A column asked for is not in the table. */
    COLUMN_NOT_FOUND,
    /** The table uses a feature that this library cannot read. */
    UNSUPPORTED_FEATURE,
    /** A log file cannot be understood, or the log has a hole. */
    CORRUPT_LOG,
    /** A data file cannot be understood. */
    CORRUPT_FILE,
    /** A file that the log names is gone; usually VACUUM removed it. */
    FILE_NOT_FOUND,
    /**
     * A file was written again while it was read; trying again reads the new one from its start.
     */
    FILE_CHANGED,
    /** The log names a file outside the table's root, and that is not allowed. */
    FILE_OUTSIDE_TABLE,
    /** The storage refused the credentials. */
    ACCESS_DENIED,
    /** The storage did not answer as it should; try again later. */
    UNAVAILABLE,
    /** The thread was interrupted while reading. */
    INTERRUPTED
  }

  private final Reason reason;

  /**
   * Without a cause.
   *
   * @param reason what kind of failure
   * @param message what failed (table, version, file), why, and what to do
   */
  public TableReadException(Reason reason, String message) {
    this(reason, message, null);
  }

  /**
   * With a cause.
   *
   * @param reason what kind of failure
   * @param message what failed (table, version, file), why, and what to do
   * @param cause what led to it, if anything
   */
  public TableReadException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = Objects.requireNonNull(reason, "reason");
  }

  /**
   * What kind of failure.
   *
   * @return the reason
   */
  public Reason reason() {
    return reason;
  }
}
