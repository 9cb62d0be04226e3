package io.reverseetl.cosmos.emulator;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * MurmurHash3 with seed 0, written from the published algorithm and not from any client's source,
 * so that a routing mistake on either side shows.
 */
final class Murmur3 {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long C1 = 0x87c37b91114253d5L;
  private static final long C2 = 0x4cf5ad432745937fL;

  private Murmur3() {}

  /** Writes the x64 128-bit hash of the first {@code length} bytes, high half first, big-endian. */
  static void hash128(byte[] data, int length, byte[] target, int targetOffset) {
    long h1 = 0;
    long h2 = 0;
    int blocks = length / 16;
    for (int i = 0; i < blocks; i++) {
      h1 ^= mixFirst((long) LONG.get(data, i * 16));
      h1 = (Long.rotateLeft(h1, 27) + h2) * 5 + 0x52dce729L;
      h2 ^= mixSecond((long) LONG.get(data, i * 16 + 8));
      h2 = (Long.rotateLeft(h2, 31) + h1) * 5 + 0x38495ab5L;
    }
    int tail = blocks * 16;
    int rest = length - tail;
    if (rest > 8) {
      h2 ^= mixSecond(partial(data, tail + 8, rest - 8));
    }
    if (rest > 0) {
      h1 ^= mixFirst(partial(data, tail, Math.min(rest, 8)));
    }
    h1 ^= length;
    h2 ^= length;
    h1 += h2;
    h2 += h1;
    h1 = finish(h1);
    h2 = finish(h2);
    h1 += h2;
    h2 += h1;
    for (int i = 0; i < 8; i++) {
      target[targetOffset + i] = (byte) (h2 >>> (56 - 8 * i));
      target[targetOffset + 8 + i] = (byte) (h1 >>> (56 - 8 * i));
    }
  }

  /** Returns the x86 32-bit hash of the first {@code length} bytes. */
  static int hash32(byte[] data, int length) {
    int h = 0;
    int blocks = length / 4;
    for (int i = 0; i < blocks; i++) {
      h ^= mix32((int) INT.get(data, i * 4));
      h = Integer.rotateLeft(h, 13) * 5 + 0xe6546b64;
    }
    int rest = length - blocks * 4;
    if (rest > 0) {
      h ^= mix32((int) partial(data, blocks * 4, rest));
    }
    h ^= length;
    h ^= h >>> 16;
    h *= 0x85ebca6b;
    h ^= h >>> 13;
    h *= 0xc2b2ae35;
    return h ^ (h >>> 16);
  }

  private static int mix32(int k) {
    return Integer.rotateLeft(k * 0xcc9e2d51, 15) * 0x1b873593;
  }

  private static long mixFirst(long k) {
    return Long.rotateLeft(k * C1, 31) * C2;
  }

  private static long mixSecond(long k) {
    return Long.rotateLeft(k * C2, 33) * C1;
  }

  private static long partial(byte[] data, int offset, int count) {
    long value = 0;
    for (int i = count - 1; i >= 0; i--) {
      value = value << 8 | (data[offset + i] & 0xff);
    }
    return value;
  }

  private static long finish(long value) {
    long k = value;
    k ^= k >>> 33;
    k *= 0xff51afd7ed558ccdL;
    k ^= k >>> 33;
    k *= 0xc4ceb9fe1a85ec53L;
    return k ^ (k >>> 33);
  }
}
