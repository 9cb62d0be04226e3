package io.reverseetl.cosmos.emulator;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes partition key components in the forms that are hashed and ordered. */
final class KeyBuffer {
  private static final int MAX_ORDERED_STRING = 100;

  private byte[] bytes = new byte[64];
  private int size;

  byte[] bytes() {
    return bytes;
  }

  int size() {
    return size;
  }

  byte[] copy() {
    return Arrays.copyOf(bytes, size);
  }

  /** Appends the form that goes into a hash; strings end with the given mark. */
  void hashed(Object component, byte stringEnd) {
    if (component instanceof String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      put(0x08);
      ensure(utf8.length);
      System.arraycopy(utf8, 0, bytes, size, utf8.length);
      size += utf8.length;
      put(stringEnd);
    } else if (component instanceof Double number) {
      put(0x05);
      long bits = Double.doubleToLongBits(number);
      for (int i = 0; i < 8; i++) {
        put((int) (bits >>> (8 * i)));
      }
    } else {
      put(marker(component));
    }
  }

  /** Appends the form whose byte order is the value order (version 1 of the key space). */
  void ordered(Object component) {
    if (component instanceof String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      put(0x08);
      boolean whole = utf8.length <= MAX_ORDERED_STRING;
      int count = whole ? utf8.length : MAX_ORDERED_STRING + 1;
      for (int i = 0; i < count; i++) {
        put(utf8[i] + 1);
      }
      if (whole) {
        put(0);
      }
    } else if (component instanceof Double number) {
      put(0x05);
      long payload = orderedBits(number);
      put((int) (payload >>> 56));
      payload <<= 8;
      // Seven bits a byte; the lowest bit says that more follow.
      while (true) {
        int chunk = (int) (payload >>> 56) & 0xFE;
        payload <<= 7;
        if (payload == 0) {
          put(chunk);
          return;
        }
        put(chunk | 1);
      }
    } else {
      put(marker(component));
    }
  }

  /** Reads back the number that an ordered key starts with. */
  static double orderedNumber(byte[] key) {
    long payload = (long) (key[1] & 0xff) << 56;
    int shift = 49;
    for (int i = 2; i < key.length && shift >= 0; i++, shift -= 7) {
      payload |= (long) ((key[i] & 0xff) >> 1) << shift;
      if ((key[i] & 1) == 0) {
        break;
      }
    }
    return Double.longBitsToDouble(payload ^ Long.MIN_VALUE);
  }

  private static long orderedBits(double number) {
    long bits = Double.doubleToRawLongBits(number);
    return bits >= 0 ? bits ^ Long.MIN_VALUE : ~bits + 1;
  }

  private static int marker(Object component) {
    if (component == PartitionKeyValue.UNDEFINED) {
      return 0x00;
    }
    if (component == PartitionKeyValue.NULL) {
      return 0x01;
    }
    return Boolean.TRUE.equals(component) ? 0x03 : 0x02;
  }

  private void put(int value) {
    ensure(1);
    bytes[size++] = (byte) value;
  }

  private void ensure(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
