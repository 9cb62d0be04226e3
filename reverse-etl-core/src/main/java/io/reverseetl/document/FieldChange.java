package io.reverseetl.document;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One change of one part of a document.
 *
 * @param kind what is done
 * @param path where, as {@code /a} or {@code /a/b}; {@code ~1} stands for a slash and {@code ~0}
 *     for a tilde in a name. All but the last name must be there
 * @param value a string, number, boolean, null, list or map; null for {@link Kind#REMOVE}
 */
public record FieldChange(Kind kind, String path, @Nullable Object value) {

  /** What is done to the part. */
  public enum Kind {
    /** It becomes the value, whether or not it was there. */
    SET,
    /** As {@link #SET}, but in an array the value is inserted; at {@code /-} at its end. */
    ADD,
    /** It becomes the value; the target rejects the operation if it was not there. */
    REPLACE,
    /** It goes; the target rejects the operation if it was not there. */
    REMOVE,
    /** The value is added to the number that stands there; one that is not there counts as 0. */
    INCREMENT
  }

  /**
   * Checks the change.
   *
   * @throws IllegalArgumentException if the path has another form, names the id, or the value has
   *     no JSON form
   */
  public FieldChange {
    Objects.requireNonNull(kind, "kind");
    if (!path.startsWith("/") || path.length() == 1 || path.equals("/id")) {
      throw new IllegalArgumentException(
          "A path is written as /a or /a/b, and the id cannot be changed.");
    }
    if (kind == Kind.INCREMENT && !(value instanceof Number)) {
      throw new IllegalArgumentException("Only a number can be added to a number.");
    }
    Map<String, @Nullable Object> one = new HashMap<>();
    one.put("value", value);
    PlainValues.check(one);
  }

  /**
   * Makes a part have a value.
   *
   * @param path where
   * @param value what it becomes
   * @return the change
   */
  public static FieldChange set(String path, @Nullable Object value) {
    return new FieldChange(Kind.SET, path, value);
  }

  /**
   * Inserts into an array, or makes a property have a value.
   *
   * @param path where
   * @param value what it becomes
   * @return the change
   */
  public static FieldChange add(String path, @Nullable Object value) {
    return new FieldChange(Kind.ADD, path, value);
  }

  /**
   * Makes a part that is there have a value.
   *
   * @param path where
   * @param value what it becomes
   * @return the change
   */
  public static FieldChange replace(String path, @Nullable Object value) {
    return new FieldChange(Kind.REPLACE, path, value);
  }

  /**
   * Takes a part out.
   *
   * @param path where
   * @return the change
   */
  public static FieldChange remove(String path) {
    return new FieldChange(Kind.REMOVE, path, null);
  }

  /**
   * Adds to a number.
   *
   * @param path where
   * @param amount how much, negative to subtract
   * @return the change
   */
  public static FieldChange increment(String path, Number amount) {
    return new FieldChange(Kind.INCREMENT, path, amount);
  }

  /**
   * Whether doing it twice is the same as doing it once.
   *
   * @return false for what adds, and for {@link Kind#REMOVE}, which fails the second time
   */
  public boolean isRepeatable() {
    return kind == Kind.SET || kind == Kind.REPLACE;
  }

  /** About how long it is as JSON. */
  int sizeInBytes() {
    return path.length() + size(value);
  }

  private static int size(@Nullable Object value) {
    if (value instanceof String text) {
      return 2 + text.length();
    }
    if (value instanceof Map<?, ?> map) {
      return 2 + map.entrySet().stream().mapToInt(e -> size(e.getKey()) + size(e.getValue())).sum();
    }
    return value instanceof List<?> list ? 2 + list.stream().mapToInt(FieldChange::size).sum() : 8;
  }

  /** Says what is done where; the value is kept out of logs. */
  @Override
  public String toString() {
    return kind + " " + path;
  }
}
