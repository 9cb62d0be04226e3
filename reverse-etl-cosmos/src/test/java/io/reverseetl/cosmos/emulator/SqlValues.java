package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** How values compare and what the built-in functions do; null stands for undefined. */
final class SqlValues {
  static final Set<String> AGGREGATES = Set.of("COUNT", "SUM", "MIN", "MAX", "AVG");

  private static final Set<String> FUNCTIONS =
      Set.of(
          "IS_DEFINED",
          "IS_NULL",
          "IS_STRING",
          "IS_NUMBER",
          "IS_BOOL",
          "IS_ARRAY",
          "IS_OBJECT",
          "IS_PRIMITIVE",
          "STARTSWITH",
          "ENDSWITH",
          "CONTAINS",
          "ARRAY_CONTAINS",
          "ARRAY_LENGTH",
          "LENGTH",
          "LOWER",
          "UPPER");

  private SqlValues() {}

  static boolean isFunction(String name) {
    return FUNCTIONS.contains(name);
  }

  /** Position of a value's type in the order of types. */
  static int rank(JsonNode value) {
    if (value == null) {
      return 0;
    }
    return switch (value.getNodeType()) {
      case NULL -> 1;
      case BOOLEAN -> 2;
      case NUMBER -> 3;
      case STRING -> 4;
      case ARRAY -> 5;
      default -> 6;
    };
  }

  /** Orders any two values: first by type, then by value. */
  static int compare(JsonNode a, JsonNode b) {
    int byType = Integer.compare(rank(a), rank(b));
    if (byType != 0 || a == null) {
      return byType;
    }
    return switch (a.getNodeType()) {
      case BOOLEAN -> Boolean.compare(a.booleanValue(), b.booleanValue());
      case NUMBER -> Double.compare(a.doubleValue(), b.doubleValue());
      case STRING -> a.textValue().compareTo(b.textValue());
      default -> 0;
    };
  }

  static boolean areEqual(JsonNode a, JsonNode b) {
    if (rank(a) != rank(b)) {
      return false;
    }
    if (a.isArray()) {
      if (a.size() != b.size()) {
        return false;
      }
      for (int i = 0; i < a.size(); i++) {
        if (!areEqual(a.get(i), b.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (a.isObject()) {
      if (a.size() != b.size()) {
        return false;
      }
      for (Iterator<Map.Entry<String, JsonNode>> it = a.fields(); it.hasNext(); ) {
        Map.Entry<String, JsonNode> field = it.next();
        JsonNode other = b.get(field.getKey());
        if (other == null || !areEqual(field.getValue(), other)) {
          return false;
        }
      }
      return true;
    }
    return compare(a, b) == 0;
  }

  static JsonNode call(String function, JsonNode[] values) {
    JsonNode first = values.length > 0 ? values[0] : null;
    return switch (function) {
      case "IS_DEFINED" -> BooleanNode.valueOf(first != null);
      case "IS_NULL" -> BooleanNode.valueOf(first != null && first.isNull());
      case "IS_STRING" -> BooleanNode.valueOf(first != null && first.isTextual());
      case "IS_NUMBER" -> BooleanNode.valueOf(first != null && first.isNumber());
      case "IS_BOOL" -> BooleanNode.valueOf(first != null && first.isBoolean());
      case "IS_ARRAY" -> BooleanNode.valueOf(first != null && first.isArray());
      case "IS_OBJECT" -> BooleanNode.valueOf(first != null && first.isObject());
      case "IS_PRIMITIVE" -> BooleanNode.valueOf(first != null && !first.isContainerNode());
      case "ARRAY_CONTAINS" -> arrayContains(first, values.length > 1 ? values[1] : null);
      case "ARRAY_LENGTH" ->
          first != null && first.isArray() ? IntNode.valueOf(first.size()) : null;
      default -> onText(function, values);
    };
  }

  private static JsonNode onText(String function, JsonNode[] values) {
    JsonNode first = values.length > 0 ? values[0] : null;
    if (first == null || !first.isTextual()) {
      return null;
    }
    switch (function) {
      case "LENGTH" -> {
        return IntNode.valueOf(first.textValue().length());
      }
      case "LOWER" -> {
        return TextNode.valueOf(first.textValue().toLowerCase(Locale.ROOT));
      }
      case "UPPER" -> {
        return TextNode.valueOf(first.textValue().toUpperCase(Locale.ROOT));
      }
      default -> {
        if (values.length < 2 || values[1] == null || !values[1].isTextual()) {
          return null;
        }
        boolean ignoreCase = values.length > 2 && SqlExpression.isTrue(values[2]);
        String text = ignoreCase ? first.textValue().toLowerCase(Locale.ROOT) : first.textValue();
        String part =
            ignoreCase ? values[1].textValue().toLowerCase(Locale.ROOT) : values[1].textValue();
        return BooleanNode.valueOf(
            switch (function) {
              case "STARTSWITH" -> text.startsWith(part);
              case "ENDSWITH" -> text.endsWith(part);
              default -> text.contains(part);
            });
      }
    }
  }

  private static JsonNode arrayContains(JsonNode array, JsonNode value) {
    if (array == null || !array.isArray() || value == null) {
      return null;
    }
    for (JsonNode element : array) {
      if (areEqual(element, value)) {
        return BooleanNode.TRUE;
      }
    }
    return BooleanNode.FALSE;
  }

  static JsonNode number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 0x1p53
        ? LongNode.valueOf((long) value)
        : DoubleNode.valueOf(value);
  }

  /** One aggregate's running value. Not thread-safe. */
  static final class Accumulator {
    private final String function;
    private long count;
    private double sum;
    private boolean undefined;
    private JsonNode extreme;

    Accumulator(String function) {
      this.function = function;
    }

    void add(JsonNode value) {
      if (value == null) {
        return;
      }
      count++;
      switch (function) {
        case "SUM", "AVG" -> {
          undefined |= !value.isNumber();
          sum += value.doubleValue();
        }
        case "MIN" -> extreme = extreme == null || compare(value, extreme) < 0 ? value : extreme;
        case "MAX" -> extreme = extreme == null || compare(value, extreme) > 0 ? value : extreme;
        default -> {}
      }
    }

    JsonNode result() {
      return switch (function) {
        case "COUNT" -> LongNode.valueOf(count);
        case "SUM" -> undefined ? null : number(sum);
        case "AVG" -> undefined || count == 0 ? null : number(sum / count);
        default -> extreme;
      };
    }
  }
}
