package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks a document and finds the values that place it, in one streaming pass and without building
 * a tree: a bulk load spends most of the emulator's time here. Immutable, thread-safe.
 */
final class DocumentScanner {
  static final List<String> SYSTEM_PROPERTIES =
      List.of("_rid", "_self", "_etag", "_ts", "_attachments", "_lsn");

  /** Largest accepted document, in bytes of UTF-8. */
  static final int MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;

  private static final int MAX_DEPTH = 128;
  private static final int MAX_ID_BYTES = 1_023;

  private final Node root = new Node();
  private final int keyLevels;
  private final List<List<List<String>>> uniqueKeys;
  private final int uniquePaths;

  DocumentScanner(ContainerDefinition definition) {
    root.child("id").id = true;
    root.child("ttl").ttl = true;
    for (String name : SYSTEM_PROPERTIES) {
      root.child(name).system = true;
    }
    keyLevels = definition.partitionKey().levels();
    for (int i = 0; i < keyLevels; i++) {
      root.descendant(definition.partitionKey().paths().get(i)).keyIndex = i;
    }
    uniqueKeys = definition.uniqueKeys();
    int paths = 0;
    for (List<List<String>> key : uniqueKeys) {
      for (List<String> path : key) {
        Node node = root.descendant(path);
        node.uniqueIndexes = Arrays.copyOf(node.uniqueIndexes, node.uniqueIndexes.length + 1);
        node.uniqueIndexes[node.uniqueIndexes.length - 1] = paths++;
      }
    }
    uniquePaths = paths;
  }

  /** Scans a body that must be exactly one document. */
  ScannedDocument scan(byte[] body) {
    if (body.length > MAX_DOCUMENT_BYTES) {
      throw CosmosError.tooLarge(body.length + " bytes in one document.");
    }
    try (JsonParser parser = Json.parser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw CosmosError.badRequest("A document must be a JSON object.");
      }
      ScannedDocument document = scan(parser);
      if (parser.nextToken() != null) {
        throw CosmosError.badRequest("There is more after the document's end.");
      }
      return document;
    } catch (IOException e) {
      throw CosmosError.badRequest("The document is not valid JSON: " + Json.shortMessage(e));
    }
  }

  /** Scans the object that the parser stands at the start of, up to its end. */
  ScannedDocument scan(JsonParser parser) throws IOException {
    Object[] key = new Object[keyLevels];
    Arrays.fill(key, PartitionKeyValue.UNDEFINED);
    Object[] unique = uniquePaths == 0 ? null : new Object[uniquePaths];
    Node[] nodes = new Node[MAX_DEPTH + 2];
    nodes[1] = root;
    Node wanted = null;
    String id = null;
    long ttl = ScannedDocument.NO_TTL;
    boolean system = false;
    int values = 0;
    int depth = 1;
    while (depth > 0) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw CosmosError.badRequest("The document ends too early.");
      }
      switch (token) {
        case FIELD_NAME -> {
          Node node = nodes[depth];
          wanted = node == null ? null : node.children.get(parser.currentName());
          system |= wanted != null && wanted.system;
        }
        case START_OBJECT, START_ARRAY -> {
          depth++;
          if (depth > MAX_DEPTH) {
            throw CosmosError.badRequest("The document is nested deeper than " + MAX_DEPTH + ".");
          }
          if (wanted != null && wanted.keyIndex >= 0) {
            throw CosmosError.badRequest("A partition key value must be a scalar.");
          }
          nodes[depth] = token == JsonToken.START_OBJECT ? wanted : null;
          wanted = null;
        }
        case END_OBJECT, END_ARRAY -> depth--;
        default -> {
          values++;
          if (wanted != null) {
            if (wanted.id && token == JsonToken.VALUE_STRING) {
              id = parser.getText();
            }
            if (wanted.ttl && token != JsonToken.VALUE_NULL) {
              ttl = ttl(parser, token);
            }
            if (wanted.keyIndex >= 0) {
              key[wanted.keyIndex] = PartitionKeyValue.scalar(parser, token);
            }
            for (int index : wanted.uniqueIndexes) {
              unique[index] = PartitionKeyValue.scalar(parser, token);
            }
            wanted = null;
          }
        }
      }
    }
    return new ScannedDocument(
        id, PartitionKeyValue.of(key), uniqueValues(unique), values, system, ttl);
  }

  private static long ttl(JsonParser parser, JsonToken token) throws IOException {
    long ttl = token == JsonToken.VALUE_NUMBER_INT ? parser.getLongValue() : 0;
    if (ttl != -1 && (ttl <= 0 || ttl > Integer.MAX_VALUE)) {
      throw CosmosError.badRequest("ttl must be -1 or a positive 32-bit number of seconds.");
    }
    return ttl;
  }

  private String[] uniqueValues(Object[] values) {
    if (values == null) {
      return null;
    }
    String[] joined = new String[uniqueKeys.size()];
    int at = 0;
    for (int i = 0; i < joined.length; i++) {
      Object[] parts = new Object[uniqueKeys.get(i).size()];
      for (int j = 0; j < parts.length; j++) {
        // A missing value counts as null, so that a second document without it conflicts too.
        parts[j] = values[at++];
      }
      joined[i] = PartitionKeyValue.of(parts).toJson();
    }
    return joined;
  }

  /** Refuses an id that the service would not store. */
  static void checkId(String id) {
    if (id == null || id.isEmpty()) {
      throw CosmosError.badRequest(
          "The input content is invalid because the required property 'id' is missing.");
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (c == '/' || c == '\\' || c == '?' || c == '#') {
        throw CosmosError.badRequest("The id contains an illegal character: " + c);
      }
    }
    if (id.length() * 3 > MAX_ID_BYTES
        && id.getBytes(StandardCharsets.UTF_8).length > MAX_ID_BYTES) {
      throw CosmosError.badRequest("The id is longer than " + MAX_ID_BYTES + " bytes.");
    }
  }

  /** One name on the way to a value that matters. */
  private static final class Node {
    private static final int[] NONE = new int[0];

    final Map<String, Node> children = new HashMap<>();
    boolean id;
    boolean ttl;
    boolean system;
    int keyIndex = -1;
    int[] uniqueIndexes = NONE;

    Node child(String name) {
      return children.computeIfAbsent(name, unused -> new Node());
    }

    Node descendant(List<String> path) {
      Node node = this;
      for (String name : path) {
        node = node.child(name);
      }
      return node;
    }
  }
}
