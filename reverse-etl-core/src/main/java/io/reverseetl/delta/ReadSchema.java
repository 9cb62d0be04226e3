package io.reverseetl.delta;

import io.delta.kernel.types.DataType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.reverseetl.table.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to read from each file of a table and how to make rows of it. Made once per snapshot (or per
 * schema of a change feed), used for all its files. Immutable and thread-safe.
 *
 * <p>A column comes either from the file, or from the partition values of the action that names the
 * file. Columns that are not in the file are null.
 */
final class ReadSchema {
  private final io.reverseetl.table.StructType shown;
  private final io.reverseetl.table.StructType all;
  private final List<Source> sources;
  private final StructType physical;

  /** Where a column's values come from: a physical column, or else a partition value. */
  private record Source(int physicalIndex, String physicalName, DataType type) {}

  private ReadSchema(
      io.reverseetl.table.StructType shown,
      io.reverseetl.table.StructType all,
      List<Source> sources,
      StructType physical) {
    this.shown = shown;
    this.all = all;
    this.sources = sources;
    this.physical = physical;
  }

  /**
   * Plans the reading of some columns.
   *
   * @param table the whole schema of the table, with the metadata of column mapping
   * @param partitionColumns the names of the partition columns
   * @param mode how names are mapped: {@code none}, {@code name} or {@code id}
   * @param shownColumns the columns of the rows
   * @param hiddenColumns columns that follow in the rows, but are found by position only
   * @param extra physical columns that are not in the table's schema, such as {@code _change_type};
   *     they follow the hidden ones
   */
  static ReadSchema of(
      StructType table,
      Set<String> partitionColumns,
      String mode,
      List<String> shownColumns,
      List<String> hiddenColumns,
      List<StructField> extra) {
    List<Column> all = new ArrayList<>();
    List<Source> sources = new ArrayList<>();
    List<StructField> physical = new ArrayList<>();
    List<String> names = new ArrayList<>(shownColumns);
    names.addAll(hiddenColumns);
    for (String name : names) {
      StructField field = table.get(name);
      all.add(KernelTypes.toColumn(field));
      if (partitionColumns.contains(name)) {
        sources.add(new Source(-1, KernelTable.physicalName(field, mode), field.getDataType()));
      } else {
        StructField inFile = KernelTable.physicalField(field, table, mode);
        sources.add(new Source(physical.size(), inFile.getName(), inFile.getDataType()));
        physical.add(KernelTypes.withVariantsAsStructs(inFile));
      }
    }
    for (StructField field : extra) {
      all.add(KernelTypes.toColumn(field));
      sources.add(new Source(physical.size(), field.getName(), field.getDataType()));
      physical.add(field);
    }
    return new ReadSchema(
        io.reverseetl.table.StructType.of(all.subList(0, shownColumns.size())),
        io.reverseetl.table.StructType.of(all),
        List.copyOf(sources),
        new StructType(physical));
  }

  /** The columns that the rows show. */
  io.reverseetl.table.StructType shown() {
    return shown;
  }

  /** The columns that the rows hold: shown, hidden, extra. */
  io.reverseetl.table.StructType all() {
    return all;
  }

  /** The columns to read from a file. */
  StructType physical() {
    return physical;
  }

  /** Which physical column holds this column, or -1 if it is a partition column. */
  int physicalIndex(int index) {
    return sources.get(index).physicalIndex();
  }

  /** The value of a partition column for one file. */
  ConstantVector partitionVector(int index, DataFile file) {
    Source source = sources.get(index);
    Column column = all.column(index);
    @Nullable String text = file.partitionValues().get(source.physicalName());
    return new ConstantVector(
        source.type(), PartitionValues.parse(column.name(), column.type(), text));
  }
}
