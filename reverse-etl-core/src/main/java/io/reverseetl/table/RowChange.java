package io.reverseetl.table;

import java.time.Instant;
import java.util.Objects;

/**
 * What a commit did to one row. Like its {@link Row}, a change that comes from a cursor is a view:
 * valid until the cursor advances.
 */
public interface RowChange {

  /**
   * What happened.
   *
   * @return the type
   */
  ChangeType type();

  /**
   * The row, in the state that the type names.
   *
   * @return a view
   */
  Row row();

  /**
   * Which commit did it.
   *
   * @return the commit's version, from 0
   */
  long commitVersion();

  /**
   * When the commit was made: the in-commit timestamp where the table keeps one, else the time of
   * the log file, made strictly increasing. For display only; positions are versions.
   *
   * @return the time, with milliseconds
   */
  Instant commitTimestamp();

  /**
   * A change that is no view.
   *
   * @param type what happened
   * @param row the row
   * @param commitVersion which commit did it
   * @param commitTimestamp when
   * @return the change
   */
  static RowChange of(ChangeType type, Row row, long commitVersion, Instant commitTimestamp) {
    record Value(ChangeType type, Row row, long commitVersion, Instant commitTimestamp)
        implements RowChange {
      Value {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(row, "row");
        Objects.requireNonNull(commitTimestamp, "commitTimestamp");
      }
    }
    return new Value(type, row, commitVersion, commitTimestamp);
  }
}
