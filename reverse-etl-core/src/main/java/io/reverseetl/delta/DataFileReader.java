package io.reverseetl.delta;

import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.engine.ParquetHandler;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.PartRange;
import io.reverseetl.table.Row;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads data files and change data files through Kernel's {@link ParquetHandler}, whichever that
 * is. Thread-safe; each reading is for one thread.
 */
final class DataFileReader {
  private final ParquetHandler parquet;
  private final ReadErrors errors;

  DataFileReader(ParquetHandler parquet, ReadErrors errors) {
    this.parquet = parquet;
    this.errors = errors;
  }

  /**
   * Opens a file. Rows come in the order of the file.
   *
   * @param file which file
   * @param schema what to read of it
   * @param mask which rows to give; null for all
   * @param action what this reading is for, as in "Cannot {action} of table ..."
   */
  Cursor<Row> open(DataFile file, ReadSchema schema, @Nullable RowMask mask, String action) {
    return open(file, schema, mask, action, () -> {});
  }

  /**
   * Opens a file. Rows come in the order of the file.
   *
   * @param whenUnderWay is called once, when it shows that the file is really read on: the time to
   *     {@link #prepare} the next
   */
  Cursor<Row> open(
      DataFile file,
      ReadSchema schema,
      @Nullable RowMask mask,
      String action,
      Runnable whenUnderWay) {
    try {
      CloseableIterator<FileReadResult> batches =
          parquet.readParquetFiles(
              single(status(file)), physical(schema, mask != null), Optional.empty());
      return new Rows(file, schema, mask, action, batches, whenUnderWay);
    } catch (IOException | RuntimeException e) {
      throw errors.data(e, action, file.path());
    }
  }

  /** Whether a file can be read piece by piece. */
  boolean readsRanges() {
    return parquet instanceof ParquetFiles;
  }

  /**
   * Opens a piece of a file: the row groups whose middle lies in a range of bytes. Rows come in the
   * order of the file.
   */
  Cursor<Row> open(DataFile file, PartRange range, ReadSchema schema, String action) {
    if (!(parquet instanceof ParquetFiles own)) {
      throw new IllegalStateException("Another engine reads files as a whole.");
    }
    return new Rows(
        file,
        schema,
        null,
        action,
        own.read(status(file), range, physical(schema, false)),
        () -> {});
  }

  /**
   * Says that a file will be opened soon. A reader that can do so, and has memory to spare, begins
   * to read it.
   */
  void prepare(DataFile file, ReadSchema schema, boolean masked) {
    if (parquet instanceof ParquetFiles own) {
      own.prepare(status(file), physical(schema, masked));
    }
  }

  private static FileStatus status(DataFile file) {
    return FileStatus.of(file.path(), file.size(), file.modificationTime());
  }

  private static StructType physical(ReadSchema schema, boolean masked) {
    return masked ? schema.physical().add(StructField.DEFAULT_ROW_INDEX_COLUMN) : schema.physical();
  }

  private static CloseableIterator<FileStatus> single(FileStatus file) {
    Iterator<FileStatus> one = List.of(file).iterator();
    return new CloseableIterator<>() {
      @Override
      public boolean hasNext() {
        return one.hasNext();
      }

      @Override
      public FileStatus next() {
        return one.next();
      }

      @Override
      public void close() {}
    };
  }

  private final class Rows implements Cursor<Row> {
    private final DataFile file;
    private final ReadSchema schema;
    private final @Nullable RowMask mask;
    private final String action;
    private final BatchRow row;
    private final CloseableIterator<FileReadResult> batches;
    private @Nullable Runnable whenUnderWay;
    private int batchCount;
    private @Nullable ColumnVector rowIndexes;
    private int size;
    private int position = -1;
    private boolean onRow;
    private boolean ended;
    private boolean closed;

    Rows(
        DataFile file,
        ReadSchema schema,
        @Nullable RowMask mask,
        String action,
        CloseableIterator<FileReadResult> batches,
        Runnable whenUnderWay) {
      this.file = file;
      this.schema = schema;
      this.mask = mask;
      this.action = action;
      this.batches = batches;
      this.whenUnderWay = whenUnderWay;
      this.row = new BatchRow(schema.shown(), schema.all());
      for (int i = 0; i < schema.all().size(); i++) {
        if (schema.physicalIndex(i) < 0) {
          row.vector(i, schema.partitionVector(i, file));
        }
      }
    }

    @Override
    public boolean advance() {
      if (closed) {
        throw new IllegalStateException("The cursor is closed.");
      }
      onRow = false;
      if (ended) {
        return false;
      }
      try {
        onRow = advanceInBatches();
        ended = !onRow;
        return onRow;
      } catch (IOException | InterruptedException | RuntimeException e) {
        ended = true;
        throw errors.data(e, action, file.path());
      }
    }

    private boolean advanceInBatches() throws IOException, InterruptedException {
      while (true) {
        while (++position < size) {
          if (mask == null || rowIndexes == null || mask.keeps(rowIndexes.getLong(position))) {
            row.moveTo(position);
            return true;
          }
        }
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedException();
        }
        if (!batches.hasNext()) {
          if (mask != null) {
            mask.checkAtEnd();
          }
          return false;
        }
        take(batches.next().getData());
      }
    }

    private void take(ColumnarBatch batch) {
      for (int i = 0; i < schema.all().size(); i++) {
        int physical = schema.physicalIndex(i);
        if (physical >= 0) {
          row.vector(i, batch.getColumnVector(physical));
        }
      }
      if (mask != null) {
        rowIndexes = batch.getColumnVector(schema.physical().length());
      }
      size = batch.getSize();
      position = -1;
      if (++batchCount > 1 || size < ParquetFile.BATCH_ROWS) {
        Runnable action = whenUnderWay;
        whenUnderWay = null;
        if (action != null) {
          action.run();
        }
      }
    }

    @Override
    public Row current() {
      if (!onRow) {
        throw new IllegalStateException("There is no current row; call advance() first.");
      }
      return row;
    }

    @Override
    public void close() {
      if (closed) {
        return;
      }
      closed = true;
      onRow = false;
      try {
        batches.close();
      } catch (IOException | RuntimeException e) {
        throw errors.data(e, "close a file", file.path());
      }
    }
  }
}
