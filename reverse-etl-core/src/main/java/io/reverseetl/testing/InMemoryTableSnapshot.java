package io.reverseetl.testing;

import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.table.BoundRowFilter;
import io.reverseetl.table.Column;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowFilter;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.StructType;
import io.reverseetl.table.TableSnapshot;
import io.reverseetl.table.TableVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** One version of a table in memory. */
final class InMemoryTableSnapshot implements TableSnapshot {
  private final TableVersion version;
  private final StructType tableSchema;
  private final StructType schema;
  private final int[] ordinals;
  private final List<InMemoryRow> rows;
  private final Optional<RowFilter> filter;
  private final int rowsPerPart;

  InMemoryTableSnapshot(
      TableVersion version,
      StructType tableSchema,
      List<InMemoryRow> rows,
      SnapshotQuery query,
      int rowsPerPart) {
    this.version = version;
    this.tableSchema = tableSchema;
    this.rows = rows;
    this.filter = query.filter();
    filter.ifPresent(rowFilter -> rowFilter.bind(tableSchema));
    this.rowsPerPart = rowsPerPart;
    List<String> names = query.columnsOf(tableSchema);
    this.ordinals = new int[names.size()];
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < ordinals.length; i++) {
      int ordinal = tableSchema.indexOf(names.get(i));
      if (ordinal < 0) {
        throw new TableReadException(
            TableReadException.Reason.COLUMN_NOT_FOUND,
            "Table "
                + version.tableUri()
                + " has no column \""
                + names.get(i)
                + "\"; its columns are "
                + tableSchema.names()
                + ".");
      }
      ordinals[i] = ordinal;
      columns.add(tableSchema.column(ordinal));
    }
    this.schema = StructType.of(columns);
  }

  @Override
  public TableVersion version() {
    return version;
  }

  @Override
  public StructType schema() {
    return schema;
  }

  @Override
  public StructType tableSchema() {
    return tableSchema;
  }

  @Override
  public List<SnapshotPart> parts() {
    List<SnapshotPart> parts = new ArrayList<>();
    for (int first = 0; first < rows.size(); first += rowsPerPart) {
      int count = Math.min(rowsPerPart, rows.size() - first);
      parts.add(
          new SnapshotPart(
              "part-%08d".formatted(first / rowsPerPart), count, OptionalLong.of(count)));
    }
    return List.copyOf(parts);
  }

  @Override
  public Cursor<Row> open(SnapshotPart part) {
    int index = parts().indexOf(part);
    if (index < 0) {
      throw new IllegalArgumentException("The snapshot has no part " + part.id() + ".");
    }
    int first = index * rowsPerPart;
    return new RowCursor(rows.subList(first, Math.min(first + rowsPerPart, rows.size())));
  }

  @Override
  public void close() {
    // Holds memory only.
  }

  private final class RowCursor implements Cursor<Row> {
    private final List<InMemoryRow> part;

    /** One for each cursor, as it is for one thread. */
    private final @Nullable BoundRowFilter passes;

    private int next;
    private @Nullable Row current;
    private boolean closed;

    RowCursor(List<InMemoryRow> part) {
      this.part = part;
      this.passes = filter.map(rowFilter -> rowFilter.bind(tableSchema)).orElse(null);
    }

    @Override
    public boolean advance() {
      if (closed) {
        throw new IllegalStateException("The cursor is closed.");
      }
      current = null;
      if (Thread.currentThread().isInterrupted()) {
        next = part.size();
        throw InMemoryTableSource.interrupted();
      }
      while (current == null && next < part.size()) {
        InMemoryRow row = part.get(next++);
        if (passes == null || passes.test(row)) {
          current = row.select(schema, ordinals);
        }
      }
      return current != null;
    }

    @Override
    public Row current() {
      if (current == null) {
        throw new IllegalStateException("The cursor stands on no row.");
      }
      return current;
    }

    @Override
    public void close() {
      closed = true;
      current = null;
    }
  }
}
