package io.reverseetl.delta;

import io.delta.kernel.expressions.Predicate;
import io.reverseetl.delta.KernelTable.AddedFile;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import io.reverseetl.table.BoundRowFilter;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowFilter;
import io.reverseetl.table.StructType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The row filter of one snapshot. Files that cannot hold a passing row are skipped, by their
 * partition values (decided here) and by their statistics (decided by Kernel); every row of the
 * others is tested.
 */
final class SnapshotFilter {
  private final @Nullable RowFilter filter;
  private final List<String> columns;
  private final @Nullable Predicate pushed;
  private final List<PartitionTest> partitionTests;

  /** A part of the filter that reads partition columns only. */
  private record PartitionTest(RowFilter filter, ReadSchema schema) {}

  private SnapshotFilter(
      @Nullable RowFilter filter,
      List<String> columns,
      @Nullable Predicate pushed,
      List<PartitionTest> partitionTests) {
    this.filter = filter;
    this.columns = columns;
    this.pushed = pushed;
    this.partitionTests = partitionTests;
  }

  static SnapshotFilter of(
      Optional<RowFilter> wanted, KernelTable.Version version, StructType tableSchema) {
    if (wanted.isEmpty()) {
      return new SnapshotFilter(null, List.of(), null, List.of());
    }
    RowFilter filter = wanted.get();
    BoundRowFilter bound = filter.bind(tableSchema);
    Set<String> partitionColumns = version.partitionColumns();
    List<PartitionTest> partitionTests = new ArrayList<>();
    for (RowFilter part : filter.conjuncts()) {
      List<String> columns = part.bind(tableSchema).columns();
      if (!columns.isEmpty() && partitionColumns.containsAll(columns)) {
        partitionTests.add(
            new PartitionTest(
                part,
                ReadSchema.of(
                    version.schema(),
                    partitionColumns,
                    version.mappingMode(),
                    columns,
                    List.of(),
                    List.of())));
      }
    }
    Predicate pushed = bound.accept(new KernelFilter(partitionColumns)).orElse(null);
    return new SnapshotFilter(filter, bound.columns(), pushed, List.copyOf(partitionTests));
  }

  /** The columns that the filter reads. */
  List<String> columns() {
    return columns;
  }

  /** Lists the files that may hold passing rows, as far as their statistics tell. */
  List<AddedFile> files(KernelTable.Version version) {
    if (pushed != null) {
      try {
        return collect(version, pushed);
      } catch (TableReadException e) {
        if (e.reason() != Reason.CORRUPT_LOG) {
          throw e;
        }
        // Statistics that Kernel cannot read must not hide a table that can be read without them.
      }
    }
    return collect(version, null);
  }

  private static List<AddedFile> collect(KernelTable.Version version, @Nullable Predicate pushed) {
    List<AddedFile> files = new ArrayList<>();
    Consumer<AddedFile> add = files::add;
    version.forEachFile(pushed, add);
    return files;
  }

  /** Whether the partition values leave it open that a row passes. */
  boolean mayMatch(DataFile file) {
    for (PartitionTest test : partitionTests) {
      ReadSchema schema = test.schema();
      BatchRow row = new BatchRow(schema.shown(), schema.all());
      for (int i = 0; i < schema.all().size(); i++) {
        row.vector(i, schema.partitionVector(i, file));
      }
      if (!test.filter().bind(schema.all()).test(row)) {
        return false;
      }
    }
    return true;
  }

  /** The rows that pass. */
  Cursor<Row> apply(Cursor<Row> rows, StructType all) {
    return filter == null ? rows : new PassingRows(rows, filter.bind(all));
  }

  private record PassingRows(Cursor<Row> rows, BoundRowFilter filter) implements Cursor<Row> {
    @Override
    public boolean advance() {
      while (rows.advance()) {
        if (filter.test(rows.current())) {
          return true;
        }
      }
      return false;
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
