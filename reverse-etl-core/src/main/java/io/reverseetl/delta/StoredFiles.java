package io.reverseetl.delta;

import io.delta.kernel.defaults.engine.fileio.InputFile;
import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import io.reverseetl.storage.LakeStorage;
import io.reverseetl.storage.StoredFile;
import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;

/** A {@link LakeStorage} as Kernel wants it, confined to the table's root. Thread-safe. */
final class StoredFiles implements ReadOnlyFileIO {
  private final LakeStorage storage;
  private final TablePaths paths;
  private final boolean readsAhead;
  private final StorageMeter meter;
  private final RangeFetcher fetcher;

  /**
   * For one table.
   *
   * @param readsAhead whether a file's next row group may be read before it is wanted
   */
  StoredFiles(LakeStorage storage, TablePaths paths, boolean readsAhead) {
    this.readsAhead = readsAhead;
    this.storage = storage;
    this.paths = paths;
    this.meter = new StorageMeter();
    this.fetcher = new RangeFetcher(storage, meter);
  }

  StorageMeter meter() {
    return meter;
  }

  RangeFetcher fetcher() {
    return fetcher;
  }

  @Override
  public CloseableIterator<FileStatus> listFrom(String path) throws IOException {
    meter.listed();
    Iterator<StoredFile> files = storage.listFrom(paths.confine(path));
    return new CloseableIterator<>() {
      @Override
      public boolean hasNext() {
        return files.hasNext();
      }

      @Override
      public FileStatus next() {
        return status(files.next());
      }

      @Override
      public void close() {}
    };
  }

  private static FileStatus status(StoredFile file) {
    return new StatedFile(file.path(), file.size(), file.modified().toEpochMilli(), file.state());
  }

  @Override
  public FileStatus getFileStatus(String path) throws IOException {
    meter.lookedUp();
    return status(storage.find(paths.confine(path)));
  }

  @Override
  public String resolvePath(String path) {
    return storage.resolve(path);
  }

  @Override
  public InputFile newInputFile(String path, long size) {
    String inside = paths.confine(path);
    return new InputFile() {
      @Override
      public long length() throws IOException {
        return size > 0 ? size : getFileStatus(inside).getSize();
      }

      @Override
      public String path() {
        return inside;
      }

      @Override
      public SeekableInputStream newStream() {
        return new RangedStream(fetcher, inside, Math.max(size, 0), readsAhead);
      }
    };
  }

  @Override
  public Optional<String> getConf(String key) {
    return Optional.empty();
  }
}
