package io.reverseetl.delta;

/**
 * The rows of a file that exactly one of two deletion vectors marks: the one that a commit removed,
 * or the one that it added. For one reading of one file.
 */
final class VectorDifference extends RowMask {
  private final DeletionVector removed;
  private final DeletionVector added;
  private long markedByRemoved;
  private long markedByAdded;
  private boolean delete;

  VectorDifference(DeletionVector removed, DeletionVector added) {
    this.removed = removed;
    this.added = added;
  }

  @Override
  boolean keeps(long rowIndex) {
    boolean wasMarked = removed.contains(rowIndex);
    boolean isMarked = added.contains(rowIndex);
    markedByRemoved += wasMarked ? 1 : 0;
    markedByAdded += isMarked ? 1 : 0;
    delete = isMarked;
    return wasMarked != isMarked;
  }

  /** Whether the row that was kept last is now deleted; otherwise it is back again. */
  boolean isDelete() {
    return delete;
  }

  @Override
  void checkAtEnd() {
    removed.checkCount(markedByRemoved);
    added.checkCount(markedByAdded);
  }
}
