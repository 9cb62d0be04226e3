package io.reverseetl.reduce;

import io.reverseetl.document.DocumentKey;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Document keys as bytes, and a hash of them that is the same in every process. */
public final class KeyCodec {
  private KeyCodec() {}

  public static void write(DocumentKey key, DataOutput out) throws IOException {
    writeBytes(key.id().getBytes(StandardCharsets.UTF_8), out);
    List<@Nullable Object> levels = key.levels();
    out.writeByte(levels.size());
    for (Object level : levels) {
      if (level == null) {
        out.writeByte(0);
      } else if (level == DocumentKey.ABSENT) {
        out.writeByte(1);
      } else if (level instanceof String text) {
        out.writeByte(2);
        writeBytes(text.getBytes(StandardCharsets.UTF_8), out);
      } else if (level instanceof Boolean flag) {
        out.writeByte(flag ? 3 : 4);
      } else {
        out.writeByte(5);
        out.writeDouble((Double) level);
      }
    }
  }

  static DocumentKey read(DataInput in) throws IOException {
    String id = new String(readBytes(in), StandardCharsets.UTF_8);
    @Nullable Object[] levels = new Object[in.readByte()];
    for (int i = 0; i < levels.length; i++) {
      levels[i] =
          switch (in.readByte()) {
            case 0 -> null;
            case 1 -> DocumentKey.ABSENT;
            case 2 -> new String(readBytes(in), StandardCharsets.UTF_8);
            case 3 -> true;
            case 4 -> false;
            default -> in.readDouble();
          };
    }
    return DocumentKey.of(id, levels);
  }

  static void writeBytes(byte[] bytes, DataOutput out) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  static byte[] readBytes(DataInput in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return bytes;
  }

  /** A hash of the identity, with so many bits that keys seldom share one by chance. */
  public static long longHash(DocumentKey key) {
    long hash = longHash(0xcbf29ce484222325L, key.id());
    List<@Nullable Object> levels = key.levels();
    for (int i = 0; i < levels.size(); i++) {
      Object level = levels.get(i);
      if (level instanceof String text) {
        // The length keeps id and level apart.
        hash = longHash(hash ^ text.length(), text);
      } else {
        hash =
            mix(
                hash
                    + (level == null
                        ? 1
                        : level == DocumentKey.ABSENT ? 2 : 3L + level.hashCode()));
      }
    }
    return mix(hash);
  }

  private static long longHash(long start, String text) {
    long hash = start;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return mix(hash);
  }

  private static long mix(long value) {
    long hash = value;
    hash ^= hash >>> 33;
    hash *= 0xff51afd7ed558ccdL;
    hash ^= hash >>> 33;
    hash *= 0xc4ceb9fe1a85ec53L;
    return hash ^ (hash >>> 33);
  }

  /**
   * A hash of the identity. A checkpoint may hold how many chunks by this hash are done, so it must
   * stay what it is.
   */
  public static int hash(DocumentKey key) {
    int hash = key.id().hashCode();
    for (Object level : key.levels()) {
      // The marker for an absent level has no hash of its own that outlives the process.
      hash = 31 * hash + (level == null ? 0 : level == DocumentKey.ABSENT ? 1 : level.hashCode());
    }
    hash ^= hash >>> 16;
    hash *= 0x85ebca6b;
    hash ^= hash >>> 13;
    hash *= 0xc2b2ae35;
    return hash ^ (hash >>> 16);
  }
}
