package io.reverseetl.mapping;

import io.reverseetl.exceptions.MappingException;
import io.reverseetl.table.Values;
import java.nio.charset.StandardCharsets;

/** Text that is valid Unicode, or a clear error. */
final class Utf8 {
  private Utf8() {}

  /** The text of a column in UTF-8, checked. */
  static byte[] of(Values values, int index, String column) {
    byte[] bytes;
    try {
      bytes = values.getUtf8(index);
    } catch (IllegalArgumentException e) {
      throw notUnicode(column);
    }
    if (!isValid(bytes)) {
      throw notUnicode(column);
    }
    return bytes;
  }

  /** Text in UTF-8, checked. */
  static byte[] of(String text, String column) {
    if (!isValid(text)) {
      throw notUnicode(column);
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static MappingException notUnicode(String column) {
    return new MappingException(
        column,
        "The text of \""
            + column
            + "\" is not valid Unicode (a broken character). Mend the data, or exclude it.");
  }

  static boolean isValid(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (Character.isLowSurrogate(c)
            || i + 1 == text.length()
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  static boolean isValid(byte[] bytes) {
    int i = 0;
    while (i < bytes.length) {
      int b = bytes[i];
      if (b >= 0) {
        i++;
        continue;
      }
      int length = sequenceLength(b & 0xFF);
      if (length == 0 || i + length > bytes.length || !isSequence(bytes, i, length)) {
        return false;
      }
      i += length;
    }
    return true;
  }

  private static int sequenceLength(int first) {
    if (first >= 0xC2 && first <= 0xDF) {
      return 2;
    }
    if (first >= 0xE0 && first <= 0xEF) {
      return 3;
    }
    return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
  }

  private static boolean isSequence(byte[] bytes, int start, int length) {
    for (int i = start + 1; i < start + length; i++) {
      if ((bytes[i] & 0xC0) != 0x80) {
        return false;
      }
    }
    int first = bytes[start] & 0xFF;
    int second = length > 2 ? bytes[start + 1] & 0xFF : 0;
    // Longer than needed, surrogates, and beyond the last code point.
    return !((first == 0xE0 && second < 0xA0)
        || (first == 0xED && second > 0x9F)
        || (first == 0xF0 && second < 0x90)
        || (first == 0xF4 && second > 0x8F));
  }
}
