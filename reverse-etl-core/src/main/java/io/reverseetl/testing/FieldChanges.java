package io.reverseetl.testing;

import io.reverseetl.document.FieldChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Applies the changes of a patch to plain Java values, as Cosmos DB does to a document. */
final class FieldChanges {
  private FieldChanges() {}

  /**
   * The body after the changes; the one given stays as it is.
   *
   * @throws IllegalArgumentException if a path leads nowhere, or to a value of another kind
   */
  static Map<String, @Nullable Object> apply(
      Map<String, @Nullable Object> body, List<FieldChange> changes) {
    Map<String, @Nullable Object> changed = object(copy(body));
    for (FieldChange change : changes) {
      String[] names = change.path().substring(1).split("/", -1);
      Object parent = changed;
      for (int i = 0; i < names.length - 1; i++) {
        parent = child(parent, unescaped(names[i]));
      }
      String last = unescaped(names[names.length - 1]);
      if (parent instanceof List<?>) {
        inArray(array(parent), last, change);
      } else {
        inObject(object(parent), last, change);
      }
    }
    return changed;
  }

  private static void inObject(
      Map<String, @Nullable Object> object, String name, FieldChange change) {
    switch (change.kind()) {
      case SET, ADD -> object.put(name, change.value());
      case REPLACE -> {
        require(object.containsKey(name));
        object.put(name, change.value());
      }
      case REMOVE -> {
        require(object.containsKey(name));
        object.remove(name);
      }
      case INCREMENT -> object.put(name, sum(object.getOrDefault(name, 0), change.value()));
    }
  }

  private static void inArray(List<@Nullable Object> array, String name, FieldChange change) {
    int index = name.equals("-") ? array.size() : index(name);
    boolean atEnd = index == array.size();
    require(index >= 0 && index <= array.size());
    switch (change.kind()) {
      case ADD -> array.add(index, change.value());
      case SET -> {
        if (atEnd) {
          array.add(change.value());
        } else {
          array.set(index, change.value());
        }
      }
      case REPLACE -> {
        require(!atEnd);
        array.set(index, change.value());
      }
      case REMOVE -> {
        require(!atEnd);
        array.remove(index);
      }
      case INCREMENT -> {
        require(!atEnd);
        array.set(index, sum(array.get(index), change.value()));
      }
    }
  }

  private static Object sum(@Nullable Object before, @Nullable Object amount) {
    if (!(before instanceof Number first) || !(amount instanceof Number second)) {
      throw nowhere();
    }
    double sum = first.doubleValue() + second.doubleValue();
    // Written as a long where it is one, as the service does.
    return sum == Math.rint(sum) && Math.abs(sum) < 1e15 ? (Object) (long) sum : (Object) sum;
  }

  private static Object child(Object parent, String name) {
    Object child;
    if (parent instanceof List<?> list) {
      int index = index(name);
      require(index >= 0 && index < list.size());
      child = list.get(index);
    } else {
      child = object(parent).get(name);
    }
    if (!(child instanceof Map || child instanceof List)) {
      throw nowhere();
    }
    return child;
  }

  private static int index(String name) {
    return Integer.parseInt(name); // A NumberFormatException is an IllegalArgumentException.
  }

  private static String unescaped(String name) {
    return name.replace("~1", "/").replace("~0", "~");
  }

  private static void require(boolean right) {
    if (!right) {
      throw nowhere();
    }
  }

  private static IllegalArgumentException nowhere() {
    return new IllegalArgumentException("The path leads nowhere, or to another kind.");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, @Nullable Object> object(@Nullable Object value) {
    if (!(value instanceof Map)) {
      throw nowhere();
    }
    return (Map<String, @Nullable Object>) value;
  }

  @SuppressWarnings("unchecked")
  private static List<@Nullable Object> array(@Nullable Object value) {
    if (!(value instanceof List)) {
      throw nowhere();
    }
    return (List<@Nullable Object>) value;
  }

  private static @Nullable Object copy(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
      map.forEach((name, inner) -> copy.put(name, copy(inner)));
      return copy;
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> copy = new ArrayList<>();
      list.forEach(inner -> copy.add(copy(inner)));
      return copy;
    }
    return value;
  }
}
