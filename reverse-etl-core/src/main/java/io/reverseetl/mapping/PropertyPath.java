package io.reverseetl.mapping;

import java.util.List;

/** Where a property stands in a document: {@code name}, {@code a.b} or {@code /a/b}. */
final class PropertyPath {
  private PropertyPath() {}

  /** The names from the document downwards. */
  static List<String> parse(String text) {
    return text.startsWith("/")
        ? List.of(text.substring(1).split("/", -1))
        : List.of(text.split("\\.", -1));
  }

  static String print(List<String> names) {
    return "/" + String.join("/", names);
  }

  /** What is wrong with a path, or an empty text. */
  static String problem(String text) {
    List<String> names = parse(text);
    for (String name : names) {
      if (name.isEmpty()) {
        return "has an empty name in it";
      }
      if (name.indexOf('/') >= 0) {
        return "has a / in a name; begin it with / if it is a path";
      }
      if (!Utf8.isValid(name)) {
        return "is not valid Unicode";
      }
    }
    return names.size() >= ValueWriter.MAX_NESTING ? "is too deep" : "";
  }
}
