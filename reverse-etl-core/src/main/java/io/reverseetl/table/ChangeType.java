package io.reverseetl.table;

/** What happened to a row in a commit. */
public enum ChangeType {
  /** The row is new. */
  INSERT,
  /** The row as it was before an update. */
  UPDATE_PREIMAGE,
  /** The row as it is after an update. */
  UPDATE_POSTIMAGE,
  /** The row is gone; the values are its last ones. */
  DELETE;

  /**
   * Whether the row stands in the table after the commit.
   *
   * @return true for {@link #INSERT} and {@link #UPDATE_POSTIMAGE}
   */
  public boolean isLive() {
    return this == INSERT || this == UPDATE_POSTIMAGE;
  }
}
