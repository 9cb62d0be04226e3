package io.reverseetl;

/** What {@link SnapshotSwitcher} does, in this order. */
public enum SwitchStep {
  /** An older generation is removed, as its grace period is over or it was given up. */
  DISCARD,
  /** Room is made for a new generation. */
  STAGE,
  /** The snapshot is loaded into it. */
  LOAD,
  /** The commits after the snapshot are taken in. */
  CATCH_UP,
  /** It is counted and compared with the table. */
  VERIFY,
  /** The pointer is moved, and readers see it. */
  ACTIVATE
}
