package io.reverseetl;

import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.TableSnapshot;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The first part of a load, opened and at its first row while the sink still connects: the first
 * rows of a process cost the most, as all that reads them is loaded and linked then.
 */
final class ReadAhead implements AutoCloseable {
  private final AtomicReference<@Nullable Begun> begun;

  private ReadAhead(@Nullable Begun begun) {
    this.begun = new AtomicReference<>(begun);
  }

  /** Reads nothing ahead. */
  static ReadAhead nothing() {
    return new ReadAhead(null);
  }

  /** Opens a part and reads up to its first row. */
  static ReadAhead of(TableSnapshot snapshot, SnapshotPart part) {
    Cursor<Row> rows = snapshot.open(part);
    boolean opened = false;
    try {
      ReadAhead ahead = new ReadAhead(new Begun(part, rows, rows.advance()));
      opened = true;
      return ahead;
    } finally {
      if (!opened) {
        rows.close();
      }
    }
  }

  /** Opens a part; the one that was read ahead comes as it is, before its first row. */
  @SuppressWarnings("ReferenceEquality") // Two parts may be alike; this very one was opened.
  Cursor<Row> open(TableSnapshot snapshot, SnapshotPart part) {
    Begun ahead = begun.get();
    if (ahead != null && ahead.part == part && begun.compareAndSet(ahead, null)) {
      return ahead;
    }
    return snapshot.open(part);
  }

  /** Closes the part if nobody took it. */
  @Override
  public void close() {
    Begun left = begun.getAndSet(null);
    if (left != null) {
      left.close();
    }
  }

  /** A cursor that has done its first step already. */
  private static final class Begun implements Cursor<Row> {
    private final SnapshotPart part;
    private final Cursor<Row> rows;
    private final boolean first;
    private boolean stepped;

    Begun(SnapshotPart part, Cursor<Row> rows, boolean first) {
      this.part = part;
      this.rows = rows;
      this.first = first;
    }

    @Override
    public boolean advance() {
      if (!stepped) {
        stepped = true;
        return first;
      }
      return rows.advance();
    }

    @Override
    public Row current() {
      return rows.current();
    }

    @Override
    public void close() {
      rows.close();
    }
  }
}
