package io.reverseetl.delta;

import io.delta.kernel.engine.Engine;
import io.delta.kernel.internal.actions.DeletionVectorDescriptor;
import io.delta.kernel.internal.deletionvectors.Base85Codec;
import io.delta.kernel.internal.deletionvectors.DeletionVectorStoredBitmap;
import io.delta.kernel.internal.deletionvectors.RoaringBitmapArray;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** The rows of a file that are marked as deleted. Immutable and thread-safe once loaded. */
final class DeletionVector {
  static final DeletionVector NONE = new DeletionVector(row -> false, 0);

  private final LongPredicate marked;
  private final long cardinality;

  private DeletionVector(LongPredicate marked, long cardinality) {
    this.marked = marked;
    this.cardinality = cardinality;
  }

  /**
   * Loads what an action's descriptor describes.
   *
   * @throws IOException if the file cannot be read
   * @throws CorruptException if size, checksum or content do not fit the descriptor
   */
  static DeletionVector load(Engine engine, String tableRoot, DeletionVectorDescriptor descriptor)
      throws IOException {
    RoaringBitmapArray bitmap;
    try {
      bitmap =
          new DeletionVectorStoredBitmap(aligned(descriptor), Optional.of(tableRoot))
              .load(engine.getFileSystemClient());
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new CorruptException("it cannot be decoded", e);
    }
    return new DeletionVector(bitmap::contains, descriptor.getCardinality());
  }

  /**
   * Inline vectors are text in groups of five characters for four bytes. Where the size is no
   * multiple of four, most writers fill up with zero bytes at the end, which Kernel expects. Some
   * put the last bytes at the end of the last group and write {@code #} for each byte in front of
   * them; no regular group starts with {@code #}, since that would be more than 32 bits. Kernel
   * would read other row numbers from these without an error.
   */
  static DeletionVectorDescriptor aligned(DeletionVectorDescriptor descriptor) {
    String text = descriptor.getPathOrInlineDv();
    int size = descriptor.getSizeInBytes();
    int missing = (4 - size % 4) % 4;
    int lastGroup = text.length() - 5;
    if (!descriptor.isInline() || missing == 0 || lastGroup < 0 || text.charAt(lastGroup) != '#') {
      return descriptor;
    }
    int marks = 0;
    while (marks < 5 && text.charAt(lastGroup + marks) == '#') {
      marks++;
    }
    if (marks != missing) {
      throw new CorruptException("its padding does not fit its size", null);
    }
    String zeros = "0".repeat(missing);
    byte[] padded =
        Base85Codec.decodeBytes(
            text.substring(0, lastGroup) + zeros + text.substring(lastGroup + missing),
            size + missing);
    byte[] bytes = Arrays.copyOf(padded, size);
    int used = 4 - missing;
    System.arraycopy(padded, padded.length - used, bytes, size - used, used);
    return new DeletionVectorDescriptor(
        descriptor.getStorageType(),
        Base85Codec.encodeBytes(bytes),
        descriptor.getOffset(),
        size,
        descriptor.getCardinality());
  }

  boolean contains(long rowIndex) {
    return marked.test(rowIndex);
  }

  long cardinality() {
    return cardinality;
  }

  /** Compares with how many rows of the file it marked. */
  void checkCount(long markedRows) {
    if (markedRows != cardinality) {
      throw new CorruptException(
          "it should mark " + cardinality + " rows, but marks " + markedRows + " of the file",
          null);
    }
  }

  /** A deletion vector that makes no sense. */
  static final class CorruptException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CorruptException(String message, @Nullable Throwable cause) {
      super("The deletion vector is corrupt: " + message + ".", cause);
    }
  }
}
