package io.reverseetl;

import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.Rejection;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.PartRange;
import io.reverseetl.table.Row;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SplittableSnapshot;
import io.reverseetl.table.TableSnapshot;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

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
  private final @Nullable PartRange range;
  private final long firstRow;
  private final Listener listener;

  /** Documents on their way, and one for the reader until it has read the last row. */
  private final AtomicLong pending = new AtomicLong(1);

  private final AtomicLong documents = new AtomicLong();
  private final AtomicLong rows;

  LoadPart(int index, SnapshotPart part, long firstRow, Listener listener) {
    this(index, part, null, firstRow, listener);
  }

  /** Of a part, only a range; null for all of it. */
  LoadPart(
      int index, SnapshotPart part, @Nullable PartRange range, long firstRow, Listener listener) {
    this.index = index;
    this.part = part;
    this.range = range;
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

  /** As dead letters and messages name it. */
  String name() {
    return range == null
        ? part.id()
        : "bytes " + range.start() + " to " + range.end() + " of " + part.id();
  }

  Cursor<Row> open(TableSnapshot snapshot, ReadAhead readAhead) {
    if (range == null) {
      return readAhead.open(snapshot, part);
    }
    if (snapshot instanceof SplittableSnapshot splittable) {
      return splittable.open(part, range);
    }
    throw new ConfigurationException(
        "The source of this pipeline reads parts as a whole only, but the work unit names a range"
            + " of one. Run units with the kind of source that they were planned with.");
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
