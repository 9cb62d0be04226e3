package io.reverseetl;

import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.Rejection;
import io.reverseetl.table.SnapshotPart;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One part of a running load: how many of its rows were handed over, and how many of its documents
 * are still on their way. One thread reads it; the sink's threads tell how documents ended.
 */
final class LoadPart implements WritePath.Owner {

  /** What the load does about the ends of a part's documents. */
  interface Listener {
    void partDurable(LoadPart part);

    /**
     * A document will never be taken.
     *
     * @return whether it was set aside; if not, the load fails, and the part never counts as done
     */
    boolean rejected(LoadPart part, DocumentOperation operation, Rejection rejection);
  }

  private final int index;
  private final SnapshotPart part;
  private final long firstRow;
  private final Listener listener;

  /** Documents on their way, and one for the reader until it has read the last row. */
  private final AtomicLong pending = new AtomicLong(1);

  private final AtomicLong documents = new AtomicLong();
  private final AtomicLong rows;

  LoadPart(int index, SnapshotPart part, long firstRow, Listener listener) {
    this.index = index;
    this.part = part;
    this.firstRow = firstRow;
    this.rows = new AtomicLong(firstRow);
    this.listener = listener;
  }

  int index() {
    return index;
  }

  SnapshotPart part() {
    return part;
  }

  /** How many rows earlier runs have done. */
  long firstRow() {
    return firstRow;
  }

  /** How many rows from the part's beginning are handed over with all their documents. */
  long rows() {
    return rows.get();
  }

  /** Documents of this run that are durable. */
  long documents() {
    return documents.get();
  }

  void rowHandedOver() {
    rows.incrementAndGet();
  }

  void sending() {
    pending.incrementAndGet();
  }

  void notSent() {
    ended();
  }

  /** The last row was handed over. */
  void readToTheEnd() {
    ended();
  }

  @Override
  public void durable(DocumentOperation operation) {
    documents.incrementAndGet();
    ended();
  }

  @Override
  public void rejected(DocumentOperation operation, Rejection rejection) {
    if (listener.rejected(this, operation, rejection)) {
      ended();
    }
  }

  private void ended() {
    if (pending.decrementAndGet() == 0) {
      listener.partDurable(this);
    }
  }
}
