package io.reverseetl.delta;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Sorts records of {@link RowCodec} in bounded memory: what is too much goes to temporary files in
 * sorted runs, which are merged. Closing deletes the files. For one thread.
 */
final class SpillSorter implements AutoCloseable {
  /** What a record costs beside its bytes. */
  private static final int OVERHEAD = 48;

  private static final int MAX_RUNS = 64;
  private static final int BUFFER = 16 << 10;

  private final Path spillFolder;
  private final long memoryBytes;
  private final List<byte[]> records = new ArrayList<>();
  private final List<Path> runs = new ArrayList<>();
  private final List<RunReader> readers = new ArrayList<>();
  private @Nullable Path folder;
  private long bytes;
  private int files;

  /**
   * For one set of records.
   *
   * @param spillFolder where to make a folder for temporary files, if they are needed
   * @param memoryBytes how many bytes of records to hold in memory
   */
  SpillSorter(Path spillFolder, long memoryBytes) {
    this.spillFolder = spillFolder;
    this.memoryBytes = memoryBytes;
  }

  void add(byte[] row) throws IOException {
    records.add(row);
    bytes += row.length + OVERHEAD;
    if (bytes > memoryBytes) {
      spill();
    }
  }

  private void spill() throws IOException {
    records.sort(RowCodec::compare);
    if (runs.size() == MAX_RUNS) {
      Path merged = newFile();
      try (DataOutputStream out = open(merged);
          Merge all = new Merge(runs, List.of())) {
        byte[] row = all.next();
        while (row != null) {
          write(row, out);
          row = all.next();
        }
      }
      for (Path run : runs) {
        Files.delete(run);
      }
      runs.clear();
      runs.add(merged);
    }
    Path run = newFile();
    runs.add(run);
    try (DataOutputStream out = open(run)) {
      for (byte[] row : records) {
        write(row, out);
      }
    }
    records.clear();
    bytes = 0;
  }

  private Path newFile() throws IOException {
    Path parent = folder;
    if (parent == null) {
      parent = Files.createTempDirectory(spillFolder, "reverse-etl-diff-");
      folder = parent;
    }
    return parent.resolve("run-" + files++);
  }

  private static DataOutputStream open(Path file) throws IOException {
    return new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), BUFFER));
  }

  private static void write(byte[] row, DataOutputStream out) throws IOException {
    out.writeInt(row.length);
    out.write(row);
  }

  /** How many runs lie in files. */
  int runs() {
    return runs.size();
  }

  /** All records in order. Called once, after the last {@link #add}. */
  Merge sorted() throws IOException {
    records.sort(RowCodec::compare);
    return new Merge(runs, records);
  }

  @Override
  public void close() throws IOException {
    records.clear();
    IOException failure = null;
    for (RunReader reader : List.copyOf(readers)) {
      try {
        reader.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    Path made = folder;
    if (made != null) {
      for (int i = 0; i < files; i++) {
        Files.deleteIfExists(made.resolve("run-" + i));
      }
      Files.deleteIfExists(made);
      folder = null;
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** The records of some runs, and sorted ones in memory, in one order. */
  final class Merge implements AutoCloseable {
    private final PriorityQueue<RunReader> heads =
        new PriorityQueue<>(Comparator.comparing(RunReader::head, RowCodec::compare));
    private final Iterator<byte[]> inMemory;
    private final List<RunReader> opened = new ArrayList<>();
    private byte @Nullable [] nextInMemory;

    private Merge(List<Path> files, List<byte[]> rest) throws IOException {
      inMemory = rest.iterator();
      nextInMemory = inMemory.hasNext() ? inMemory.next() : null;
      try {
        for (Path file : files) {
          RunReader reader = new RunReader(file);
          opened.add(reader);
          if (reader.advance()) {
            heads.add(reader);
          }
        }
      } catch (IOException e) {
        close();
        throw e;
      }
    }

    /** The next record; null at the end. */
    byte @Nullable [] next() throws IOException {
      RunReader reader = heads.peek();
      byte[] own = nextInMemory;
      if (reader == null || (own != null && RowCodec.compare(own, reader.head()) <= 0)) {
        nextInMemory = inMemory.hasNext() ? inMemory.next() : null;
        return own;
      }
      heads.poll();
      byte[] row = reader.head();
      if (reader.advance()) {
        heads.add(reader);
      }
      return row;
    }

    @Override
    public void close() throws IOException {
      for (RunReader reader : opened) {
        reader.close();
      }
    }
  }

  private final class RunReader implements AutoCloseable {
    private final DataInputStream in;
    private byte[] head = new byte[0];

    RunReader(Path file) throws IOException {
      in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER));
      readers.add(this);
    }

    boolean advance() throws IOException {
      int length;
      try {
        length = in.readInt();
      } catch (EOFException e) {
        return false;
      }
      head = new byte[length];
      in.readFully(head);
      return true;
    }

    byte[] head() {
      return head;
    }

    @Override
    public void close() throws IOException {
      readers.remove(this);
      in.close();
    }
  }
}
