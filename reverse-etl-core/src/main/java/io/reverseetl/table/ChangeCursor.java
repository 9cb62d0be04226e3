package io.reverseetl.table;

/**
 * Walks over row changes in version order.
 *
 * <p>Inside one commit the changes have no meaningful order, but the same one at every reading of
 * the same range, so that a reader that stopped inside a large commit can skip what it has done.
 */
public interface ChangeCursor extends Cursor<RowChange> {

  /**
   * The first commit of the range.
   *
   * @return a version, from 0
   */
  long fromVersion();

  /**
   * The last commit of the range, at most the newest when the cursor was opened. After the cursor
   * has ended, everything up to it was given, also if its last commits changed no row.
   *
   * @return a version; {@code fromVersion() - 1} if there was no commit in the range yet
   */
  long toVersion();
}
