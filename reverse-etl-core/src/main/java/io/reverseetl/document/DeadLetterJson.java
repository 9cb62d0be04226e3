package io.reverseetl.document;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.exceptions.WriteException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The stored form of dead letters, for sinks that keep them as JSON: {@code time}, {@code
 * pipeline}, {@code sourceVersion}, {@code sourceLocation}, {@code reason}, {@code message}, and
 * where the row became a document {@code documentId}, {@code partitionKey} (an array; {@code {}}
 * stands for an absent property) and {@code document}. Immutable and thread-safe.
 */
public final class DeadLetterJson {
  private static final JsonFactory JSON = new JsonFactory();
  private static final ObjectMapper TREE =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private DeadLetterJson() {}

  /**
   * Writes a letter.
   *
   * @param letter the letter
   * @return one JSON object in UTF-8 on one line; the document stands in it as JSON, or as text if
   *     it is not well formed
   */
  public static byte[] write(DeadLetter letter) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("time", letter.time().toString());
      json.writeStringField("pipeline", letter.pipeline());
      json.writeNumberField("sourceVersion", letter.sourceVersion());
      json.writeStringField("sourceLocation", letter.sourceLocation());
      json.writeStringField("reason", letter.reason());
      json.writeStringField("message", letter.message());
      if (letter.key().isPresent()) {
        write(letter.key().get(), json);
      }
      if (letter.document().isPresent()) {
        write(letter.document().get(), json);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("Memory does not fail to be written.", e);
    }
    return bytes.toByteArray();
  }

  private static void write(DocumentKey key, JsonGenerator json) throws IOException {
    json.writeStringField("documentId", key.id());
    json.writeArrayFieldStart("partitionKey");
    for (@Nullable Object level : key.levels()) {
      if (level == DocumentKey.ABSENT) {
        json.writeStartObject();
        json.writeEndObject();
      } else {
        json.writeObject(level);
      }
    }
    json.writeEndArray();
  }

  private static void write(Document document, JsonGenerator json) throws IOException {
    json.writeFieldName("document");
    if (isOneLineOfJson(document.json())) {
      json.writeRawValue(document.text());
    } else {
      json.writeString(document.text());
    }
  }

  private static boolean isOneLineOfJson(byte[] bytes) {
    for (byte each : bytes) {
      if (each == '\n' || each == '\r') {
        return false;
      }
    }
    try (JsonParser parser = JSON.createParser(bytes)) {
      parser.nextToken();
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (IOException e) {
      return false; // A mapper's own text, which the target refused for just that.
    }
  }

  /**
   * Reads what {@link #write} gave; properties that it does not know are passed over.
   *
   * @param json one JSON object in UTF-8
   * @return the letter
   * @throws WriteException if this is no dead letter
   */
  public static DeadLetter read(byte[] json) {
    try {
      JsonNode tree = TREE.readTree(json);
      if (!tree.path("time").isTextual() || !tree.path("pipeline").isTextual()) {
        throw new IllegalArgumentException("time and pipeline are missing");
      }
      Optional<DocumentKey> key = key(tree);
      JsonNode document = tree.path("document");
      return new DeadLetter(
          Instant.parse(tree.path("time").asText()),
          tree.path("pipeline").asText(),
          tree.path("sourceVersion").asLong(),
          tree.path("sourceLocation").asText(),
          tree.path("reason").asText(),
          tree.path("message").asText(),
          key,
          key.isPresent() && !document.isMissingNode()
              ? Optional.of(Document.ofJson(key.get(), body(document)))
              : Optional.empty());
    } catch (IOException | DateTimeException | IllegalArgumentException e) {
      throw new WriteException("This is no dead letter. Remove it, or restore it.", e);
    }
  }

  private static byte[] body(JsonNode document) throws IOException {
    return document.isTextual()
        ? document.textValue().getBytes(StandardCharsets.UTF_8)
        : TREE.writeValueAsBytes(document);
  }

  private static Optional<DocumentKey> key(JsonNode tree) {
    // Files of the first snapshots said "id".
    JsonNode id = tree.has("documentId") ? tree.get("documentId") : tree.path("id");
    JsonNode partitionKey = tree.path("partitionKey");
    if (!id.isTextual() || partitionKey.isEmpty()) {
      return Optional.empty();
    }
    @Nullable Object[] levels = new Object[partitionKey.size()];
    for (int i = 0; i < levels.length; i++) {
      JsonNode level = partitionKey.get(i);
      if (level.isObject()) {
        levels[i] = DocumentKey.ABSENT;
      } else if (level.isNumber()) {
        levels[i] = level.doubleValue();
      } else if (level.isBoolean()) {
        levels[i] = level.booleanValue();
      } else {
        levels[i] = level.isNull() ? null : level.textValue();
      }
    }
    return Optional.of(DocumentKey.of(id.textValue(), levels));
  }
}
