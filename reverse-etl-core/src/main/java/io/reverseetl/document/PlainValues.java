package io.reverseetl.document;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Refuses plain Java values that Jackson or Cosmos DB would change silently. */
final class PlainValues {
  /** How deeply objects and arrays may nest in a document, the document included. */
  private static final int MAX_NESTING = 128;

  private PlainValues() {}

  static void check(Map<?, ?> body) {
    check(body, "", 1);
  }

  private static void check(@Nullable Object value, String path, int depth) {
    if (value instanceof Map<?, ?> map) {
      checkNesting(path, depth);
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (!(entry.getKey() instanceof String name)) {
          throw new IllegalArgumentException("A property name under \"" + path + "\" is no text.");
        }
        checkText(name, path);
        check(entry.getValue(), path.isEmpty() ? name : path + "." + name, depth + 1);
      }
    } else if (value instanceof Iterable<?> elements) {
      checkNesting(path, depth);
      for (Object element : elements) {
        check(element, path + "[]", depth + 1);
      }
    } else if (value instanceof String text) {
      checkText(text, path);
    } else if (value instanceof Number number && isPlain(number)) {
      checkNumber(number, path);
    } else if (!(value == null || value instanceof Boolean)) {
      throw new IllegalArgumentException(
          "Property \""
              + path
              + "\" is a "
              + value.getClass().getSimpleName()
              + "; use text, numbers, booleans, null, lists and maps.");
    }
  }

  /** Whether the class is one of those whose value is known here; others might hide digits. */
  static boolean isPlain(Number number) {
    return number instanceof Integer
        || number instanceof Long
        || number instanceof Double
        || number instanceof Float
        || number instanceof Short
        || number instanceof Byte
        || number instanceof BigDecimal
        || number instanceof BigInteger;
  }

  private static void checkNumber(Number number, String path) {
    if ((number instanceof Double || number instanceof Float)
        && !Double.isFinite(number.doubleValue())) {
      throw new IllegalArgumentException(
          "Property \"" + path + "\" is NaN or infinite, which JSON cannot hold.");
    }
    if ((number instanceof Long integer && !DoubleExactness.isExact(integer))
        || (number instanceof BigInteger big && !DoubleExactness.isExact(big))
        || (number instanceof BigDecimal decimal && !DoubleExactness.isExact(decimal))) {
      throw new IllegalArgumentException(
          "Property \""
              + path
              + "\" is a number that Cosmos DB, which keeps doubles, would round. Give its text, or"
              + " round it yourself with doubleValue().");
    }
  }

  private static void checkText(String text, String path) {
    // Pairs of surrogates are one code point here, so what is left of them is broken.
    if (text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw new IllegalArgumentException(
          "Property \"" + path + "\", or a name under it, is not valid Unicode.");
    }
  }

  private static void checkNesting(String path, int depth) {
    if (depth > MAX_NESTING) {
      throw new IllegalArgumentException(
          "Property \""
              + path.substring(0, Math.min(path.length(), 40))
              + "...\" nests deeper than the "
              + MAX_NESTING
              + " levels that Cosmos DB takes.");
    }
  }
}
