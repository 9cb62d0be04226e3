package io.reverseetl.delta;

import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.engine.ParquetHandler;
import io.delta.kernel.expressions.Column;
import io.delta.kernel.expressions.Predicate;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.DataFileStatus;
import io.delta.kernel.utils.FileStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.parquet.conf.ParquetConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Reads Parquet files for Kernel: opens each file once, reads its footer once, and within a memory
 * budget if there is one. Never skips rows.
 */
final class ParquetFiles implements ParquetHandler {
  private final FileIO storage;
  private final ParquetConfiguration configuration;
  private final @Nullable MemoryBudget budget;

  private ParquetFiles(
      FileIO storage, ParquetConfiguration configuration, @Nullable MemoryBudget budget) {
    this.storage = storage;
    this.configuration = configuration;
    this.budget = budget;
  }

  /** For the log: checkpoints and sidecars. */
  static ParquetFiles ofLog(FileIO storage, ParquetConfiguration configuration) {
    return new ParquetFiles(storage, configuration, null);
  }

  /** For data files, which are read as {@link FileSchema} describes. */
  static ParquetFiles ofData(
      FileIO storage, ParquetConfiguration configuration, MemoryBudget budget) {
    return new ParquetFiles(storage, configuration, budget);
  }

  @Override
  public CloseableIterator<FileReadResult> readParquetFiles(
      CloseableIterator<FileStatus> files, StructType schema, Optional<Predicate> predicate) {
    return new CloseableIterator<>() {
      private @Nullable ParquetFile open;
      private String path = "";

      @Override
      public boolean hasNext() {
        try {
          while (open == null || !open.hasNext()) {
            closeFile();
            if (!files.hasNext()) {
              return false;
            }
            FileStatus file = files.next();
            path = file.getPath();
            open = ParquetFile.open(storage, file, schema, configuration, budget);
          }
          return true;
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }

      @Override
      public FileReadResult next() {
        if (!hasNext() || open == null) {
          throw new NoSuchElementException();
        }
        return new FileReadResult(open.next(), path);
      }

      private void closeFile() throws IOException {
        ParquetFile file = open;
        open = null;
        if (file != null) {
          file.close();
        }
      }

      @Override
      public void close() throws IOException {
        try {
          closeFile();
        } finally {
          files.close();
        }
      }
    };
  }

  @Override
  public CloseableIterator<DataFileStatus> writeParquetFiles(
      String folder, CloseableIterator<FilteredColumnarBatch> data, List<Column> columns) {
    throw new UnsupportedOperationException("Tables are only read.");
  }

  @Override
  public void writeParquetFileAtomically(
      String path, CloseableIterator<FilteredColumnarBatch> data) {
    throw new UnsupportedOperationException("Tables are only read.");
  }
}
