package io.reverseetl.delta;

import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.engine.ParquetHandler;
import io.delta.kernel.expressions.Column;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.DataFileStatus;
import java.util.List;

/** A reader of Parquet files that writes none. */
interface ReadOnlyParquetHandler extends ParquetHandler {
  @Override
  default CloseableIterator<DataFileStatus> writeParquetFiles(
      String folder, CloseableIterator<FilteredColumnarBatch> data, List<Column> columns) {
    throw ReadOnlyFileIO.readOnly();
  }

  @Override
  default void writeParquetFileAtomically(
      String path, CloseableIterator<FilteredColumnarBatch> data) {
    throw ReadOnlyFileIO.readOnly();
  }
}
