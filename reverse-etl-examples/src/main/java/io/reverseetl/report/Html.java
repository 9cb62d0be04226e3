package io.reverseetl.report;

import java.util.Locale;

/** Text and numbers for HTML. */
final class Html {
  private Html() {}

  /** Text that means itself, in content and in quoted attributes. */
  static String text(String raw) {
    StringBuilder out = new StringBuilder(raw.length() + 16);
    raw.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> {
                  boolean shown = (c >= ' ' && !Character.isSurrogate((char) c)) || c > 0xFFFF;
                  out.appendCodePoint(shown && c != 0x7F ? c : ' ');
                }
              }
            });
    return out.toString();
  }

  static String number(double value) {
    double size = Math.abs(value);
    if (size >= 1_000_000_000) {
      return String.format(Locale.ROOT, "%.1f G", value / 1_000_000_000);
    }
    if (size >= 10_000_000) {
      return String.format(Locale.ROOT, "%.1f M", value / 1_000_000);
    }
    if (size >= 100 || value == Math.rint(value)) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    return String.format(Locale.ROOT, size < 1 ? "%.2f" : "%.1f", value);
  }

  static String bytes(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    String[] units = {"KiB", "MiB", "GiB", "TiB"};
    double value = bytes;
    int unit = -1;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
  }

  /** A time of the run, as short as it can be told. */
  static String time(long millis) {
    if (millis > 0 && millis < 1_000) {
      return millis + " ms";
    }
    if (millis < 60_000) {
      return String.format(Locale.ROOT, millis % 1000 == 0 ? "%.0f s" : "%.1f s", millis / 1000.0);
    }
    long seconds = millis / 1000;
    if (seconds < 120) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return String.format(Locale.ROOT, "%d:%02d min", seconds / 60, seconds % 60);
    }
    return String.format(Locale.ROOT, "%d:%02d h", seconds / 3600, seconds / 60 % 60);
  }
}
