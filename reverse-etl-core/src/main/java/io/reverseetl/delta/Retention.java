package io.reverseetl.delta;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How long a table promises to keep things, by its properties. */
final class Retention {
  private static final String LOG = "delta.logRetentionDuration";
  private static final String FILES = "delta.deletedFileRetentionDuration";
  private static final Duration LOG_DEFAULT = Duration.ofDays(30);
  private static final Duration FILES_DEFAULT = Duration.ofDays(7);

  private Retention() {}

  static Duration ofLog(Map<String, String> properties) {
    return parse(properties.get(LOG), LOG_DEFAULT);
  }

  static Duration ofFiles(Map<String, String> properties) {
    return parse(properties.get(FILES), FILES_DEFAULT);
  }

  /**
   * Reads an interval as {@code interval 1 week 12 hours}. Delta takes no months or years here, as
   * they have no length; what it does not take either counts as not set.
   */
  private static Duration parse(@Nullable String text, Duration otherwise) {
    if (text == null) {
      return otherwise;
    }
    String[] words = text.strip().toLowerCase(Locale.ROOT).split("\\s+", -1);
    int first = words[0].equals("interval") ? 1 : 0;
    if (words.length <= first || (words.length - first) % 2 != 0) {
      return otherwise;
    }
    Duration sum = Duration.ZERO;
    for (int i = first; i < words.length; i += 2) {
      ChronoUnit unit = unit(words[i + 1]);
      if (unit == null || !words[i].matches("[+-]?\\d{1,15}")) {
        return otherwise;
      }
      sum = sum.plus(unit.getDuration().multipliedBy(Long.parseLong(words[i])));
    }
    return sum;
  }

  private static @Nullable ChronoUnit unit(String word) {
    return switch (word) {
      case "week", "weeks" -> ChronoUnit.WEEKS;
      case "day", "days" -> ChronoUnit.DAYS;
      case "hour", "hours" -> ChronoUnit.HOURS;
      case "minute", "minutes" -> ChronoUnit.MINUTES;
      case "second", "seconds" -> ChronoUnit.SECONDS;
      case "millisecond", "milliseconds" -> ChronoUnit.MILLIS;
      case "microsecond", "microseconds" -> ChronoUnit.MICROS;
      default -> null;
    };
  }
}
