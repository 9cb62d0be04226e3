package io.reverseetl.table;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Delta's time unit, microseconds since 1970-01-01T00:00, to and from java.time. */
final class Micros {
  private static final long PER_SECOND = 1_000_000;

  private Micros() {}

  static Instant toInstant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, PER_SECOND), Math.floorMod(micros, PER_SECOND) * 1_000);
  }

  static LocalDateTime toLocalDateTime(long micros) {
    return LocalDateTime.ofEpochSecond(
        Math.floorDiv(micros, PER_SECOND),
        (int) Math.floorMod(micros, PER_SECOND) * 1_000,
        ZoneOffset.UTC);
  }
}
