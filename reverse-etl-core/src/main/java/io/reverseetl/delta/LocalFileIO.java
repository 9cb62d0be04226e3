package io.reverseetl.delta;

import io.delta.kernel.defaults.engine.fileio.InputFile;
import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Reads local files without Hadoop's local file system, which verifies {@code .crc} sidecars: a
 * table that was copied or unpacked next to stale sidecars would not be readable. Read-only.
 *
 * <p>Paths are Kernel's: {@code file:/a b/c}, not percent-encoded.
 */
final class LocalFileIO implements ReadOnlyFileIO {
  private final Function<String, Optional<String>> settings;

  LocalFileIO(Function<String, Optional<String>> settings) {
    this.settings = settings;
  }

  /** The path in Kernel's form. */
  static String toKernelPath(Path path) {
    String text = path.toAbsolutePath().normalize().toString().replace('\\', '/');
    return "file:" + (text.startsWith("/") ? text : "/" + text);
  }

  /** The local path of a path in Kernel's form. */
  static Path toLocalPath(String path) {
    String text = path.startsWith("file:") ? path.substring("file:".length()) : path;
    int start = 0;
    while (start + 1 < text.length()
        && text.charAt(start) == '/'
        && text.charAt(start + 1) == '/') {
      start++;
    }
    text = text.substring(start);
    if (text.length() > 2 && text.charAt(0) == '/' && text.charAt(2) == ':' && isWindows()) {
      text = text.substring(1);
    }
    return Path.of(text);
  }

  private static boolean isWindows() {
    return System.getProperty("os.name", "").startsWith("Windows");
  }

  @Override
  public CloseableIterator<FileStatus> listFrom(String filePath) throws IOException {
    Path from = toLocalPath(filePath).toAbsolutePath();
    Path folder = Objects.requireNonNullElse(from.getParent(), from);
    String first = String.valueOf(from.getFileName());
    List<FileStatus> files = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : (Iterable<Path>) entries::iterator) {
        if (entry.getFileName().toString().compareTo(first) >= 0) {
          statusIfPresent(entry).ifPresent(files::add);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw notFound(folder, e);
    }
    files.sort(Comparator.comparing(FileStatus::getPath));
    return iterate(files.iterator());
  }

  private static CloseableIterator<FileStatus> iterate(Iterator<FileStatus> files) {
    return new CloseableIterator<>() {
      @Override
      public boolean hasNext() {
        return files.hasNext();
      }

      @Override
      public FileStatus next() {
        return files.next();
      }

      @Override
      public void close() {}
    };
  }

  /** A file may vanish between listing and looking, for instance by log cleanup. */
  private static Optional<FileStatus> statusIfPresent(Path path) throws IOException {
    try {
      return Optional.of(status(path));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  private static FileStatus status(Path path) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      // A file that takes another's place has another key, where the system knows keys.
      return new StatedFile(
          toKernelPath(path),
          attributes.size(),
          attributes.lastModifiedTime().toMillis(),
          attributes.lastModifiedTime() + " " + attributes.fileKey());
    } catch (NoSuchFileException e) {
      throw notFound(path, e);
    }
  }

  private static FileNotFoundException notFound(Path path, IOException cause) {
    FileNotFoundException e = new FileNotFoundException("There is no " + path + ".");
    e.initCause(cause);
    return e;
  }

  @Override
  public FileStatus getFileStatus(String path) throws IOException {
    return status(toLocalPath(path));
  }

  @Override
  public String resolvePath(String path) {
    return toKernelPath(toLocalPath(path));
  }

  @Override
  public InputFile newInputFile(String path, long fileSize) {
    return new LocalInputFile(toLocalPath(path), fileSize);
  }

  @Override
  public Optional<String> getConf(String key) {
    return settings.apply(key);
  }

  private record LocalInputFile(Path file, long knownLength) implements InputFile {
    @Override
    public long length() throws IOException {
      return knownLength >= 0 ? knownLength : status(file).getSize();
    }

    @Override
    public String path() {
      return toKernelPath(file);
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
      try {
        return new LocalStream(FileChannel.open(file, StandardOpenOption.READ));
      } catch (NoSuchFileException e) {
        throw notFound(file, e);
      }
    }
  }

  /** A channel rather than a stream: an interrupt then ends a read that blocks. */
  private static final class LocalStream extends SeekableInputStream {
    private final FileChannel channel;

    LocalStream(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return length == 0 ? 0 : channel.read(ByteBuffer.wrap(bytes, offset, length));
    }

    @Override
    public void readFully(byte[] bytes, int offset, int length) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) < 0) {
          throw new EOFException("The file ends " + buffer.remaining() + " bytes too early.");
        }
      }
    }

    @Override
    public long getPos() throws IOException {
      return channel.position();
    }

    @Override
    public void seek(long position) throws IOException {
      channel.position(position);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
