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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/** One open Parquet file: batches of rows, in the order of the file. For one thread. */
final class ParquetFile implements Closeable {
  static final int BATCH_ROWS = 1024;

  /** Beside the compressed column chunks: the pages and the vectors made of them. */
  private static final int EXPANSION = 2;

  private static final long FIXED_COST = 1 << 20;

  private final ParquetFileReader reader;
  private final FileSchema schema;
  private final @Nullable PlannedReads planned;
  private final ParquetBatches batches;
  private final MemoryBudget.@Nullable Reservation reservation;
  private final long rowCount;

  private int rowGroupCount;
  private @Nullable PageReadStore rowGroup;
  private long row;
  private long endOfRowGroup;

  private ParquetFile(
      ParquetFileReader reader,
      FileSchema schema,
      @Nullable PlannedReads planned,
      MemoryBudget.@Nullable Reservation reservation) {
    FileMetaData metadata = reader.getFooter().getFileMetaData();
    this.reader = reader;
    this.schema = schema;
    this.planned = planned;
    this.reservation = reservation;
    this.rowCount = reader.getRecordCount();
    this.batches = new ParquetBatches(schema, metadata, BATCH_ROWS);
    reader.setRequestedSchema(schema.parquet());
  }

  /**
   * Opens a file.
   *
   * @param options one for each file: closing a Parquet reader releases the codecs of its options
   * @param memory where to reserve memory, and how; null for none
   * @return the file; null if it is to be had only without need, and there is no memory to spare
   */
  static @Nullable ParquetFile open(
      FileIO storage,
      FileStatus file,
      StructType wanted,
      ParquetReadOptions options,
      @Nullable Memory memory)
      throws IOException {
    StoredFile input = new StoredFile(storage.newInputFile(file.getPath(), file.getSize()));
    ParquetFileReader reader = new ParquetFileReader(input, options);
    MemoryBudget.Reservation reservation = null;
    try {
      FileSchema schema =
          FileSchema.of(wanted, reader.getFooter().getFileMetaData().getSchema(), memory == null);
      PlannedReads planned = input.planned();
      RowGroups groups = RowGroups.of(reader.getRowGroups(), schema.parquet());
      boolean ahead = planned != null && groups.ranges().size() > 1;
      if (memory != null) {
        long needed = groups.largest() * EXPANSION + FIXED_COST;
        ahead = ahead && memory.budget().fits(needed + groups.largest());
        reservation = memory.reserve(ahead ? needed + groups.largest() : needed);
        if (reservation == null) {
          reader.close();
          return null;
        }
      }
      if (planned != null) {
        planned.plan(groups.ranges(), ahead);
      }
      return new ParquetFile(reader, schema, planned, reservation);
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

  /**
   * Where memory is reserved.
   *
   * @param budget what it is taken from
   * @param needed whether to wait for it
   */
  record Memory(MemoryBudget budget, boolean needed) {
    private MemoryBudget.@Nullable Reservation reserve(long bytes) throws InterruptedException {
      return needed ? budget.reserve(bytes) : budget.reserveWithoutNeed(bytes).orElse(null);
    }
  }

  /**
   * What is read of each row group.
   *
   * @param ranges where the column chunks are
   * @param largest the most bytes that they have in one row group
   */
  private record RowGroups(List<List<PlannedReads.Range>> ranges, long largest) {
    static RowGroups of(List<BlockMetaData> blocks, MessageType wanted) {
      Set<ColumnPath> paths = new HashSet<>();
      wanted.getPaths().forEach(path -> paths.add(ColumnPath.get(path)));
      List<List<PlannedReads.Range>> groups = new ArrayList<>();
      long largest = 0;
      for (BlockMetaData block : blocks) {
        List<PlannedReads.Range> ranges = new ArrayList<>();
        long size = 0;
        for (ColumnChunkMetaData chunk : block.getColumns()) {
          if (paths.contains(chunk.getPath())) {
            ranges.add(new PlannedReads.Range(chunk.getStartingPos(), chunk.getTotalSize()));
            size += chunk.getTotalSize();
          }
        }
        groups.add(ranges);
        largest = Math.max(largest, size);
      }
      return new RowGroups(groups, largest);
    }
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
    if (planned != null) {
      planned.begin(rowGroupCount);
    }
    try {
      rowGroup = reader.readNextRowGroup();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (planned != null) {
      planned.finish(rowGroupCount++);
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
  private static final class StoredFile implements org.apache.parquet.io.InputFile {
    private final InputFile file;
    private @Nullable PlannedReads planned;

    StoredFile(InputFile file) {
      this.file = file;
    }

    /** The stream, if it can be told what will be read. */
    @Nullable PlannedReads planned() {
      return planned;
    }

    /** Parquet shows it in messages. */
    @Override
    public String toString() {
      return Redaction.uri(file.path());
    }

    @Override
    public long getLength() throws IOException {
      return file.length();
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
      try {
        io.delta.kernel.defaults.engine.fileio.SeekableInputStream stream = file.newStream();
        planned = stream instanceof PlannedReads reads ? reads : null;
        return new StoredStream(stream);
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
