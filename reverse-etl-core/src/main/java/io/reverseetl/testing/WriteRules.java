package io.reverseetl.testing;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.Rejection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What Cosmos DB refuses. */
final class WriteRules {
  private static final int MAX_ID_BYTES = 1_023;
  private static final int MAX_KEY_BYTES = 2_048;
  private static final int MAX_DOCUMENT_BYTES = 2 * 1_024 * 1_024;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private WriteRules() {}

  static @Nullable Rejection check(DocumentOperation operation, List<String> partitionKeyPaths) {
    DocumentKey key = operation.key();
    String id = key.id();
    if (id.isEmpty()
        || id.getBytes(StandardCharsets.UTF_8).length > MAX_ID_BYTES
        || id.chars().anyMatch(c -> c == '/' || c == '\\' || c == '?' || c == '#')) {
      return invalid("An id has 1 to 1,023 bytes and none of / \\ ? #.");
    }
    if (key.levels().size() != partitionKeyPaths.size()) {
      return invalid("The partition key has another number of levels than the container.");
    }
    for (Object level : key.levels()) {
      if (level instanceof String text
          && text.getBytes(StandardCharsets.UTF_8).length > MAX_KEY_BYTES) {
        return invalid("A partition key value has more than 2,048 bytes.");
      }
    }
    return operation.body().isPresent() ? check(operation.body().get(), partitionKeyPaths) : null;
  }

  private static @Nullable Rejection check(Document document, List<String> partitionKeyPaths) {
    if (document.sizeInBytes() > MAX_DOCUMENT_BYTES) {
      return new Rejection(
          Rejection.Reason.TOO_LARGE,
          413,
          "The document has " + document.sizeInBytes() + " bytes, but 2,097,152 are the most.");
    }
    JsonNode body;
    try {
      body = JSON.readTree(document.json());
    } catch (IOException e) {
      return invalid("The body is no JSON.");
    }
    if (!document.key().id().equals(body.path("id").textValue())) {
      return invalid("The body's property \"id\" is not the id of the key.");
    }
    for (int i = 0; i < partitionKeyPaths.size(); i++) {
      JsonNode value = body.at(partitionKeyPaths.get(i));
      if (!same(value, document.key().levels().get(i))) {
        return invalid(
            "The body's property "
                + partitionKeyPaths.get(i)
                + " is not the value of the partition key.");
      }
    }
    return null;
  }

  private static boolean same(JsonNode value, @Nullable Object level) {
    if (level == DocumentKey.ABSENT) {
      return value.isMissingNode() || value.isContainerNode();
    }
    if (level == null) {
      return value.isNull();
    }
    if (level instanceof Double number) {
      return value.isNumber() && value.doubleValue() == number;
    }
    return level instanceof Boolean
        ? level.equals(value.isBoolean() ? value.booleanValue() : null)
        : level.equals(value.textValue());
  }

  private static Rejection invalid(String message) {
    return new Rejection(Rejection.Reason.INVALID, 400, message);
  }
}
