package io.reverseetl.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A storage over a local folder, {@code lake://test/...}, that notes what it is asked for. */
public final class FolderStorage implements LakeStorage {
  private static final String ROOT = "lake://test";

  private final Path folder;
  private final List<Read> reads = new CopyOnWriteArrayList<>();
  private final List<String> listings = new CopyOnWriteArrayList<>();
  private volatile ReadHook hook = (path, offset, length) -> {};

  /** A range that was asked for. */
  public record Read(String path, long offset, int length) {
    /** Where it ends. */
    public long end() {
      return offset + length;
    }
  }

  /** Is called before a range is read. */
  public interface ReadHook {
    /** May wait, or throw. */
    void beforeRead(String path, long offset, int length) throws IOException;
  }

  /**
   * Over a folder.
   *
   * @param folder what {@code lake://test} stands for
   */
  public FolderStorage(Path folder) {
    this.folder = folder;
  }

  /** The URI of a file or folder in the folder. */
  public String uri(Path path) {
    return ROOT + "/" + folder.relativize(path).toString().replace('\\', '/');
  }

  /** What was read of files whose path ends so. */
  public List<Read> reads(String suffix) {
    return reads.stream().filter(read -> read.path().endsWith(suffix)).toList();
  }

  /** From where on folders were listed. */
  public List<String> listings() {
    return List.copyOf(listings);
  }

  /** Forgets what was asked. */
  public void reset() {
    reads.clear();
    listings.clear();
  }

  /** Looks at, holds up or refuses reads from now on. */
  public void beforeRead(ReadHook action) {
    hook = action;
  }

  private Path file(String path) {
    if (!path.startsWith(ROOT)) {
      throw new IllegalArgumentException("not resolved: " + path);
    }
    return folder.resolve(path.substring(ROOT.length() + 1));
  }

  @Override
  public String resolve(String uri) {
    if (!uri.startsWith(ROOT + "/")) {
      throw new IllegalArgumentException("Only lake://test is here.");
    }
    return uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
  }

  @Override
  public Iterator<StoredFile> listFrom(String path) throws IOException {
    listings.add(path);
    Path from = file(path);
    Path parent = from.getParent();
    List<StoredFile> found = new ArrayList<>();
    if (parent != null && Files.isDirectory(parent)) {
      try (Stream<Path> entries = Files.list(parent)) {
        for (Path entry : (Iterable<Path>) entries::iterator) {
          if (compare(entry, from) >= 0) {
            found.add(stored(entry));
          }
        }
      }
    }
    found.sort(Comparator.comparing(StoredFile::path));
    return found.iterator();
  }

  private static int compare(Path one, Path other) {
    return one.getFileName().toString().compareTo(other.getFileName().toString());
  }

  private StoredFile stored(Path file) throws IOException {
    try {
      return Files.isDirectory(file)
          ? new StoredFile(uri(file), 0, Instant.EPOCH)
          : new StoredFile(
              uri(file),
              Files.size(file),
              Files.getLastModifiedTime(file).toInstant(),
              state(uri(file)));
    } catch (NoSuchFileException e) {
      throw new FileNotFoundException("There is no " + uri(file) + ".");
    }
  }

  @Override
  public StoredFile find(String path) throws IOException {
    return stored(file(path));
  }

  @Override
  public StoredRange read(String path, long offset, int length, @Nullable String state)
      throws IOException {
    reads.add(new Read(path, offset, length));
    hook.beforeRead(path, offset, length);
    try (FileChannel channel = FileChannel.open(file(path))) {
      String now = state(path);
      if (state != null && !state.equals(now)) {
        throw new FileChangedException(path + " was written while it was read");
      }
      ByteBuffer bytes = ByteBuffer.allocate(length);
      while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {
        // until it is full, or the file ends
      }
      return new StoredRange(Arrays.copyOf(bytes.array(), bytes.position()), now);
    } catch (NoSuchFileException e) {
      throw new FileNotFoundException("There is no " + path + ".");
    }
  }

  /** A file that takes another's place is another one; times alone may be too coarse. */
  private String state(String path) throws IOException {
    BasicFileAttributes file = Files.readAttributes(file(path), BasicFileAttributes.class);
    return file.fileKey() + " " + file.size() + " " + file.lastModifiedTime();
  }
}
