package io.reverseetl.delta;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The statistics of a file, as JSON in its add action. */
final class Statistics {
  private static final JsonFactory JSON = new JsonFactory();

  private Statistics() {}

  /** The rows of the file, deleted ones included, if the statistics tell. */
  static OptionalLong rowCount(@Nullable String statistics) {
    if (statistics == null) {
      return OptionalLong.empty();
    }
    try (JsonParser parser = JSON.createParser(statistics)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return OptionalLong.empty();
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = parser.currentName().equals("numRecords");
        JsonToken value = parser.nextToken();
        if (wanted) {
          return value == JsonToken.VALUE_NUMBER_INT
              ? OptionalLong.of(parser.getLongValue())
              : OptionalLong.empty();
        }
        parser.skipChildren();
      }
    } catch (IOException e) {
      return OptionalLong.empty(); // statistics are a help, not a promise
    }
    return OptionalLong.empty();
  }
}
