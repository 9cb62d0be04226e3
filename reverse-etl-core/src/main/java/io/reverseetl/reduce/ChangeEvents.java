package io.reverseetl.reduce;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** What can be told of documents, in the order in which it happened, and its form as bytes. */
public interface ChangeEvents {

  /** What was known of a document before its first event that is told. */
  void begun(DocumentKey key, long firstVersion, byte @Nullable [] firstImage, boolean firstUnsure);

  /** What earlier commits came to. */
  void settled(Reduced result);

  /** A row stands after a commit. */
  void live(DocumentKey key, long version, KeyState.Live row);

  /** A row stood before a commit, and does not stand as it was after it. */
  void gone(DocumentKey key, long version, byte[] digest, byte @Nullable [] json);

  /** Says what to do about a failure to write. */
  interface Failure {
    RuntimeException of(IOException e);
  }

  /** Writes events, each with its kind, a hash of its document's identity, that, and a version. */
  final class Writer implements ChangeEvents {
    private static final byte BEGUN = 1;
    private static final byte SETTLED = 2;
    private static final byte LIVE = 3;
    private static final byte GONE = 4;

    private final DataOutputStream out;
    private final Failure failure;

    public Writer(DataOutputStream out, Failure failure) {
      this.out = out;
      this.failure = failure;
    }

    @Override
    public void begun(
        DocumentKey key, long firstVersion, byte @Nullable [] firstImage, boolean firstUnsure) {
      write(
          () -> {
            head(BEGUN, key, firstVersion);
            optional(firstImage);
            out.writeBoolean(firstUnsure);
          });
    }

    @Override
    public void settled(Reduced result) {
      write(
          () -> {
            head(SETTLED, result.key(), result.version());
            out.writeBoolean(result.kind() == Reduced.Kind.UPSERT);
            optional(result.document() == null ? null : result.document().json());
          });
    }

    @Override
    public void live(DocumentKey key, long version, KeyState.Live row) {
      write(
          () -> {
            head(LIVE, key, version);
            OrderValue.write(row.order(), out);
            KeyCodec.writeBytes(row.json(), out);
          });
    }

    @Override
    public void gone(DocumentKey key, long version, byte[] digest, byte @Nullable [] json) {
      write(
          () -> {
            head(GONE, key, version);
            KeyCodec.writeBytes(digest, out);
            optional(json);
          });
    }

    private void head(byte kind, DocumentKey key, long version) throws IOException {
      out.writeByte(kind);
      out.writeInt(KeyCodec.hash(key));
      KeyCodec.write(key, out);
      out.writeLong(version);
    }

    private void optional(byte @Nullable [] bytes) throws IOException {
      out.writeBoolean(bytes != null);
      if (bytes != null) {
        KeyCodec.writeBytes(bytes, out);
      }
    }

    private interface Write {
      void run() throws IOException;
    }

    private void write(Write write) {
      try {
        write.run();
      } catch (IOException e) {
        throw failure.of(e);
      }
    }
  }

  /**
   * Reads the rest of an event.
   *
   * @param kind the event's first byte, which was read
   * @param hashes which documents are asked for
   * @param events is told of it, if its document is
   */
  static void read(byte kind, DataInputStream in, IntPredicate hashes, ChangeEvents events)
      throws IOException {
    boolean wanted = hashes.test(in.readInt());
    DocumentKey key = KeyCodec.read(in);
    long version = in.readLong();
    switch (kind) {
      case Writer.BEGUN -> {
        byte[] image = optional(in);
        boolean unsure = in.readBoolean();
        if (wanted) {
          events.begun(key, version, image, unsure);
        }
      }
      case Writer.SETTLED -> {
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
      case Writer.LIVE -> {
        OrderValue order = OrderValue.read(in);
        byte[] json = KeyCodec.readBytes(in);
        if (wanted) {
          events.live(key, version, new KeyState.Live(json, order));
        }
      }
      case Writer.GONE -> {
        byte[] digest = KeyCodec.readBytes(in);
        byte[] json = optional(in);
        if (wanted) {
          events.gone(key, version, digest, json);
        }
      }
      default -> throw new IOException("There is no event of kind " + kind + ".");
    }
  }

  private static byte @Nullable [] optional(DataInputStream in) throws IOException {
    return in.readBoolean() ? KeyCodec.readBytes(in) : null;
  }
}
