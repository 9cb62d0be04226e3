package io.reverseetl.mapping;

import java.time.LocalDate;

/**
 * Dates and timestamps as ISO-8601 text in ASCII, written without garbage. Years outside 0000 to
 * 9999 have a sign, as in java.time.
 */
final class IsoText {
  /** The longest text: sign, six digits of year, and the rest of a timestamp. */
  static final int MAX_LENGTH = 40;

  private static final long MICROS_PER_DAY = 86_400_000_000L;
  private static final int MAX_PLAIN_YEAR = 9999;

  private IsoText() {}

  /** Writes a day from the beginning of the buffer; returns the length. */
  static int putDate(byte[] buffer, long epochDay) {
    LocalDate date = LocalDate.ofEpochDay(epochDay);
    int at = putYear(buffer, date.getYear());
    buffer[at++] = '-';
    at = putTwo(buffer, at, date.getMonthValue());
    buffer[at++] = '-';
    return putTwo(buffer, at, date.getDayOfMonth());
  }

  /** Writes microseconds since 1970 as date and time; returns the length. */
  static int putTimestamp(byte[] buffer, long micros, boolean utc) {
    int at = putDate(buffer, Math.floorDiv(micros, MICROS_PER_DAY));
    long ofDay = Math.floorMod(micros, MICROS_PER_DAY);
    int second = (int) (ofDay / 1_000_000);
    int fraction = (int) (ofDay % 1_000_000);
    buffer[at++] = 'T';
    at = putTwo(buffer, at, second / 3600);
    buffer[at++] = ':';
    at = putTwo(buffer, at, second / 60 % 60);
    buffer[at++] = ':';
    at = putTwo(buffer, at, second % 60);
    buffer[at++] = '.';
    at = putTwo(buffer, at, fraction / 10_000);
    at = putTwo(buffer, at, fraction / 100 % 100);
    at = putTwo(buffer, at, fraction % 100);
    if (utc) {
      buffer[at++] = 'Z';
    }
    return at;
  }

  private static int putYear(byte[] buffer, int year) {
    int at = 0;
    int absolute = Math.abs(year);
    if (year < 0) {
      buffer[at++] = '-';
    } else if (year > MAX_PLAIN_YEAR) {
      buffer[at++] = '+';
    }
    if (absolute <= MAX_PLAIN_YEAR) {
      at = putTwo(buffer, at, absolute / 100);
      return putTwo(buffer, at, absolute % 100);
    }
    String digits = Integer.toString(absolute);
    for (int i = 0; i < digits.length(); i++) {
      buffer[at++] = (byte) digits.charAt(i);
    }
    return at;
  }

  private static int putTwo(byte[] buffer, int at, int value) {
    buffer[at] = (byte) ('0' + value / 10);
    buffer[at + 1] = (byte) ('0' + value % 10);
    return at + 2;
  }
}
