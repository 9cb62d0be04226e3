package io.reverseetl;

/**
 * What a poll does when changes cannot be had: the history is cleaned, the feed was off, files are
 * gone, another table stands at the place, or the columns changed and {@link SchemaPolicy#FAIL}
 * says so.
 */
public enum GapPolicy {
  /**
   * The poll throws a {@link io.reverseetl.exceptions.ChangesUnavailableException}. This is the
   * default.
   */
  FAIL,
  /**
   * The newest version is loaded over what is there: every document is written, and documents that
   * the table does not make are deleted, as far as they are ours ({@link
   * Pipeline.Builder#ownsTarget}).
   *
   * <p>A pipeline with a snapshot target ({@link Pipeline.Builder#snapshots}) loads a new
   * generation instead, and points readers to it, as {@link SnapshotSwitcher} does with its
   * defaults, and the grace period of {@link CdcPoller.Builder#grace}.
   */
  RESNAPSHOT,
  /**
   * As {@link #RESNAPSHOT}, but documents are read and compared first, and only those that differ
   * are written. When it is stopped, the next poll finds less to do.
   */
  DIFF
}
