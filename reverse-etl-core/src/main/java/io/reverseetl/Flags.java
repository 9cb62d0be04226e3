package io.reverseetl;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.reverseetl.document.Document;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Looks for a top-level property of a document. */
final class Flags {
  private static final JsonFactory JSON = new JsonFactory();

  private Flags() {}

  static boolean has(Document document, String property) {
    return value(document, property) != null;
  }

  static boolean isSet(Document document, String property) {
    return value(document, property) == JsonToken.VALUE_TRUE;
  }

  private static @Nullable JsonToken value(Document document, String property) {
    try (JsonParser parser = JSON.createParser(document.json())) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean found = parser.currentName().equals(property);
        JsonToken value = parser.nextToken();
        if (found) {
          return value;
        }
        parser.skipChildren();
      }
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException("A document is JSON.", e);
    }
  }
}
