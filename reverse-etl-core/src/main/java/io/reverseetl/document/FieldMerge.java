package io.reverseetl.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Set;

/** Puts top-level properties of one document into another. */
final class FieldMerge {
  private static final ObjectMapper JSON = new ObjectMapper();

  private FieldMerge() {}

  /** The stored document without the owned properties, and with those of ours. */
  static byte[] merge(byte[] stored, byte[] ours, Set<String> owned) {
    try {
      JsonNode set = JSON.readTree(ours);
      if (JSON.readTree(stored) instanceof ObjectNode merged && set instanceof ObjectNode object) {
        for (String name : owned) {
          if (!object.has(name)) {
            merged.remove(name);
          }
        }
        merged.setAll(object);
        return JSON.writeValueAsBytes(merged);
      }
    } catch (IOException e) {
      // Its message would quote the body.
    }
    throw new IllegalArgumentException("A document is one JSON object.");
  }
}
