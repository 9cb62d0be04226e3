package io.reverseetl;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
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

  private static final byte BEGUN = 1;
  private static final byte SETTLED = 2;
  private static final byte LIVE = 3;
  private static final byte GONE = 4;

  /** What can be told of documents, in the order in which it happened. */
  interface Events {
    void begun(
        DocumentKey key, long firstVersion, byte @Nullable [] firstImage, boolean firstUnsure);

    void settled(Reduced result);

    void live(DocumentKey key, long version, KeyState.Live row);

    void gone(DocumentKey key, long version, byte[] digest, byte @Nullable [] json);
  }

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

  Events into(int chunk) {
    DataOutputStream out = files.get(chunk);
    return new Events() {
      @Override
      public void begun(
          DocumentKey key, long firstVersion, byte @Nullable [] firstImage, boolean firstUnsure) {
        write(
            () -> {
              head(BEGUN, key, firstVersion, out);
              optional(firstImage, out);
              out.writeBoolean(firstUnsure);
            });
      }

      @Override
      public void settled(Reduced result) {
        write(
            () -> {
              head(SETTLED, result.key(), result.version(), out);
              out.writeBoolean(result.kind() == Reduced.Kind.UPSERT);
              optional(result.document() == null ? null : result.document().json(), out);
            });
      }

      @Override
      public void live(DocumentKey key, long version, KeyState.Live row) {
        write(
            () -> {
              head(LIVE, key, version, out);
              OrderValue.write(row.order(), out);
              KeyCodec.writeBytes(row.json(), out);
            });
      }

      @Override
      public void gone(DocumentKey key, long version, byte[] digest, byte @Nullable [] json) {
        write(
            () -> {
              head(GONE, key, version, out);
              KeyCodec.writeBytes(digest, out);
              optional(json, out);
            });
      }
    };
  }

  private static void head(byte kind, DocumentKey key, long version, DataOutputStream out)
      throws IOException {
    out.writeByte(kind);
    out.writeInt(KeyCodec.hash(key));
    KeyCodec.write(key, out);
    out.writeLong(version);
  }

  /** Tells what was written, of the documents whose hash is asked for. */
  void replay(int chunk, IntPredicate hashes, Events events) {
    try {
      files.get(chunk).flush();
      try (DataInputStream in =
          new DataInputStream(
              new BufferedInputStream(Files.newInputStream(file(chunk)), BUFFER_BYTES))) {
        for (int kind = in.read(); kind >= 0; kind = in.read()) {
          replayOne((byte) kind, in, hashes, events);
        }
      }
    } catch (IOException e) {
      throw failed("read", e);
    }
  }

  private static void replayOne(byte kind, DataInputStream in, IntPredicate hashes, Events events)
      throws IOException {
    boolean wanted = hashes.test(in.readInt());
    DocumentKey key = KeyCodec.read(in);
    long version = in.readLong();
    switch (kind) {
      case BEGUN -> {
        byte[] image = optional(in);
        boolean unsure = in.readBoolean();
        if (wanted) {
          events.begun(key, version, image, unsure);
        }
      }
      case SETTLED -> {
        boolean upsert = in.readBoolean();
        byte[] json = optional(in);
        if (wanted) {
          events.settled(
              new Reduced(
                  upsert ? Reduced.Kind.UPSERT : Reduced.Kind.DELETE,
                  key,
                  json == null ? null : Document.ofJson(key, json),
                  version,
                  false));
        }
      }
      case LIVE -> {
        OrderValue order = OrderValue.read(in);
        byte[] json = KeyCodec.readBytes(in);
        if (wanted) {
          events.live(key, version, new KeyState.Live(json, order));
        }
      }
      case GONE -> {
        byte[] digest = KeyCodec.readBytes(in);
        byte[] json = optional(in);
        if (wanted) {
          events.gone(key, version, digest, json);
        }
      }
      default -> throw new IOException("A spill file was changed by somebody else.");
    }
  }

  private static void optional(byte @Nullable [] bytes, DataOutputStream out) throws IOException {
    out.writeBoolean(bytes != null);
    if (bytes != null) {
      KeyCodec.writeBytes(bytes, out);
    }
  }

  private static byte @Nullable [] optional(DataInputStream in) throws IOException {
    return in.readBoolean() ? KeyCodec.readBytes(in) : null;
  }

  private interface Write {
    void run() throws IOException;
  }

  private void write(Write write) {
    try {
      write.run();
    } catch (IOException e) {
      throw failed("written", e);
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
