package io.reverseetl.document;

import io.reverseetl.exceptions.WriteException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Appends dead letters to a file, one JSON object a line, in the form of {@link DeadLetterJson}. A
 * crash can leave a letter in the file twice; it is read once.
 *
 * <p>The file holds row values: guard it as the table is guarded. It is made with the first dead
 * letter, so that without one there is no file. Thread-safe; one process at a time.
 */
public final class FileDeadLetterSink implements ReadableDeadLetterSink {

  private final Path file;

  /** Not a channel, which an interrupt of a thread that uses it closes for all. */
  private @Nullable RandomAccessFile open;

  private boolean dirty;
  private boolean closed;

  private FileDeadLetterSink(Path file) {
    this.file = Objects.requireNonNull(file, "file");
  }

  /**
   * A sink on a file.
   *
   * @param file where to append; missing folders are made
   * @return the sink
   */
  public static FileDeadLetterSink of(Path file) {
    return new FileDeadLetterSink(file);
  }

  /**
   * Reads all dead letters of a file, of every pipeline, as they stand there. A torn last line,
   * which a crash leaves, is passed over.
   *
   * @param file the file; need not be there
   * @return the dead letters in the order in which they were written; empty without a file
   * @throws WriteException if the file cannot be read, or a line is no dead letter
   */
  public static List<DeadLetter> read(Path file) {
    List<DeadLetter> letters = new ArrayList<>();
    forEachLine(file, (line, letter) -> letters.add(letter));
    return letters;
  }

  /** Takes a line of the file, and what stands in it. */
  private interface LineTaker {
    void accept(byte[] line, DeadLetter letter) throws IOException;
  }

  private static void forEachLine(Path file, LineTaker taker) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      int number = 1;
      for (int next = in.read(); next >= 0; next = in.read()) {
        if (next != '\n') {
          line.write(next);
          continue;
        }
        byte[] bytes = line.toByteArray();
        line.reset();
        taker.accept(bytes, parse(bytes, file, number++));
      }
    } catch (NoSuchFileException e) {
      return;
    } catch (IOException e) {
      throw new WriteException("Cannot read dead letters from " + file + ". See to its rights.", e);
    }
  }

  private static DeadLetter parse(byte[] line, Path file, int number) {
    try {
      return DeadLetterJson.read(line);
    } catch (WriteException e) {
      throw new WriteException(
          "Line " + number + " of " + file + " is no dead letter. Mend or remove the line.", e);
    }
  }

  @Override
  public synchronized void read(String pipeline, Consumer<? super StoredDeadLetter> each) {
    flush();
    Set<String> given = new HashSet<>();
    forEachLine(
        file,
        (line, letter) -> {
          if (letter.pipeline().equals(pipeline) && given.add(letter.id())) {
            each.accept(new StoredDeadLetter(letter.id(), letter));
          }
        });
  }

  /**
   * {@inheritDoc}
   *
   * <p>Writes a new file without them and puts it in the place of the old one in one step.
   */
  @Override
  public synchronized void remove(String pipeline, Collection<String> ids) {
    if (ids.isEmpty() || !Files.exists(file)) {
      return;
    }
    Set<String> gone = Set.copyOf(ids);
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      closeFile();
      try (RandomAccessFile out = new RandomAccessFile(fresh.toFile(), "rw")) {
        out.setLength(0);
        forEachLine(
            file,
            (line, letter) -> {
              if (!letter.pipeline().equals(pipeline) || !gone.contains(letter.id())) {
                writeLine(line, out);
              }
            });
        out.getFD().sync();
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static void writeLine(byte[] line, RandomAccessFile out) throws IOException {
    byte[] whole = Arrays.copyOf(line, line.length + 1);
    whole[line.length] = '\n';
    out.write(whole);
  }

  @Override
  public synchronized void write(DeadLetter letter) {
    if (closed) {
      throw new IllegalStateException("The dead letter sink is closed.");
    }
    byte[] line = DeadLetterJson.write(letter);
    try {
      RandomAccessFile out = open();
      dirty = true;
      writeLine(line, out);
    } catch (IOException e) {
      discardFile(e);
      throw failed(e);
    }
  }

  private RandomAccessFile open() throws IOException {
    if (open == null) {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      RandomAccessFile found = new RandomAccessFile(file.toFile(), "rw");
      boolean ready = false;
      try {
        long end = endOfLastLine(found);
        found.setLength(end);
        found.seek(end);
        open = found;
        ready = true;
      } finally {
        if (!ready) {
          found.close();
        }
      }
    }
    return open;
  }

  /** A crash may have torn the last line; what comes after must begin a line of its own. */
  private static long endOfLastLine(RandomAccessFile found) throws IOException {
    for (long end = found.length(); end > 0; end--) {
      found.seek(end - 1);
      if (found.read() == '\n') {
        return end;
      }
    }
    return 0;
  }

  @Override
  public synchronized void flush() {
    if (!dirty) {
      return;
    }
    try {
      open().getFD().sync();
      dirty = false;
    } catch (IOException e) {
      discardFile(e);
      throw failed(e);
    }
  }

  /**
   * After a failure the line may be torn. What comes next opens the file anew, as after a crash.
   */
  private void discardFile(IOException failure) {
    RandomAccessFile last = open;
    open = null;
    if (last != null) {
      try {
        last.close();
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    try {
      closeFile();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private void closeFile() throws IOException {
    try {
      flush();
    } finally {
      RandomAccessFile last = open;
      open = null;
      if (last != null) {
        last.close();
      }
    }
  }

  private WriteException failed(IOException e) {
    return new WriteException(
        "Cannot write dead letters to "
            + file
            + ": "
            + e.getMessage()
            + ". Make the file writable and run again.",
        e);
  }
}
