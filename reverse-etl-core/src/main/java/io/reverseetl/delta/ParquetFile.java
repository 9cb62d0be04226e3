package io.reverseetl.delta;

import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.defaults.engine.fileio.InputFile;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.FileStatus;
import java.io.Closeable;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Set;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/** One open Parquet file: batches of rows, in the order of the file. For one thread. */
final class ParquetFile implements Closeable {
  private static final int BATCH_ROWS = 1024;

  /** Beside the compressed column chunks: the pages and the vectors made of them. */
  private static final int EXPANSION = 2;

  private static final long FIXED_COST = 1 << 20;

  private final ParquetFileReader reader;
  private final FileSchema schema;
  private final ParquetBatches batches;
  private final MemoryBudget.@Nullable Reservation reservation;
  private final long rowCount;

  private @Nullable PageReadStore rowGroup;
  private long row;
  private long endOfRowGroup;

  private ParquetFile(
      ParquetFileReader reader, FileSchema schema, MemoryBudget.@Nullable Reservation reservation) {
    FileMetaData metadata = reader.getFooter().getFileMetaData();
    this.reader = reader;
    this.schema = schema;
    this.reservation = reservation;
    this.rowCount = reader.getRecordCount();
    this.batches = new ParquetBatches(schema, metadata, BATCH_ROWS);
    reader.setRequestedSchema(schema.parquet());
  }

  static ParquetFile open(
      FileIO storage,
      FileStatus file,
      StructType wanted,
      ParquetConfiguration configuration,
      @Nullable MemoryBudget budget)
      throws IOException {
    InputFile input = storage.newInputFile(file.getPath(), file.getSize());
    // Closing a Parquet reader releases the codecs of its options, so they are not shared.
    ParquetReadOptions options = ParquetReadOptions.builder(configuration).build();
    ParquetFileReader reader = new ParquetFileReader(new StoredFile(input), options);
    MemoryBudget.Reservation reservation = null;
    try {
      FileSchema schema =
          FileSchema.of(wanted, reader.getFooter().getFileMetaData().getSchema(), budget == null);
      reservation = budget == null ? null : budget.reserve(memoryNeeded(reader, schema));
      return new ParquetFile(reader, schema, reservation);
    } catch (RuntimeException | InterruptedException e) {
      if (reservation != null) {
        reservation.close();
      }
      reader.close();
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
        InterruptedIOException interrupted = new InterruptedIOException("interrupted");
        interrupted.initCause(e);
        throw interrupted;
      }
      throw (RuntimeException) e;
    }
  }

  /** The largest row group, the columns that are read. */
  private static long memoryNeeded(ParquetFileReader reader, FileSchema schema) {
    Set<ColumnPath> paths = new HashSet<>();
    schema.parquet().getPaths().forEach(path -> paths.add(ColumnPath.get(path)));
    long largest = 0;
    for (BlockMetaData block : reader.getRowGroups()) {
      long size = 0;
      for (ColumnChunkMetaData chunk : block.getColumns()) {
        if (paths.contains(chunk.getPath())) {
          size += chunk.getTotalSize();
        }
      }
      largest = Math.max(largest, size);
    }
    return largest * EXPANSION + FIXED_COST;
  }

  boolean hasNext() {
    return row < rowCount;
  }

  ColumnarBatch next() {
    int size = 0;
    while (size < BATCH_ROWS && row < rowCount) {
      if (row == endOfRowGroup) {
        openNextRowGroup();
      }
      int count = (int) Math.min(BATCH_ROWS - size, endOfRowGroup - row);
      batches.read(count, row);
      row += count;
      size += count;
    }
    return batches.finish(size);
  }

  private void openNextRowGroup() {
    closeRowGroup();
    if (schema.parquet().getFieldCount() == 0) {
      endOfRowGroup = rowCount;
      return;
    }
    try {
      rowGroup = reader.readNextRowGroup();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (rowGroup == null) {
      throw new IllegalStateException(
          "The file should have " + rowCount + " rows, but ends after " + row + ".");
    }
    endOfRowGroup = row + rowGroup.getRowCount();
    batches.open(rowGroup);
  }

  private void closeRowGroup() {
    batches.closeRowGroup();
    if (rowGroup != null) {
      rowGroup.close();
      rowGroup = null;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      closeRowGroup();
      reader.close();
    } finally {
      if (reservation != null) {
        reservation.close();
      }
    }
  }

  /** Marks failures of the storage, see {@link StorageException}. */
  private record StoredFile(InputFile file) implements org.apache.parquet.io.InputFile {
    @Override
    public long getLength() throws IOException {
      return file.length();
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
      try {
        return new StoredStream(file.newStream());
      } catch (FileNotFoundException e) {
        throw e;
      } catch (IOException e) {
        throw new StorageException(e);
      }
    }
  }

  private static final class StoredStream extends DelegatingSeekableInputStream {
    private final io.delta.kernel.defaults.engine.fileio.SeekableInputStream stream;

    StoredStream(io.delta.kernel.defaults.engine.fileio.SeekableInputStream stream) {
      super(new MarkingStream(stream));
      this.stream = stream;
    }

    @Override
    public long getPos() throws IOException {
      return stream.getPos();
    }

    @Override
    public void seek(long position) throws IOException {
      try {
        stream.seek(position);
      } catch (EOFException e) {
        throw e;
      } catch (IOException e) {
        throw new StorageException(e);
      }
    }
  }

  private static final class MarkingStream extends InputStream {
    private final InputStream stream;

    MarkingStream(InputStream stream) {
      this.stream = stream;
    }

    @Override
    public int read() throws IOException {
      try {
        return stream.read();
      } catch (EOFException e) {
        throw e;
      } catch (IOException e) {
        throw new StorageException(e);
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        return stream.read(bytes, offset, length);
      } catch (EOFException e) {
        throw e;
      } catch (IOException e) {
        throw new StorageException(e);
      }
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }
}
