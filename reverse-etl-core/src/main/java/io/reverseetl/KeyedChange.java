package io.reverseetl;

import io.reverseetl.document.DocumentKey;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.reduce.ChangeEvents;
import io.reverseetl.reduce.KeyCodec;
import io.reverseetl.reduce.KeyState;
import io.reverseetl.reduce.Reduced;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * What a commit did to one document, on its way through the shuffle of an engine: a row that stands
 * after it, as JSON, or one that does not, as a digest. It holds row values, so what an engine
 * keeps of it is as confidential as the table.
 *
 * <p>An engine brings all changes of one document together by their {@link #key}, and in the {@link
 * #ORDER} of key and version. Immutable and thread-safe.
 */
public final class KeyedChange {
  /** By key, byte for byte and unsigned, and for each key by version. */
  public static final Comparator<KeyedChange> ORDER =
      Comparator.comparing((KeyedChange change) -> change.key, Arrays::compareUnsigned)
          .thenComparingLong(KeyedChange::version);

  private static final byte FORMAT = 1;

  private final byte[] event;
  private final byte[] key;
  private final long version;

  private KeyedChange(byte[] event, byte[] key, long version) {
    this.event = event;
    this.key = key;
    this.version = version;
  }

  static KeyedChange live(DocumentKey key, long version, KeyState.Live row) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(row.json().length + 64);
    writer(bytes).live(key, version, row);
    return new KeyedChange(bytes.toByteArray(), bytes(key), version);
  }

  static KeyedChange gone(DocumentKey key, long version, byte[] digest, byte @Nullable [] image) {
    ByteArrayOutputStream bytes =
        new ByteArrayOutputStream((image == null ? 0 : image.length) + 96);
    writer(bytes).gone(key, version, digest, image);
    return new KeyedChange(bytes.toByteArray(), bytes(key), version);
  }

  private static ChangeEvents writer(ByteArrayOutputStream bytes) {
    bytes.write(FORMAT);
    return new ChangeEvents.Writer(new DataOutputStream(bytes), KeyedChange::inMemory);
  }

  private static byte[] bytes(DocumentKey key) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      KeyCodec.write(key, new DataOutputStream(bytes));
    } catch (IOException e) {
      throw inMemory(e);
    }
    return bytes.toByteArray();
  }

  private static UncheckedIOException inMemory(IOException e) {
    return new UncheckedIOException("Memory does not fail to be written.", e);
  }

  /**
   * Which document it is about.
   *
   * @return a new array; two are equal, byte for byte, if and only if the document is the same
   */
  public byte[] key() {
    return key.clone();
  }

  /**
   * Which commit did it.
   *
   * @return the commit version
   */
  public long version() {
    return version;
  }

  boolean isOfSameDocument(KeyedChange other) {
    return Arrays.equals(key, other.key);
  }

  /** Tells the one event that it is. */
  void tell(ChangeEvents events) {
    try {
      read(event, events);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static void read(byte[] bytes, ChangeEvents events) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    if (in.readByte() != FORMAT) {
      throw new IOException("It has another format.");
    }
    ChangeEvents.read(in.readByte(), in, hash -> true, events);
    if (in.available() > 0) {
      throw new IOException("It is too long.");
    }
  }

  /**
   * The form in which it goes to other processes, of format version 1.
   *
   * @return a new array
   */
  public byte[] toBytes() {
    return event.clone();
  }

  /**
   * Reads that form.
   *
   * @param bytes what {@link #toBytes} gave
   * @return the change
   * @throws ConfigurationException if this is no change, or one of another format version
   */
  public static KeyedChange ofBytes(byte[] bytes) {
    Head head = new Head();
    byte[] copy = bytes.clone();
    try {
      read(copy, head);
    } catch (IOException | RuntimeException e) {
      throw unreadable(e);
    }
    DocumentKey key = head.key;
    if (key == null) {
      throw unreadable(new IOException("It is no change of a row."));
    }
    return new KeyedChange(copy, bytes(key), head.version);
  }

  private static ConfigurationException unreadable(Exception cause) {
    return new ConfigurationException(
        "A change of a document cannot be read. Hand over what toBytes() gave, unchanged, to the"
            + " same version of reverse-etl.",
        cause);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KeyedChange that && Arrays.equals(event, that.event);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(event);
  }

  /** Says which commit it is of; the key is kept out of logs. */
  @Override
  public String toString() {
    return "KeyedChange(" + version + ")";
  }

  /** Looks at what an event is about. */
  private static final class Head implements ChangeEvents {
    private @Nullable DocumentKey key;
    private long version;

    @Override
    public void begun(
        DocumentKey of, long firstVersion, byte @Nullable [] firstImage, boolean firstUnsure) {}

    @Override
    public void settled(Reduced result) {}

    @Override
    public void live(DocumentKey of, long commit, KeyState.Live row) {
      key = of;
      version = commit;
    }

    @Override
    public void gone(DocumentKey of, long commit, byte[] digest, byte @Nullable [] json) {
      key = of;
      version = commit;
    }
  }
}
