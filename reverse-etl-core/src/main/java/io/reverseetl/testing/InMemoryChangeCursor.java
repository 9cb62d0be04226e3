package io.reverseetl.testing;

import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.RowChange;
import io.reverseetl.table.SchemaChange;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Walks over changes in memory. */
final class InMemoryChangeCursor implements ChangeCursor {
  private final long fromVersion;
  private final long toVersion;
  private final List<RowChange> changes;
  private final Deque<SchemaChange> schemaChanges;
  private final Consumer<SchemaChange> schemaListener;
  private int next;
  private @Nullable RowChange current;
  private boolean closed;

  InMemoryChangeCursor(
      long fromVersion,
      long toVersion,
      List<RowChange> changes,
      List<SchemaChange> schemaChanges,
      Consumer<SchemaChange> schemaListener) {
    this.fromVersion = fromVersion;
    this.toVersion = toVersion;
    this.changes = changes;
    this.schemaChanges = new ArrayDeque<>(schemaChanges);
    this.schemaListener = schemaListener;
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
    current = null;
    if (Thread.currentThread().isInterrupted()) {
      next = changes.size();
      schemaChanges.clear();
      throw InMemoryTableSource.interrupted();
    }
    current = next < changes.size() ? changes.get(next++) : null;
    long version = current == null ? Long.MAX_VALUE : current.commitVersion();
    while (!schemaChanges.isEmpty() && schemaChanges.element().commitVersion() <= version) {
      schemaListener.accept(schemaChanges.remove());
    }
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
