package io.reverseetl.delta;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares canonical lines by the rules of the corpus: floating point by bits, variants as JSON,
 * everything else as text.
 */
public final class CanonicalLines {
  private static final ObjectReader JSON =
      new ObjectMapper().reader(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private CanonicalLines() {}

  /** The lines in a form and an order in which equal rows are equal texts. */
  public static List<String> normalise(List<String> lines, JsonNode schema) {
    List<String> normal = new ArrayList<>(lines.size());
    for (String line : lines) {
      normal.add(normalise(parse(line), schema));
    }
    Collections.sort(normal);
    return normal;
  }

  /** A value in a form in which equal values are equal texts. */
  static String normalise(JsonNode value, JsonNode schema) {
    StringBuilder out = new StringBuilder();
    normalise(value, schema, out);
    return out.toString();
  }

  static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not JSON: " + json, e);
    }
  }

  private static void normalise(JsonNode value, JsonNode type, StringBuilder out) {
    if (value.isNull()) {
      out.append("null");
    } else if (type.isTextual()) {
      switch (type.asText()) {
        case "double" ->
            out.append(
                value.isNumber()
                    ? Long.toHexString(Double.doubleToLongBits(Double.parseDouble(number(value))))
                    : value.asText());
        case "float" ->
            out.append(
                value.isNumber()
                    ? Integer.toHexString(Float.floatToIntBits(Float.parseFloat(number(value))))
                    : value.asText());
        case "variant" -> variant(parse(value.asText()), out);
        default -> out.append(value);
      }
    } else {
      switch (type.get("type").asText()) {
        case "struct" -> {
          out.append('{');
          var names = value.fieldNames();
          for (JsonNode field : type.get("fields")) {
            String name = field.get("name").asText();
            if (!names.hasNext() || !names.next().equals(name)) {
              throw new AssertionError("field " + name + " expected in " + value);
            }
            out.append(name).append(':');
            normalise(value.get(name), field.get("type"), out);
            out.append(',');
          }
          if (names.hasNext()) {
            throw new AssertionError("unexpected field " + names.next() + " in " + value);
          }
          out.append('}');
        }
        case "array" -> {
          out.append('[');
          for (JsonNode element : value) {
            normalise(element, type.get("elementType"), out);
            out.append(',');
          }
          out.append(']');
        }
        case "map" -> {
          out.append('[');
          for (JsonNode entry : value) {
            normalise(entry.get("key"), type.get("keyType"), out);
            out.append("->");
            normalise(entry.get("value"), type.get("valueType"), out);
            out.append(',');
          }
          out.append(']');
        }
        default -> throw new AssertionError("unknown type " + type);
      }
    }
  }

  /** BigDecimal knows no negative zero. */
  private static String number(JsonNode value) {
    return value.asText();
  }

  private static void variant(JsonNode value, StringBuilder out) {
    if (value.isObject()) {
      Map<String, JsonNode> fields = new TreeMap<>();
      value.fields().forEachRemaining(f -> fields.put(f.getKey(), f.getValue()));
      out.append('{');
      fields.forEach(
          (key, field) -> {
            out.append(key).append(':');
            variant(field, out);
            out.append(',');
          });
      out.append('}');
    } else if (value.isArray()) {
      out.append('[');
      value.forEach(
          element -> {
            variant(element, out);
            out.append(',');
          });
      out.append(']');
    } else if (value.isNumber()) {
      out.append(new BigDecimal(value.asText()).stripTrailingZeros());
    } else {
      out.append(value);
    }
  }
}
