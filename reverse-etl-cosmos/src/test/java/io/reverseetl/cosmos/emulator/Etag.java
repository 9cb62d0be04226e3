package io.reverseetl.cosmos.emulator;

/** The text form of etags: a quoted, GUID-like string made of a rising number. */
final class Etag {
  private static final char[] DIGITS = "0123456789abcdef".toCharArray();

  private Etag() {}

  static String format(long number) {
    char[] text = "\"00000000-0000-0000-0000-000000000000\"".toCharArray();
    long rest = number;
    for (int i = text.length - 2; rest != 0; i--) {
      if (text[i] != '-') {
        text[i] = DIGITS[(int) (rest & 15)];
        rest >>>= 4;
      }
    }
    return new String(text);
  }

  /** Whether a condition header names this etag; a star names every one. */
  static boolean matches(String condition, long number) {
    return condition.equals("*") || condition.equals(format(number));
  }
}
