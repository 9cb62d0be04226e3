package io.reverseetl.reduce;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a range did to its documents, on disk because memory is too small for it: one file for each
 * chunk of identities, appended to and then read from its beginning. Nothing is looked up, so plain
 * files do, and no embedded database is needed. They hold row values; only the owner of the process
 * may read them, and they go with {@link #close}.
 */
final class SpillFiles implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SpillFiles.class);
  private static final int BUFFER_BYTES = 16 * 1_024;

  private final Path folder;
  private final List<DataOutputStream> files = new ArrayList<>();

  SpillFiles(@Nullable Path parent, int chunks) {
    try {
      if (parent != null) {
        Files.createDirectories(parent);
      }
      // Made for the owner alone, where the file system knows owners.
      folder =
          parent == null
              ? Files.createTempDirectory("reverse-etl-")
              : Files.createTempDirectory(parent, "reverse-etl-");
      for (int i = 0; i < chunks; i++) {
        files.add(
            new DataOutputStream(
                new BufferedOutputStream(Files.newOutputStream(file(i)), BUFFER_BYTES)));
      }
    } catch (IOException e) {
      throw failed("written", e);
    }
  }

  private Path file(int chunk) {
    return folder.resolve("chunk-" + chunk);
  }

  /** How many bytes a chunk's file has. */
  long bytes(int chunk) {
    return files.get(chunk).size();
  }

  ChangeEvents into(int chunk) {
    return new ChangeEvents.Writer(files.get(chunk), e -> failed("written", e));
  }

  /** Tells what was written, of the documents whose hash is asked for. */
  void replay(int chunk, IntPredicate hashes, ChangeEvents events) {
    try {
      files.get(chunk).flush();
      try (DataInputStream in =
          new DataInputStream(
              new BufferedInputStream(Files.newInputStream(file(chunk)), BUFFER_BYTES))) {
        for (int kind = in.read(); kind >= 0; kind = in.read()) {
          ChangeEvents.read((byte) kind, in, hashes, events);
        }
      }
    } catch (IOException e) {
      throw failed("read", e);
    }
  }

  private static UncheckedIOException failed(String what, IOException e) {
    return new UncheckedIOException(
        "The files that a range of changes is spilled to cannot be "
            + what
            + ". Make room on the disk, or name another folder with spillFolder.",
        e);
  }

  @Override
  public void close() {
    for (int i = 0; i < files.size(); i++) {
      try {
        files.get(i).close();
      } catch (IOException e) {
        log.debug("A spill file could not be closed.", e);
      }
      delete(file(i));
    }
    delete(folder);
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      log.warn("A spill file stays behind; remove it: {}", path, e);
    }
  }
}
