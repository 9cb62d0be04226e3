package io.reverseetl.document;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Refuses plain Java values whose JSON form Jackson would change silently. */
final class PlainValues {
  private PlainValues() {}

  static void check(@Nullable Object value, String path) {
    if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (!(entry.getKey() instanceof String name)) {
          throw new IllegalArgumentException("A property name under \"" + path + "\" is no text.");
        }
        check(entry.getValue(), path.isEmpty() ? name : path + "." + name);
      }
    } else if (value instanceof Iterable<?> elements) {
      for (Object element : elements) {
        check(element, path + "[]");
      }
    } else if (value instanceof Number number) {
      if (number instanceof Double || number instanceof Float) {
        if (!Double.isFinite(number.doubleValue())) {
          throw new IllegalArgumentException(
              "Property \"" + path + "\" is NaN or infinite, which JSON cannot hold.");
        }
      }
    } else if (!(value == null || value instanceof String || value instanceof Boolean)) {
      throw new IllegalArgumentException(
          "Property \""
              + path
              + "\" is a "
              + value.getClass().getSimpleName()
              + "; use text, numbers, booleans, null, lists and maps.");
    }
  }
}
