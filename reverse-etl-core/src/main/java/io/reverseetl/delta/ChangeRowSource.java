package io.reverseetl.delta;

import io.delta.kernel.engine.ParquetHandler;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens the planned reads of commits, for one cursor. For one thread. */
final class ChangeRowSource implements AutoCloseable {
  private final KernelTable table;
  private final String root;
  private final ParquetHandler parquet;
  private final Options options;
  private final @Nullable List<String> diffKeys;
  private final ReadShare share;
  private final ChangeErrors errors;
  private @Nullable ReadAhead ahead;

  /**
   * How to read.
   *
   * @param threads how many files of a commit to read at once, at least 1
   * @param spillMemoryBytes how many bytes of rows to hold in memory for a comparison
   * @param spillFolder where temporary files of a comparison go
   */
  record Options(int threads, long spillMemoryBytes, Path spillFolder) {}

  /**
   * For one cursor.
   *
   * @param diffKeys the key's columns where rows are compared; null where the feed is read
   * @param share which reads of a commit to open
   */
  ChangeRowSource(
      KernelTable table,
      String root,
      ParquetHandler parquet,
      Options options,
      @Nullable List<String> diffKeys,
      ReadShare share,
      ChangeErrors errors) {
    this.table = table;
    this.root = root;
    this.parquet = parquet;
    this.options = options;
    this.diffKeys = diffKeys;
    this.share = share;
    this.errors = errors;
  }

  /** Opens those of the share, of reads that give rows of the same columns. */
  CommitRows open(List<PlannedRead> all) {
    List<PlannedRead> reads = share.of(all);
    CommitRows rows = openFiles(reads);
    return diffKeys == null || !share.belongTogether(reads)
        ? rows
        : new DiffRows(
            rows,
            diffKeys,
            new SpillSorter(options.spillFolder(), options.spillMemoryBytes()),
            errors);
  }

  private CommitRows openFiles(List<PlannedRead> reads) {
    int atOnce = Math.min(options.threads(), reads.size());
    if (atOnce <= 1) {
      return new FeedRows(reads, new ReadOpener(table, root, parquet, errors), 1);
    }
    ReadAhead reader = ahead;
    if (reader == null) {
      reader = new ReadAhead(parquet, options.threads());
      ahead = reader;
    }
    return new FeedRows(reads, new ReadOpener(table, root, reader, errors), atOnce);
  }

  /** Frees threads. Rows must be closed before. */
  @Override
  public void close() {
    ReadAhead reader = ahead;
    ahead = null;
    if (reader != null) {
      reader.close();
    }
  }
}
