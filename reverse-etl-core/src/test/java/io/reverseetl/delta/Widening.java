package io.reverseetl.delta;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.delta.ChangeLines.Read;
import java.util.List;

/**
 * Rows that were read in an older schema, as they are in a newer one that only has more columns:
 * with null in these.
 */
final class Widening {
  private Widening() {}

  static List<String> normalise(List<Read> changes, JsonNode schema) {
    return changes.stream()
        .map(
            c ->
                c.version()
                    + " "
                    + c.typeName()
                    + " "
                    + CanonicalLines.normalise(
                        widen(CanonicalLines.parse(c.row()), schema), schema))
        .sorted()
        .toList();
  }

  static JsonNode widen(JsonNode value, JsonNode type) {
    if (value.isNull() || type.isTextual()) {
      return value;
    }
    return switch (type.get("type").asText()) {
      case "struct" -> {
        ObjectNode wide = JsonNodeFactory.instance.objectNode();
        for (JsonNode field : type.get("fields")) {
          String name = field.get("name").asText();
          JsonNode inner = value.path(name);
          wide.set(
              name,
              inner.isMissingNode()
                  ? JsonNodeFactory.instance.nullNode()
                  : widen(inner, field.get("type")));
        }
        yield wide;
      }
      case "array" -> {
        var wide = JsonNodeFactory.instance.arrayNode();
        value.forEach(element -> wide.add(widen(element, type.get("elementType"))));
        yield wide;
      }
      case "map" -> {
        var wide = JsonNodeFactory.instance.arrayNode();
        for (JsonNode entry : value) {
          ObjectNode pair = JsonNodeFactory.instance.objectNode();
          pair.set("key", widen(entry.get("key"), type.get("keyType")));
          pair.set("value", widen(entry.get("value"), type.get("valueType")));
          wide.add(pair);
        }
        yield wide;
      }
      default -> value;
    };
  }
}
