package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** A container's partition key: its paths, and how a value becomes a place in the key space. */
final class PartitionKeyDefinition {
  private enum Kind {
    HASH_V1,
    HASH_V2,
    MULTI_HASH
  }

  private static final int MAX_LEVELS = 3;
  private static final int MAX_COMPONENT_BYTES = 2_048;
  private static final int MAX_COMPONENT_BYTES_V1 = 101;
  private static final int TRUNCATED_CHARS_V1 = 100;
  private static final byte[] LAST = {(byte) 0xFF};

  private final Kind kind;
  private final List<List<String>> paths;
  private final ObjectNode json;

  private PartitionKeyDefinition(Kind kind, List<List<String>> paths, ObjectNode json) {
    this.kind = kind;
    this.paths = paths;
    this.json = json;
  }

  static PartitionKeyDefinition parse(JsonNode node) {
    if (node == null || !node.path("paths").isArray() || node.path("paths").isEmpty()) {
      throw CosmosError.badRequest("A container needs a partitionKey with at least one path.");
    }
    List<List<String>> paths = new ArrayList<>();
    for (JsonNode path : node.get("paths")) {
      paths.add(parsePath(path.asText()));
    }
    boolean multiHash = node.path("kind").asText("Hash").equalsIgnoreCase("MultiHash");
    if (multiHash ? paths.size() > MAX_LEVELS : paths.size() > 1) {
      throw CosmosError.badRequest("Too many partition key paths: " + paths.size());
    }
    String version = node.path("version").asText("1");
    boolean second = version.equalsIgnoreCase("V2") || version.equals("2");
    if (multiHash && node.has("version") && !second) {
      throw CosmosError.badRequest("MultiHash keys need version 2.");
    }
    Kind kind = multiHash ? Kind.MULTI_HASH : second ? Kind.HASH_V2 : Kind.HASH_V1;

    ObjectNode json = Json.object();
    ArrayNode jsonPaths = json.putArray("paths");
    node.get("paths").forEach(jsonPaths::add);
    json.put("kind", multiHash ? "MultiHash" : "Hash");
    if (kind != Kind.HASH_V1) {
      json.put("version", 2);
    }
    return new PartitionKeyDefinition(kind, List.copyOf(paths), json);
  }

  /** Splits {@code /a/"b c"/d} into its names. */
  static List<String> parsePath(String path) {
    if (!path.startsWith("/") || path.length() < 2) {
      throw CosmosError.badRequest(
          "Path " + path + " must start with a slash and name a property.");
    }
    List<String> names = new ArrayList<>();
    int at = 1;
    while (at <= path.length()) {
      int end;
      if (at < path.length() && path.charAt(at) == '"') {
        end = path.indexOf('"', at + 1);
        if (end < 0) {
          throw CosmosError.badRequest("Path " + path + " has an unclosed quote.");
        }
        names.add(path.substring(at + 1, end));
        at = end + 2;
      } else {
        end = path.indexOf('/', at);
        end = end < 0 ? path.length() : end;
        names.add(path.substring(at, end));
        at = end + 1;
      }
    }
    return List.copyOf(names);
  }

  List<List<String>> paths() {
    return paths;
  }

  int levels() {
    return paths.size();
  }

  boolean isFirstVersion() {
    return kind == Kind.HASH_V1;
  }

  ObjectNode json() {
    return json.deepCopy();
  }

  /** Refuses a key that a write may not carry. */
  void check(PartitionKeyValue key) {
    if (key.size() != paths.size()) {
      throw new CosmosError(
          400,
          1001,
          "Partition key "
              + key.toJson()
              + " has "
              + key.size()
              + " components, the container's definition has "
              + paths.size()
              + ".");
    }
    int limit = kind == Kind.HASH_V1 ? MAX_COMPONENT_BYTES_V1 : MAX_COMPONENT_BYTES;
    for (int i = 0; i < key.size(); i++) {
      // A char is at most three bytes: short values need no encoding to be known short.
      if (key.component(i) instanceof String text
          && text.length() * 3 > limit
          && text.getBytes(StandardCharsets.UTF_8).length > limit) {
        throw CosmosError.badRequest("Partition key value is longer than " + limit + " bytes.");
      }
    }
  }

  /** Returns the effective partition key: a full key, or a prefix of a hierarchical one. */
  byte[] effectiveKey(PartitionKeyValue key) {
    switch (kind) {
      case HASH_V2 -> {
        return hashV2(key, 0, key.size());
      }
      case MULTI_HASH -> {
        byte[] all = new byte[16 * key.size()];
        for (int i = 0; i < key.size(); i++) {
          System.arraycopy(hashV2(key, i, i + 1), 0, all, 16 * i, 16);
        }
        return all;
      }
      default -> {
        return hashV1(key);
      }
    }
  }

  private static byte[] hashV2(PartitionKeyValue key, int from, int to) {
    KeyBuffer buffer = new KeyBuffer();
    for (int i = from; i < to; i++) {
      buffer.hashed(key.component(i), (byte) 0xFF);
    }
    byte[] hash = new byte[16];
    Murmur3.hash128(buffer.bytes(), buffer.size(), hash, 0);
    hash[0] &= 0x3F;
    return hash;
  }

  private static byte[] hashV1(PartitionKeyValue key) {
    KeyBuffer hashed = new KeyBuffer();
    KeyBuffer binary = new KeyBuffer();
    for (int i = 0; i < key.size(); i++) {
      hashed.hashed(truncate(key.component(i)), (byte) 0);
    }
    binary.ordered((double) Integer.toUnsignedLong(Murmur3.hash32(hashed.bytes(), hashed.size())));
    for (int i = 0; i < key.size(); i++) {
      binary.ordered(truncate(key.component(i)));
    }
    return binary.copy();
  }

  private static Object truncate(Object component) {
    return component instanceof String text && text.length() > TRUNCATED_CHARS_V1
        ? text.substring(0, TRUNCATED_CHARS_V1)
        : component;
  }

  /**
   * Returns {@code count + 1} boundaries that divide the key space evenly; the first is empty and
   * the last is FF.
   */
  List<byte[]> boundaries(int count) {
    List<byte[]> boundaries = new ArrayList<>(count + 1);
    boundaries.add(new byte[0]);
    for (int i = 1; i < count; i++) {
      boundaries.add(boundary((double) i / count));
    }
    boundaries.add(LAST);
    return boundaries;
  }

  private byte[] boundary(double fraction) {
    if (kind == Kind.HASH_V1) {
      KeyBuffer buffer = new KeyBuffer();
      buffer.ordered(Math.floor(fraction * 4_294_967_296.0));
      return buffer.copy();
    }
    byte[] boundary = new byte[16];
    long high = (long) (fraction * 0x1p62) - 1;
    for (int i = 0; i < 8; i++) {
      boundary[i] = (byte) (high >>> (56 - 8 * i));
      boundary[8 + i] = (byte) 0xFF;
    }
    return boundary;
  }

  /** Returns a point inside the given range, as near to its middle as the hash's order allows. */
  byte[] middle(byte[] minimum, byte[] maximum) {
    double low = position(minimum);
    double high = maximum.length == 1 ? 1.0 : position(maximum);
    return boundary((low + high) / 2);
  }

  private double position(byte[] boundary) {
    if (boundary.length == 0) {
      return 0;
    }
    if (kind == Kind.HASH_V1) {
      return KeyBuffer.orderedNumber(boundary) / 4_294_967_296.0;
    }
    long high = 0;
    for (int i = 0; i < 8; i++) {
      high = high << 8 | (boundary[i] & 0xff);
    }
    return (high + 1) / 0x1p62;
  }

  static String hex(byte[] effectiveKey) {
    return HexFormat.of().withUpperCase().formatHex(effectiveKey);
  }
}
