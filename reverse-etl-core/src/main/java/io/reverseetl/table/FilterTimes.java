package io.reverseetl.table;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** Dates and timestamps in filters. */
final class FilterTimes {
  private static final LocalDateTime EPOCH = LocalDateTime.of(1970, 1, 1, 0, 0);
  private static final long MICROS_PER_DAY = 86_400_000_000L;

  private FilterTimes() {}

  static LocalDate date(String text) {
    return LocalDate.parse(text.strip());
  }

  /** In UTC; a text without an offset is UTC, one without a time is midnight. */
  static LocalDateTime timestamp(String text) {
    String iso = text.strip().replace(' ', 'T');
    int time = iso.indexOf('T');
    if (time < 0) {
      return date(iso).atStartOfDay();
    }
    boolean zoned = iso.endsWith("Z") || iso.indexOf('+', time) > 0 || iso.indexOf('-', time) > 0;
    return zoned
        ? OffsetDateTime.parse(iso).withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime()
        : LocalDateTime.parse(iso);
  }

  static long micros(LocalDateTime time) {
    return ChronoUnit.MICROS.between(EPOCH, time);
  }

  /** Compares midnight of a day with a time; the product of days could overflow. */
  static int compareDayWithMicros(long day, long micros) {
    int byDay = Long.compare(day, Math.floorDiv(micros, MICROS_PER_DAY));
    return byDay != 0 ? byDay : (Math.floorMod(micros, MICROS_PER_DAY) == 0 ? 0 : -1);
  }
}
