package io.reverseetl.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The values of one row: functions of its number, and of how often it was updated. The id, the
 * tenant, the tags and the address never change; everything else does with each update.
 *
 * <p>One object holds one row after the other. Not thread-safe.
 */
final class BenchRow {
  private static final int TENANTS = 1_000;
  private static final int TAGS = 50;
  private static final byte[] TITLE = ascii("title ");
  private static final String[] STREETS = {" Main St", " High St", " Park Ave", " Elm St"};
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** The dashes of the ids stand where those of a UUID do. */
  private static final int ID_DASHES = 1 << 8 | 1 << 13 | 1 << 18 | 1 << 23;

  private static final long FIRST_SECOND = 1_700_000_000L;
  private static final long SECONDS = 31_536_000L;

  private static final byte[][] TENANT_NAMES = new byte[TENANTS][];

  static {
    for (int i = 0; i < TENANTS; i++) {
      TENANT_NAMES[i] = ascii("tenant-%04d".formatted(i));
    }
  }

  byte[] id = {};
  byte[] tenant = {};
  int n1;
  int n2;
  long l1;
  double d1;
  boolean d2Null;
  double d2;

  /** In units of 0.0001. */
  long price;

  /** Since 1970, in microseconds. */
  long updated;

  byte[] title = {};
  final List<byte[]> tags = new ArrayList<>();
  byte[] street = {};
  int zip;
  double lat;
  double lon;

  /**
   * Takes the values of a row.
   *
   * @param number which row, from 0
   * @param updates how often it was updated, from 0
   */
  void set(long number, int updates) {
    long key = mix(number);
    id = hex(new byte[36], 0, 36, ID_DASHES, mix(key + 1), mix(key + 2));
    tenant = TENANT_NAMES[(int) Long.remainderUnsigned(key, TENANTS)];
    tags.clear();
    for (long i = 0; i <= number % 4; i++) {
      tags.add(ascii("tag" + Long.remainderUnsigned(mix(key + 3 + i), TAGS)));
    }
    street = ascii(number % 1_000 + STREETS[(int) (number % STREETS.length)]);
    zip = 10_000 + (int) Long.remainderUnsigned(mix(key + 7), 90_000);
    lat = Long.remainderUnsigned(mix(key + 8), 180_000) / 1_000.0 - 90;
    lon = Long.remainderUnsigned(mix(key + 9), 360_000) / 1_000.0 - 180;

    long state = mix(key + 100L * (updates + 1));
    n1 = (int) Long.remainderUnsigned(mix(state + 1), 100_000);
    n2 = (int) mix(state + 2);
    l1 = mix(state + 3);
    d1 = (int) mix(state + 4) / 1_000.0;
    d2Null = Long.remainderUnsigned(mix(state + 5), 71) == 0;
    d2 = (int) mix(state + 6) / 7.0;
    price = Long.remainderUnsigned(mix(state + 7), 1_000_000_000);
    updated =
        (FIRST_SECOND + Long.remainderUnsigned(mix(state + 8), SECONDS)) * 1_000_000
            + Long.remainderUnsigned(mix(state + 9), 1_000_000);
    byte[] end = ascii(" " + number);
    title = new byte[38 + end.length];
    hex(title, 6, 38, 0, mix(state + 10), mix(state + 11));
    System.arraycopy(TITLE, 0, title, 0, 6);
    System.arraycopy(end, 0, title, 38, end.length);
  }

  /** Sixty-four bits that look random, the same for the same number (SplitMix64). */
  static long mix(long number) {
    long z = (number + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Fills {@code from} to {@code to} with the digits of two numbers, and dashes where bits are. */
  private static byte[] hex(byte[] out, int from, int to, int dashes, long high, long low) {
    int digit = 0;
    for (int i = from; i < to; i++) {
      if ((dashes >>> (i - from) & 1) != 0 && i - from < Integer.SIZE) {
        out[i] = '-';
      } else {
        long word = digit < 16 ? high : low;
        out[i] = HEX[(int) (word >>> (60 - 4 * (digit % 16))) & 15];
        digit++;
      }
    }
    return out;
  }
}
