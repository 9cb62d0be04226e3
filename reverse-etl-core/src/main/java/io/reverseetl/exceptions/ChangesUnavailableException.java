package io.reverseetl.exceptions;

import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a range cannot be had, now or later: reading on would skip some. Load the table
 * again, compare it with the target, or stop; {@link #reason} says why.
 */
public class ChangesUnavailableException extends ReverseEtlException {
  private static final long serialVersionUID = 1L;

  /** Why changes cannot be had. */
  public enum Reason {
    /** The change data feed was off at {@link #version}. */
    FEED_OFF,
    /** The log of early versions is cleaned; {@link #version} is the earliest still there. */
    HISTORY_CLEANED,
    /** Data or change files that {@link #version} needs are gone; usually VACUUM removed them. */
    FILES_VACUUMED,
    /**
     * The range begins after the newest version by more than one; {@link #version} is the newest.
     */
    BEYOND_LATEST,
    /** Another table stands at the place, or the table was put back to fewer versions. */
    TABLE_REPLACED,
    /** The schema changed at {@link #version} in a way that the schema mode refuses. */
    INCOMPATIBLE_SCHEMA
  }

  private final Reason reason;
  private final @Nullable Long version;

  /**
   * Without a cause.
   *
   * @param reason why
   * @param version the version that the reason speaks of, if it does
   * @param message what failed, why, and what to do
   */
  public ChangesUnavailableException(Reason reason, @Nullable Long version, String message) {
    this(reason, version, message, null);
  }

  /**
   * With a cause.
   *
   * @param reason why
   * @param version the version that the reason speaks of, if it does
   * @param message what failed, why, and what to do
   * @param cause what led to it, if anything
   */
  public ChangesUnavailableException(
      Reason reason, @Nullable Long version, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = Objects.requireNonNull(reason, "reason");
    this.version = version;
  }

  /**
   * Why the changes cannot be had.
   *
   * @return the reason
   */
  public Reason reason() {
    return reason;
  }

  /**
   * The version that the reason speaks of.
   *
   * @return the version; empty if it speaks of none
   */
  public OptionalLong version() {
    return version == null ? OptionalLong.empty() : OptionalLong.of(version);
  }
}
