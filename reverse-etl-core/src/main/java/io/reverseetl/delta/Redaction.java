package io.reverseetl.delta;

import java.util.regex.Pattern;

/** Takes secrets out of what is shown to people. */
final class Redaction {
  private static final Pattern PASSWORD = Pattern.compile("(?<=://)[^/@\\s]*:[^/@\\s]*@");
  private static final Pattern QUERY =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*://[^?\\s\"]*)\\?[^\\s\"]*");
  private static final Pattern TOKEN =
      Pattern.compile("(?i)\\b(sig|sv|se|key|token|password)=[^&\\s\"]+");

  private Redaction() {}

  /**
   * A URI without password and without query (a shared access signature). The container before the
   * {@code @} of {@code abfss://container@account} is no secret and stays.
   */
  static String uri(String uri) {
    String safe = PASSWORD.matcher(uri).replaceAll("***@");
    return QUERY.matcher(safe).replaceAll("$1");
  }

  /** A message that may hold such URIs. */
  static String text(String text) {
    return TOKEN.matcher(uri(text)).replaceAll("$1=***");
  }
}
