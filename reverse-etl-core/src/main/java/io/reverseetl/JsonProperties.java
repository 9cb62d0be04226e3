package io.reverseetl;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Takes properties out of a document's JSON and puts some in, byte for byte. */
final class JsonProperties {
  private static final JsonFactory JSON = new JsonFactory();

  private JsonProperties() {}

  /**
   * A document without some of its top-level properties, and with others at its end.
   *
   * @param json one object
   * @param without names of properties to leave out
   * @param added properties as JSON text, for example {@code "deleted":true}; empty for none
   */
  static byte[] edit(byte[] json, Set<String> without, String added) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(json.length + added.length() + 1);
    out.write('{');
    boolean empty = true;
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        int start = (int) parser.currentTokenLocation().getByteOffset();
        parser.nextToken();
        parser.skipChildren();
        parser.finishToken();
        int end = (int) parser.currentLocation().getByteOffset();
        if (!without.contains(name)) {
          if (!empty) {
            out.write(',');
          }
          out.write(json, start, end - start);
          empty = false;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("A document is JSON.", e);
    }
    if (!added.isEmpty()) {
      if (!empty) {
        out.write(',');
      }
      out.writeBytes(added.getBytes(StandardCharsets.UTF_8));
    }
    out.write('}');
    return out.toByteArray();
  }
}
