package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The values of one document's partition key, one element per path: a {@link String}, {@link
 * Double}, {@link Boolean}, {@link #NULL} or {@link #UNDEFINED}. Immutable.
 */
final class PartitionKeyValue {
  /** A key path that is present and holds JSON null. */
  static final Object NULL =
      new Object() {
        @Override
        public String toString() {
          return "null";
        }
      };

  /** A key path that the document does not have. */
  static final Object UNDEFINED =
      new Object() {
        @Override
        public String toString() {
          return "{}";
        }
      };

  private static final int MAX_CACHED_HEADER = 64;

  private final Object[] components;
  private final int hash;

  private PartitionKeyValue(Object[] components) {
    this.components = components;
    this.hash = Arrays.hashCode(components);
  }

  /** Takes ownership of the array. */
  static PartitionKeyValue of(Object... components) {
    for (int i = 0; i < components.length; i++) {
      components[i] = canonical(components[i]);
    }
    return new PartitionKeyValue(components);
  }

  /** Reads the form of the partition key header: a JSON array, {@code {}} for an absent value. */
  static PartitionKeyValue parse(String json) {
    int length = json.length();
    // The everyday key is one plain string; a JSON parser for it would cost more than the upsert.
    if (length >= 4
        && length <= MAX_CACHED_HEADER + 4
        && json.startsWith("[\"")
        && json.endsWith("\"]")
        && json.indexOf('"', 2) == length - 2
        && json.indexOf('\\') < 0) {
      return new PartitionKeyValue(new Object[] {json.substring(2, length - 2)});
    }
    try (JsonParser parser = Json.parser(json.getBytes(StandardCharsets.UTF_8))) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw invalid(json);
      }
      List<Object> values = new ArrayList<>(3);
      for (JsonToken token = parser.nextToken();
          token != JsonToken.END_ARRAY;
          token = parser.nextToken()) {
        if (token == JsonToken.START_OBJECT && parser.nextToken() == JsonToken.END_OBJECT) {
          values.add(UNDEFINED);
        } else {
          Object value = token == null ? null : scalar(parser, token);
          if (value == null) {
            throw invalid(json);
          }
          values.add(value);
        }
      }
      return of(values.toArray());
    } catch (IOException e) {
      throw invalid(json);
    }
  }

  private static CosmosError invalid(String json) {
    return CosmosError.badRequest("Partition key " + json + " is invalid.");
  }

  /** Returns the key form of a scalar at the parser's position, or null for anything else. */
  static Object scalar(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> canonical(parser.getDoubleValue());
      case VALUE_TRUE -> Boolean.TRUE;
      case VALUE_FALSE -> Boolean.FALSE;
      case VALUE_NULL -> NULL;
      default -> null;
    };
  }

  private static Object canonical(Object value) {
    if (value == null) {
      return NULL;
    }
    if (value instanceof Number number) {
      double asDouble = number.doubleValue();
      // 0.0 and -0.0 are one number to a reader but two to Double.equals and to the hash.
      return asDouble == 0.0 ? Double.valueOf(0.0) : Double.valueOf(asDouble);
    }
    return value;
  }

  int size() {
    return components.length;
  }

  Object component(int index) {
    return components[index];
  }

  /** Whether this key begins with all values of the other. */
  boolean startsWith(PartitionKeyValue prefix) {
    if (prefix.components.length > components.length) {
      return false;
    }
    for (int i = 0; i < prefix.components.length; i++) {
      if (!components[i].equals(prefix.components[i])) {
        return false;
      }
    }
    return true;
  }

  /** Returns the header form, a JSON array. */
  String toJson() {
    StringBuilder json = new StringBuilder("[");
    for (Object component : components) {
      if (json.length() > 1) {
        json.append(',');
      }
      if (component instanceof String text) {
        json.append('"').append(Json.escape(text)).append('"');
      } else {
        json.append(component);
      }
    }
    return json.append(']').toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PartitionKeyValue that
        && hash == that.hash
        && Arrays.equals(components, that.components);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return toJson();
  }
}
