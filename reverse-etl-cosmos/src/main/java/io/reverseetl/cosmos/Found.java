package io.reverseetl.cosmos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.document.Document;
import java.util.List;

/**
 * A document that stands in the container.
 *
 * @param body without the properties that the service adds
 * @param etag names this state of it
 */
record Found(ObjectNode body, String etag) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> SYSTEM =
      List.of("_rid", "_self", "_etag", "_attachments", "_ts");

  static Found of(ObjectNode item, String etag) {
    ObjectNode body = item.deepCopy();
    body.remove(SYSTEM);
    return new Found(body, etag);
  }

  /** Whether its version is greater; one without a version is older than all. */
  boolean isNewerThan(long version) {
    var number = body.path(Document.SOURCE_VERSION);
    return number.isNumber() && number.doubleValue() > version;
  }

  byte[] json() {
    try {
      return JSON.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree can be written.", e);
    }
  }
}
