package io.reverseetl.document;

import io.reverseetl.exceptions.WriteException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
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
  private @Nullable FileChannel channel;
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
      closeChannel();
      try (FileChannel out =
          FileChannel.open(
              fresh,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        forEachLine(
            file,
            (line, letter) -> {
              if (!letter.pipeline().equals(pipeline) || !gone.contains(letter.id())) {
                writeLine(line, out);
              }
            });
        out.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static void writeLine(byte[] line, FileChannel out) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(line.length + 1).put(line).put((byte) '\n').flip();
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  @Override
  public synchronized void write(DeadLetter letter) {
    if (closed) {
      throw new IllegalStateException("The dead letter sink is closed.");
    }
    byte[] line = DeadLetterJson.write(letter);
    try {
      FileChannel out = open();
      dirty = true;
      writeLine(line, out);
    } catch (IOException e) {
      discardChannel(e);
      throw failed(e);
    }
  }

  private FileChannel open() throws IOException {
    if (channel == null) {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
      channel.position(endOfLastLine(channel));
      channel.truncate(channel.position());
    }
    return channel;
  }

  /** A crash may have torn the last line; what comes after must begin a line of its own. */
  private static long endOfLastLine(FileChannel channel) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    for (long end = channel.size(); end > 0; end--) {
      one.clear();
      channel.read(one, end - 1);
      if (one.get(0) == '\n') {
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
      open().force(true);
      dirty = false;
    } catch (IOException e) {
      discardChannel(e);
      throw failed(e);
    }
  }

  /**
   * After a failure the line may be torn, and an interrupt closes a channel for good. What comes
   * next opens the file anew, as after a crash.
   */
  private void discardChannel(IOException failure) {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    try {
      closeChannel();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private void closeChannel() throws IOException {
    try {
      flush();
    } finally {
      FileChannel open = channel;
      channel = null;
      if (open != null) {
        open.close();
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
