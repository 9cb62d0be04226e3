package io.reverseetl.delta;

import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.defaults.internal.data.DefaultColumnarBatch;
import io.delta.kernel.defaults.internal.parquet.ParquetFileReader.RowRecordCollector;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Makes batches of the row groups of one file: {@link FlatColumn}s one after the other, and all
 * other columns together, row by row, through Parquet's record assembly and Kernel's converters.
 * For one thread.
 */
final class ParquetBatches {
  private final FileSchema schema;
  private final String createdBy;
  private final int maxRows;

  /** For each column of the batch, the flat column that gives it; null if the others do. */
  private final @Nullable FlatColumn[] flatOf;

  private final List<FlatColumn> flat = new ArrayList<>();
  private final MessageType flatSchema;
  private final MessageType otherSchema;
  private final RowRecordCollector others;
  private final MessageColumnIO otherColumns;

  private List<ColumnReader> values = List.of();
  private @Nullable RecordReader<Object> records;

  ParquetBatches(FileSchema schema, FileMetaData file, int maxRows) {
    this.schema = schema;
    this.createdBy = file.getCreatedBy();
    this.maxRows = maxRows;
    this.flatOf = new @Nullable FlatColumn[schema.kernel().length()];
    List<Type> flatTypes = new ArrayList<>();
    List<Type> otherTypes = new ArrayList<>();
    List<StructField> otherFields = new ArrayList<>();
    for (int i = 0; i < flatOf.length; i++) {
      StructField field = schema.kernel().at(i);
      Type type = schema.found().get(i);
      FlatColumn column = type == null ? null : FlatColumn.of(field.getDataType(), type);
      if (column != null) {
        flatOf[i] = column;
        flat.add(column);
        flatTypes.add(type);
      } else {
        otherFields.add(field);
        if (type != null) {
          otherTypes.add(type);
        }
      }
    }
    this.flatSchema = new MessageType(schema.parquet().getName(), flatTypes);
    this.otherSchema = new MessageType(schema.parquet().getName(), otherTypes);
    this.others = new RowRecordCollector(maxRows, new StructType(otherFields), otherSchema);
    this.otherColumns =
        new ColumnIOFactory(createdBy).getColumnIO(otherSchema, file.getSchema(), true);
    begin();
  }

  private void begin() {
    for (FlatColumn column : flat) {
      column.begin(maxRows);
    }
  }

  /** Goes on with a row group. */
  void open(PageReadStore rowGroup) {
    ColumnReadStoreImpl store =
        new ColumnReadStoreImpl(rowGroup, new Converters(flat), flatSchema, createdBy);
    values = new ArrayList<>();
    for (ColumnDescriptor column : flatSchema.getColumns()) {
      ColumnReader reader = store.getColumnReader(column);
      if (reader.getTotalValueCount() != rowGroup.getRowCount()) {
        throw new ParquetDecodingException(
            "Column "
                + String.join(".", column.getPath())
                + " has "
                + reader.getTotalValueCount()
                + " values in a row group of "
                + rowGroup.getRowCount()
                + " rows.");
      }
      values.add(reader);
    }
    records =
        otherSchema.getFieldCount() == 0
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
    List<ColumnDescriptor> columns = flatSchema.getColumns();
    for (int i = 0; i < flat.size(); i++) {
      flat.get(i).read(values.get(i), count, columns.get(i).getMaxDefinitionLevel());
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
    ColumnarBatch rest = others.getDataAsColumnarBatch(rows);
    ColumnVector[] vectors = new ColumnVector[flatOf.length];
    int other = 0;
    for (int i = 0; i < vectors.length; i++) {
      FlatColumn column = flatOf[i];
      vectors[i] = column == null ? rest.getColumnVector(other++) : column.vector();
    }
    begin();
    return new DefaultColumnarBatch(rows, schema.kernel(), vectors);
  }

  /** The row group is closed. */
  void closeRowGroup() {
    values = List.of();
    records = null;
  }

  /** The flat columns as the root that Parquet asks for converters. */
  private static final class Converters extends GroupConverter {
    private final List<FlatColumn> columns;

    Converters(List<FlatColumn> columns) {
      this.columns = columns;
    }

    @Override
    public Converter getConverter(int field) {
      return columns.get(field);
    }

    @Override
    public void start() {}

    @Override
    public void end() {}
  }
}
