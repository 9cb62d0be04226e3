package io.reverseetl.mapping;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Writes one JSON value after the other with the same generator and the same buffer. */
final class JsonBuffer extends OutputStream {
  private static final int INITIAL_BYTES = 4 * 1024;

  /** Twice what Cosmos DB takes; a buffer that had to grow further is not kept. */
  private static final int MAX_KEPT_BYTES = 4 * 1024 * 1024;

  private static final JsonFactory FACTORY =
      // The fast writer gives the shortest text that reads back as the same number; JDK 17 does
      // not.
      JsonFactory.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int length;
  private @Nullable JsonGenerator generator;

  JsonGenerator generator() throws IOException {
    JsonGenerator current = generator;
    if (current == null) {
      current = FACTORY.createGenerator(this);
      // The next value begins without a blank before it.
      current.setRootValueSeparator(null);
      generator = current;
    }
    return current;
  }

  /** What was written since the last call. */
  byte[] take() throws IOException {
    generator().flush();
    byte[] taken = Arrays.copyOf(bytes, length);
    length = 0;
    if (bytes.length > MAX_KEPT_BYTES) {
      bytes = new byte[INITIAL_BYTES];
    }
    return taken;
  }

  /** Forgets a value that was not finished; its generator stands in the middle of it. */
  void discard() {
    generator = null;
    length = 0;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] source, int offset, int count) {
    if (length + count > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + count, bytes.length * 2));
    }
    System.arraycopy(source, offset, bytes, length, count);
    length += count;
  }
}
