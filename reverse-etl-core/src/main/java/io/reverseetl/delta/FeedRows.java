package io.reverseetl.delta;

import io.reverseetl.table.ChangeType;
import io.reverseetl.table.Row;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** The changes of several files, one file after the other; the next files are opened ahead. */
final class FeedRows implements CommitRows {
  private final Iterator<PlannedRead> reads;
  private final ReadOpener opener;
  private final int openAtOnce;
  private final Queue<CommitRows> ahead = new ArrayDeque<>();
  private @Nullable CommitRows current;

  /**
   * Over planned reads, in their order.
   *
   * @param openAtOnce how many files to have open, at least 1
   */
  FeedRows(List<PlannedRead> reads, ReadOpener opener, int openAtOnce) {
    this.reads = reads.iterator();
    this.opener = opener;
    this.openAtOnce = openAtOnce;
  }

  @Override
  public boolean advance() {
    while (true) {
      CommitRows rows = current;
      if (rows != null) {
        if (rows.advance()) {
          return true;
        }
        current = null;
        rows.close();
      }
      while (ahead.size() < openAtOnce && reads.hasNext()) {
        ahead.add(opener.open(reads.next()));
      }
      current = ahead.poll();
      if (current == null) {
        return false;
      }
    }
  }

  private CommitRows current() {
    CommitRows rows = current;
    if (rows == null) {
      throw new IllegalStateException("There is no current change; call advance() first.");
    }
    return rows;
  }

  @Override
  public ChangeType type() {
    return current().type();
  }

  @Override
  public Row row() {
    return current().row();
  }

  @Override
  public void close() {
    RuntimeException failure = null;
    CommitRows rows = current;
    current = null;
    while (rows != null) {
      try {
        rows.close();
      } catch (RuntimeException e) {
        failure = failure == null ? e : failure;
      }
      rows = ahead.poll();
    }
    if (failure != null) {
      throw failure;
    }
  }
}
