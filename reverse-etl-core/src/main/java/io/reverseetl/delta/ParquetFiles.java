package io.reverseetl.delta;

import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.expressions.Predicate;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import io.reverseetl.table.PartRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.parquet.ParquetReadOptions;
import org.jspecify.annotations.Nullable;

/**
 * Reads Parquet files for Kernel: opens each file once, reads its footer once, and within a memory
 * budget if there is one. Never skips rows.
 */
final class ParquetFiles implements ReadOnlyParquetHandler {
  private final FileIO storage;
  private final Supplier<ParquetReadOptions> options;
  private final ParquetFile.@Nullable Memory memory;
  private final @Nullable OpenedAhead ahead;

  private ParquetFiles(
      FileIO storage,
      Supplier<ParquetReadOptions> options,
      ParquetFile.@Nullable Memory memory,
      @Nullable OpenedAhead ahead) {
    this.storage = storage;
    this.options = options;
    this.memory = memory;
    this.ahead = ahead;
  }

  /** For the log: checkpoints and sidecars. */
  static ParquetFiles ofLog(FileIO storage, Supplier<ParquetReadOptions> options) {
    return new ParquetFiles(storage, options, null, null);
  }

  /** For data files, which are read as {@link FileSchema} describes. */
  static ParquetFiles ofData(
      FileIO storage, Supplier<ParquetReadOptions> options, MemoryBudget budget) {
    return new ParquetFiles(storage, options, new ParquetFile.Memory(budget, true), null);
  }

  /** For data files that are worth opening before they are wanted. */
  static ParquetFiles ofDataAhead(
      FileIO storage,
      Supplier<ParquetReadOptions> options,
      MemoryBudget budget,
      RangeFetcher threads) {
    ParquetFile.Memory spare = new ParquetFile.Memory(budget, false);
    OpenedAhead ahead =
        new OpenedAhead(
            threads,
            (file, schema) -> ParquetFile.open(storage, file, schema, options.get(), spare));
    budget.whenShort(ahead::discard);
    return new ParquetFiles(storage, options, new ParquetFile.Memory(budget, true), ahead);
  }

  /** Whether {@link #prepare} does anything. */
  boolean prepares() {
    return ahead != null;
  }

  /** Begins to read a file that will be wanted soon, if there is memory to spare. */
  void prepare(FileStatus file, StructType schema) {
    if (ahead != null) {
      ahead.open(file, schema);
    }
  }

  /** Gives back what was opened before it was wanted, and is not wanted now. */
  void discardPrepared() {
    if (ahead != null) {
      ahead.discard();
    }
  }

  /** Reads the row groups of a file whose middle lies in a range. */
  CloseableIterator<FileReadResult> read(FileStatus file, PartRange range, StructType schema) {
    return new Batches(
        List.of(file).iterator(),
        status ->
            Objects.requireNonNull(
                ParquetFile.open(storage, status, schema, within(range), memory),
                "waited for memory"));
  }

  private ParquetReadOptions within(PartRange range) {
    ParquetReadOptions whole = options.get();
    return ParquetReadOptions.builder(whole.getConfiguration())
        .copy(whole)
        .withRange(range.start(), range.end())
        .build();
  }

  private ParquetFile open(FileStatus file, StructType schema) throws IOException {
    ParquetFile prepared = ahead == null ? null : ahead.take(file, schema);
    return prepared != null
        ? prepared
        : Objects.requireNonNull(
            ParquetFile.open(storage, file, schema, options.get(), memory), "waited for memory");
  }

  @Override
  public CloseableIterator<FileReadResult> readParquetFiles(
      CloseableIterator<FileStatus> files, StructType schema, Optional<Predicate> predicate) {
    return new Batches(files, file -> open(file, schema)) {
      @Override
      public void close() throws IOException {
        try {
          super.close();
        } finally {
          files.close();
        }
      }
    };
  }

  /** Opens a file. */
  private interface Opener {
    ParquetFile open(FileStatus file) throws IOException;
  }

  /** The batches of files, one after the other. */
  private static class Batches implements CloseableIterator<FileReadResult> {
    private final Iterator<FileStatus> files;
    private final Opener opener;
    private @Nullable ParquetFile open;
    private String path = "";

    Batches(Iterator<FileStatus> files, Opener opener) {
      this.files = files;
      this.opener = opener;
    }

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
          open = opener.open(file);
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
      closeFile();
    }
  }
}
