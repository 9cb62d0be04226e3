package io.reverseetl.delta;

import io.reverseetl.delta.KernelTable.AddedFile;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowFilter;
import io.reverseetl.table.StructType;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The row filter of one snapshot: which files may hold rows that pass, and which rows do. */
final class SnapshotFilter {
  private SnapshotFilter() {}

  static SnapshotFilter of(
      Optional<RowFilter> filter, KernelTable.Version version, StructType tableSchema) {
    if (filter.isPresent()) {
      throw new UnsupportedOperationException("Row filters come with the next commit.");
    }
    return new SnapshotFilter();
  }

  /** The columns that the filter reads. */
  List<String> columns() {
    return List.of();
  }

  void forEachFile(KernelTable.Version version, Consumer<AddedFile> action) {
    version.forEachFile(null, action);
  }

  boolean mayMatch(DataFile file) {
    return true;
  }

  Cursor<Row> apply(Cursor<Row> rows, StructType all) {
    return rows;
  }
}
