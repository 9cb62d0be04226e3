package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The one JSON configuration of the emulator. Thread-safe. */
final class Json {
  /** Deeper than the service's limit of 128, so that the refusal is the emulator's own. */
  private static final int MAX_PARSER_DEPTH = 2_000;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_PARSER_DEPTH)
                  .maxStringLength(64 * 1024 * 1024)
                  .build())
          .build();

  static final ObjectMapper MAPPER =
      new ObjectMapper(FACTORY).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Json() {}

  static JsonParser parser(byte[] bytes) throws IOException {
    return FACTORY.createParser(bytes);
  }

  static JsonParser parser(byte[] bytes, int offset, int length) throws IOException {
    return FACTORY.createParser(bytes, offset, length);
  }

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** Parses a request body that must be an object; anything else is the client's mistake. */
  static ObjectNode readObject(byte[] bytes) {
    JsonNode node;
    try {
      node = MAPPER.readTree(bytes);
    } catch (IOException e) {
      throw CosmosError.badRequest("The request body is not valid JSON: " + shortMessage(e));
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw CosmosError.badRequest("The request body must be a JSON object.");
  }

  /** Parses bytes that the emulator wrote or checked itself. */
  static ObjectNode readStored(byte[] bytes) {
    try {
      return (ObjectNode) MAPPER.readTree(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("A stored document is not JSON", e);
    }
  }

  /** Parses an array that the emulator wrote itself. */
  static ArrayNode readArray(byte[] bytes) {
    try {
      return (ArrayNode) MAPPER.readTree(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("An answer is not JSON", e);
    }
  }

  static byte[] write(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write a JSON tree", e);
    }
  }

  static String escape(String text) {
    return new String(JsonStringEncoder.getInstance().quoteAsString(text));
  }

  static String shortMessage(IOException e) {
    String message = String.valueOf(e.getMessage());
    int lineEnd = message.indexOf('\n');
    return lineEnd < 0 ? message : message.substring(0, lineEnd);
  }
}
