package io.reverseetl.reduce;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A 64-bit hash of the key of every document of a load, to find those that occur more than once.
 * Equal keys have equal hashes, so none is missed; different keys may have equal ones, so what is
 * found is only suspected.
 *
 * <p>Hashes are kept in memory up to a budget, then sorted and appended to a file, run by run; the
 * runs are merged at the end. Eight bytes a document on disk, and no value of any row.
 *
 * <p>Adding is thread-safe; looking is for one thread, after the last was added.
 */
public final class KeyFingerprints implements AutoCloseable {
  /** 8 MiB. */
  public static final int BUDGET = 1 << 20;

  private static final int BUFFER_BYTES = 16 * 1_024;
  private static final Logger log = LoggerFactory.getLogger(KeyFingerprints.class);

  /** A sorted piece of the file. */
  private record Run(long offset, long count) {}

  private final @Nullable Path folder;
  private final int budget;
  private final List<Run> runs = new ArrayList<>();
  private long[] open = new long[1 << 10];
  private int size;
  private @Nullable Path file;

  /** Not a channel, which an interrupt of a thread that uses it closes for all. */
  private @Nullable RandomAccessFile disk;

  private long written;

  /**
   * Without any.
   *
   * @param folder where the file goes; null for the JVM's folder for temporary files
   * @param budget how many hashes are kept in memory
   */
  public KeyFingerprints(@Nullable Path folder, int budget) {
    this.folder = folder;
    this.budget = budget;
  }

  /** Adds the first of some hashes. */
  public synchronized void add(long[] hashes, int count) {
    for (int from = 0; from < count; ) {
      int taken = Math.min(count - from, budget - size);
      if (size + taken > open.length) {
        open = Arrays.copyOf(open, Math.min(budget, Math.max(size + taken, open.length * 2)));
      }
      System.arraycopy(hashes, from, open, size, taken);
      size += taken;
      from += taken;
      if (size == budget) {
        spill();
      }
    }
  }

  private void spill() {
    Arrays.sort(open, 0, size);
    ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
    try {
      RandomAccessFile out = disk();
      Run run = new Run(written, size);
      out.seek(written);
      for (int i = 0; i < size; ) {
        bytes.clear();
        while (i < size && bytes.remaining() >= Long.BYTES) {
          bytes.putLong(open[i++]);
        }
        out.write(bytes.array(), 0, bytes.position());
        written += bytes.position();
      }
      runs.add(run);
      size = 0;
    } catch (IOException e) {
      throw failed("written", e);
    }
  }

  private RandomAccessFile disk() throws IOException {
    if (disk == null) {
      Path made;
      if (folder == null) {
        made = Files.createTempFile("reverse-etl-", ".keys");
      } else {
        Files.createDirectories(folder);
        made = Files.createTempFile(folder, "reverse-etl-", ".keys");
      }
      file = made;
      disk = new RandomAccessFile(made.toFile(), "rw");
    }
    return disk;
  }

  /** Whether the disk helps. */
  synchronized boolean isSpilled() {
    return !runs.isEmpty();
  }

  /**
   * Finds hashes that were added more than once.
   *
   * @param after only greater ones; null for all
   * @param most how many at most; the smallest ones
   * @return those hashes, ascending, each once; fewer than {@code most} if there are no more
   */
  public synchronized long[] repeated(@Nullable Long after, int most) {
    Arrays.sort(open, 0, size);
    PriorityQueue<Sorted> heads = new PriorityQueue<>(Comparator.comparingLong(s -> s.head));
    List<Sorted> all = new ArrayList<>();
    all.add(new InMemory());
    runs.forEach(run -> all.add(new OnDisk(run)));
    all.stream().filter(Sorted::next).forEach(heads::add);
    long[] found = new long[16];
    int count = 0;
    boolean any = false;
    long previous = 0;
    for (Sorted head = heads.poll(); head != null && count < most; head = heads.poll()) {
      long hash = head.head;
      boolean again = any && hash == previous;
      if (again && (count == 0 || found[count - 1] != hash) && (after == null || hash > after)) {
        if (count == found.length) {
          found = Arrays.copyOf(found, count * 2);
        }
        found[count++] = hash;
      }
      any = true;
      previous = hash;
      if (head.next()) {
        heads.add(head);
      }
    }
    return Arrays.copyOf(found, count);
  }

  /** Hashes in ascending order. */
  private abstract static class Sorted {
    long head;

    /** Goes to the next; false if there is none. */
    abstract boolean next();
  }

  private final class InMemory extends Sorted {
    private int at;

    @Override
    boolean next() {
      if (at == size) {
        return false;
      }
      head = open[at++];
      return true;
    }
  }

  private final class OnDisk extends Sorted {
    private final LongBuffer hashes;
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
    private long offset;
    private long left;

    OnDisk(Run run) {
      offset = run.offset();
      left = run.count();
      hashes = bytes.asLongBuffer().limit(0);
    }

    @Override
    boolean next() {
      if (!hashes.hasRemaining() && !fill()) {
        return false;
      }
      head = hashes.get();
      return true;
    }

    private boolean fill() {
      if (left == 0) {
        return false;
      }
      int count = (int) Math.min(left, BUFFER_BYTES / Long.BYTES);
      bytes.clear().limit(count * Long.BYTES);
      try {
        RandomAccessFile in = disk();
        in.seek(offset);
        in.readFully(bytes.array(), 0, bytes.limit());
        offset += bytes.limit();
      } catch (IOException e) {
        throw failed("read", e);
      }
      left -= count;
      hashes.clear().limit(count);
      return true;
    }
  }

  private static UncheckedIOException failed(String what, IOException e) {
    return new UncheckedIOException(
        "The file of the hashes of keys cannot be "
            + what
            + ". Make room on the disk, or name another folder with InitialLoader.spillFolder.",
        e);
  }

  @Override
  public synchronized void close() {
    try {
      if (disk != null) {
        disk.close();
      }
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      log.warn("A file of hashes stays behind; remove it: {}", file, e);
    }
    disk = null;
    file = null;
  }

  /** Adds hashes many at a time. For one thread. */
  public static final class Buffer {
    private final KeyFingerprints all;
    private final long[] hashes = new long[1_024];
    private int count;

    public Buffer(KeyFingerprints all) {
      this.all = all;
    }

    public void add(long hash) {
      hashes[count++] = hash;
      if (count == hashes.length) {
        flush();
      }
    }

    public void flush() {
      all.add(hashes, count);
      count = 0;
    }
  }
}
