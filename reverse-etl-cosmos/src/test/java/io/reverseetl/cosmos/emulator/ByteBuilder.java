package io.reverseetl.cosmos.emulator;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing byte array. Not thread-safe. */
final class ByteBuilder {
  private byte[] bytes;
  private int size;

  ByteBuilder(int capacity) {
    bytes = new byte[capacity];
  }

  int size() {
    return size;
  }

  byte[] array() {
    return bytes;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  void clear() {
    size = 0;
  }

  ByteBuilder put(int value) {
    ensure(1);
    bytes[size++] = (byte) value;
    return this;
  }

  ByteBuilder put(byte[] source) {
    return put(source, 0, source.length);
  }

  ByteBuilder put(byte[] source, int offset, int length) {
    ensure(length);
    System.arraycopy(source, offset, bytes, size, length);
    size += length;
    return this;
  }

  /** Appends characters that are known to be Latin-1. */
  @SuppressWarnings("deprecation") // The only copy of ASCII text into an array without a detour.
  ByteBuilder ascii(String text) {
    int length = text.length();
    ensure(length);
    text.getBytes(0, length, bytes, size);
    size += length;
    return this;
  }

  ByteBuilder utf8(String text) {
    return put(text.getBytes(StandardCharsets.UTF_8));
  }

  ByteBuilder number(long value) {
    return ascii(Long.toString(value));
  }

  ByteBuilder int32(int value) {
    return put(value >>> 24).put(value >>> 16).put(value >>> 8).put(value);
  }

  ByteBuilder int64(long value) {
    return int32((int) (value >>> 32)).int32((int) value);
  }

  /** Overwrites four bytes that were written before. */
  void setInt32(int position, int value) {
    bytes[position] = (byte) (value >>> 24);
    bytes[position + 1] = (byte) (value >>> 16);
    bytes[position + 2] = (byte) (value >>> 8);
    bytes[position + 3] = (byte) value;
  }

  private void ensure(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
