package io.reverseetl.delta;

import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.defaults.engine.fileio.InputFile;
import io.delta.kernel.defaults.engine.fileio.OutputFile;
import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Counts opened and closed files, and fails where it is told to. */
final class CountingStorage implements FileIO {
  private final FileIO storage;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> opened = new CopyOnWriteArrayList<>();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger listings = new AtomicInteger();
  private volatile Predicate<String> failsOnRead = path -> false;
  private volatile IOException failure = new IOException("the disk is gone");

  CountingStorage(FileIO storage) {
    this.storage = storage;
  }

  /** The data files opened so far. */
  List<String> openedDataFiles() {
    return opened.stream()
        .filter(path -> path.endsWith(".parquet") && !path.contains("_delta_log"))
        .toList();
  }

  /** All files opened since the last {@link #reset}. */
  List<String> opened() {
    return List.copyOf(opened);
  }

  /** All files that were to be opened since the last {@link #reset}, the missing ones too. */
  List<String> askedFor() {
    return List.copyOf(asked);
  }

  /** How many folders were listed since the last {@link #reset}. */
  int listings() {
    return listings.get();
  }

  void reset() {
    asked.clear();
    opened.clear();
    listings.set(0);
  }

  int stillOpen() {
    return open.get();
  }

  void failOnRead(Predicate<String> paths, IOException with) {
    failsOnRead = paths;
    failure = with;
  }

  @Override
  public InputFile newInputFile(String path, long size) {
    InputFile file = storage.newInputFile(path, size);
    return new InputFile() {
      @Override
      public long length() throws IOException {
        return file.length();
      }

      @Override
      public String path() {
        return file.path();
      }

      @Override
      public SeekableInputStream newStream() throws IOException {
        asked.add(path);
        SeekableInputStream stream = file.newStream();
        opened.add(path);
        open.incrementAndGet();
        return new CountingStream(stream, path);
      }
    };
  }

  private final class CountingStream extends SeekableInputStream {
    private final SeekableInputStream stream;
    private final String path;
    private boolean closed;

    CountingStream(SeekableInputStream stream, String path) {
      this.stream = stream;
      this.path = path;
    }

    private void check() throws IOException {
      if (failsOnRead.test(path)) {
        throw failure;
      }
    }

    @Override
    public int read() throws IOException {
      check();
      return stream.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      check();
      return stream.read(bytes, offset, length);
    }

    @Override
    public void readFully(byte[] bytes, int offset, int length) throws IOException {
      check();
      stream.readFully(bytes, offset, length);
    }

    @Override
    public long getPos() throws IOException {
      return stream.getPos();
    }

    @Override
    public void seek(long position) throws IOException {
      stream.seek(position);
    }

    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        open.decrementAndGet();
      }
      stream.close();
    }
  }

  @Override
  public CloseableIterator<FileStatus> listFrom(String path) throws IOException {
    listings.incrementAndGet();
    return storage.listFrom(path);
  }

  @Override
  public FileStatus getFileStatus(String path) throws IOException {
    return storage.getFileStatus(path);
  }

  @Override
  public String resolvePath(String path) throws IOException {
    return storage.resolvePath(path);
  }

  @Override
  public boolean mkdirs(String path) throws IOException {
    return storage.mkdirs(path);
  }

  @Override
  public OutputFile newOutputFile(String path) {
    return storage.newOutputFile(path);
  }

  @Override
  public boolean delete(String path) throws IOException {
    return storage.delete(path);
  }

  @Override
  public Optional<String> getConf(String key) {
    return storage.getConf(key);
  }

  @Override
  public void copyFileAtomically(String from, String to, boolean overwrite) throws IOException {
    storage.copyFileAtomically(from, to, overwrite);
  }
}
