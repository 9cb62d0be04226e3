package io.reverseetl.reduce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.document.Document;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;

/**
 * Of what a document says rather than how it is spelt: the order of properties and the form of
 * numbers make no difference, as a target may change both. The source version is left out.
 */
public final class CanonicalDigest implements Digest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Digest bytes = Digest.ofBytes();

  @Override
  public byte[] of(byte[] json) {
    StringBuilder text = new StringBuilder(json.length);
    try {
      write(JSON.readTree(json), true, text);
    } catch (IOException e) {
      throw new UncheckedIOException("A document is JSON.", e);
    }
    return bytes.of(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void write(JsonNode value, boolean top, StringBuilder out) {
    if (value.isObject()) {
      TreeMap<String, JsonNode> properties = new TreeMap<>();
      value.fields().forEachRemaining(field -> properties.put(field.getKey(), field.getValue()));
      out.append('{');
      properties.forEach(
          (name, property) -> {
            if (!top || !name.equals(Document.SOURCE_VERSION)) {
              out.append(name.length()).append(':').append(name);
              write(property, false, out);
            }
          });
      out.append('}');
    } else if (value.isArray()) {
      out.append('[');
      value.forEach(element -> write(element, false, out));
      out.append(']');
    } else if (value.isNumber()) {
      // The target keeps every number as a double, and has no negative zero worth the name.
      double number = value.doubleValue();
      out.append('n').append(number == 0 ? 0.0 : number).append(',');
    } else {
      String text = value.asText();
      out.append(value.isTextual() ? 's' : 'l').append(text.length()).append(':').append(text);
    }
  }
}
