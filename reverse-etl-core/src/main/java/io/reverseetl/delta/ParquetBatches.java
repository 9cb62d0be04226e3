package io.reverseetl.delta;

import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.defaults.internal.data.DefaultColumnarBatch;
import io.delta.kernel.defaults.internal.parquet.ParquetFileReader.RowRecordCollector;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Makes batches of the row groups of one file: {@link FlatColumns} one after the other, and all
 * other columns together, row by row, through Parquet's record assembly and Kernel's converters.
 * For one thread.
 */
final class ParquetBatches {
  private final FileSchema schema;
  private final int maxRows;
  private final FlatColumns flat;

  /** For each column of the batch what fills it; null if the assembled records do. */
  private final @Nullable FlatNode[] flatOf;

  private final MessageType otherSchema;
  private final @Nullable RowRecordCollector others;
  private final MessageColumnIO otherColumns;
  private @Nullable RecordReader<Object> records;

  ParquetBatches(FileSchema schema, FileMetaData file, int maxRows) {
    this.schema = schema;
    this.maxRows = maxRows;
    this.flat = new FlatColumns(schema.parquet(), file.getCreatedBy());
    this.flatOf = new @Nullable FlatNode[schema.kernel().length()];
    List<Type> otherTypes = new ArrayList<>();
    List<StructField> otherFields = new ArrayList<>();
    for (int i = 0; i < flatOf.length; i++) {
      StructField field = schema.kernel().at(i);
      Type type = schema.found().get(i);
      flatOf[i] = type == null ? null : flat.add(field.getDataType(), type);
      if (flatOf[i] == null) {
        otherFields.add(field);
        if (type != null) {
          otherTypes.add(type);
        }
      }
    }
    this.otherSchema = new MessageType(schema.parquet().getName(), otherTypes);
    this.others =
        otherFields.isEmpty()
            ? null
            : new RowRecordCollector(maxRows, new StructType(otherFields), otherSchema);
    this.otherColumns =
        new ColumnIOFactory(file.getCreatedBy()).getColumnIO(otherSchema, file.getSchema(), true);
    begin();
  }

  private void begin() {
    for (FlatNode node : flatOf) {
      if (node != null) {
        node.begin(maxRows);
      }
    }
  }

  /** Goes on with a row group. */
  void open(PageReadStore rowGroup) {
    flat.open(rowGroup);
    records =
        others == null || otherSchema.getFieldCount() == 0
            ? null
            : otherColumns.getRecordReader(rowGroup, others, FilterCompat.NOOP);
  }

  /**
   * Reads rows of the open row group into the batch.
   *
   * @param count how many, no more than the row group and the batch have left
   * @param firstRow the number of the first one in the file
   */
  void read(int count, long firstRow) {
    flat.read(count);
    if (others == null) {
      return;
    }
    for (int i = 0; i < count; i++) {
      if (records != null) {
        records.read();
      }
      others.finalizeCurrentRow(firstRow + i);
    }
  }

  /** Ends the batch, which has so many rows, and begins the next one. */
  ColumnarBatch finish(int rows) {
    ColumnarBatch rest = others == null ? null : others.getDataAsColumnarBatch(rows);
    ColumnVector[] vectors = new ColumnVector[flatOf.length];
    int other = 0;
    for (int i = 0; i < vectors.length; i++) {
      FlatNode node = flatOf[i];
      vectors[i] =
          node == null ? Objects.requireNonNull(rest).getColumnVector(other++) : node.vector();
    }
    begin();
    return new DefaultColumnarBatch(rows, schema.kernel(), vectors);
  }

  /** The row group is closed. */
  void closeRowGroup() {
    flat.close();
    records = null;
  }
}
