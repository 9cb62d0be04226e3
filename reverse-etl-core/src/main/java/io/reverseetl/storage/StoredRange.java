package io.reverseetl.storage;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Bytes of a file, and which state of the file they are of. Thread-safe, if the bytes are kept. */
public final class StoredRange {
  private final byte[] bytes;
  private final @Nullable String state;

  /**
   * What a storage read.
   *
   * @param bytes the bytes, which are not copied
   * @param state names the file's content: another one after each writing of the file, such as an
   *     ETag. Null if the storage cannot tell; a file that is written while it is read then goes
   *     unnoticed
   */
  public StoredRange(byte[] bytes, @Nullable String state) {
    this.bytes = Objects.requireNonNull(bytes, "bytes");
    this.state = state;
  }

  /**
   * The bytes.
   *
   * @return the very array
   */
  public byte[] bytes() {
    return bytes;
  }

  /**
   * Which state of the file they are of.
   *
   * @return for {@link LakeStorage#read}; null if the storage cannot tell
   */
  public @Nullable String state() {
    return state;
  }
}
