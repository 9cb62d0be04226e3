package io.reverseetl.testing;

import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.RowChange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Walks over changes in memory. */
final class InMemoryChangeCursor implements ChangeCursor {
  private final long fromVersion;
  private final long toVersion;
  private final List<RowChange> changes;
  private int next;
  private @Nullable RowChange current;
  private boolean closed;

  InMemoryChangeCursor(long fromVersion, long toVersion, List<RowChange> changes) {
    this.fromVersion = fromVersion;
    this.toVersion = toVersion;
    this.changes = changes;
  }

  @Override
  public long fromVersion() {
    return fromVersion;
  }

  @Override
  public long toVersion() {
    return toVersion;
  }

  @Override
  public boolean advance() {
    if (closed) {
      throw new IllegalStateException("The cursor is closed.");
    }
    current = next < changes.size() ? changes.get(next++) : null;
    return current != null;
  }

  @Override
  public RowChange current() {
    if (current == null) {
      throw new IllegalStateException("The cursor stands on no change.");
    }
    return current;
  }

  @Override
  public void close() {
    closed = true;
    current = null;
  }
}
