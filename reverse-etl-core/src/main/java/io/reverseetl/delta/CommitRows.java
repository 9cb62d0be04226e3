package io.reverseetl.delta;

import io.reverseetl.table.ChangeType;
import io.reverseetl.table.Row;

/** Walks over the row changes of a commit, or of a part of one. For one thread. */
interface CommitRows extends AutoCloseable {

  /** Moves to the next change; the row before is no longer valid. */
  boolean advance();

  /** The type of the current change. */
  ChangeType type();

  /** The row of the current change: a view. */
  Row row();

  @Override
  void close();
}
