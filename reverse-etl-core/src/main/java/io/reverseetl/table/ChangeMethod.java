package io.reverseetl.table;

/** Where row changes come from. */
public enum ChangeMethod {
  /** The table's change data feed, which must have been on for the whole range. */
  FEED,
  /**
   * The files that each commit adds and removes: rows of removed files that do not stand, equal, in
   * added files are deletes, and the reverse are inserts. Needs no change data feed.
   */
  DIFF
}
