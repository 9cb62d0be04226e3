package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** What a container was created or replaced with. Immutable. */
final class ContainerDefinition {
  /** No default time to live: items never expire, whatever their own {@code ttl} says. */
  static final long TTL_OFF = Long.MIN_VALUE;

  private static final int MAX_UNIQUE_KEYS = 10;
  private static final int MAX_UNIQUE_PATHS = 16;

  private final ObjectNode json;
  private final PartitionKeyDefinition partitionKey;
  private final List<List<List<String>>> uniqueKeys;
  private final long defaultTtl;
  private final int maxIndexedProperties;

  private ContainerDefinition(
      ObjectNode json,
      PartitionKeyDefinition partitionKey,
      List<List<List<String>>> uniqueKeys,
      long defaultTtl,
      int maxIndexedProperties) {
    this.json = json;
    this.partitionKey = partitionKey;
    this.uniqueKeys = uniqueKeys;
    this.defaultTtl = defaultTtl;
    this.maxIndexedProperties = maxIndexedProperties;
  }

  static ContainerDefinition parse(ObjectNode body) {
    PartitionKeyDefinition partitionKey = PartitionKeyDefinition.parse(body.get("partitionKey"));
    ObjectNode json = body.deepCopy();
    for (String system : DocumentScanner.SYSTEM_PROPERTIES) {
      json.remove(system);
    }
    json.set("partitionKey", partitionKey.json());
    return new ContainerDefinition(
        json,
        partitionKey,
        uniqueKeys(body.path("uniqueKeyPolicy").path("uniqueKeys")),
        defaultTtl(body.get("defaultTtl")),
        maxIndexedProperties(body.path("indexingPolicy")));
  }

  private static List<List<List<String>>> uniqueKeys(JsonNode keys) {
    List<List<List<String>>> all = new ArrayList<>();
    for (JsonNode key : keys) {
      List<List<String>> paths = new ArrayList<>();
      key.path("paths").forEach(path -> paths.add(PartitionKeyDefinition.parsePath(path.asText())));
      if (paths.isEmpty() || paths.size() > MAX_UNIQUE_PATHS) {
        throw CosmosError.badRequest("A unique key needs 1 to " + MAX_UNIQUE_PATHS + " paths.");
      }
      all.add(List.copyOf(paths));
    }
    if (all.size() > MAX_UNIQUE_KEYS) {
      throw CosmosError.badRequest("At most " + MAX_UNIQUE_KEYS + " unique keys are allowed.");
    }
    return List.copyOf(all);
  }

  private static long defaultTtl(JsonNode node) {
    if (node == null || node.isNull()) {
      return TTL_OFF;
    }
    if (!node.isIntegralNumber() || (node.asLong() != -1 && node.asLong() <= 0)) {
      throw CosmosError.badRequest("defaultTtl must be -1 or a positive number of seconds.");
    }
    return node.asLong();
  }

  private static int maxIndexedProperties(JsonNode policy) {
    if (policy.path("indexingMode").asText("consistent").equalsIgnoreCase("none")) {
      return 0;
    }
    for (JsonNode excluded : policy.path("excludedPaths")) {
      if (excluded.path("path").asText().equals("/*")) {
        return policy.path("includedPaths").size();
      }
    }
    return Integer.MAX_VALUE;
  }

  /** Returns the definition that a replace leads to; key and unique keys may not change. */
  ContainerDefinition replacedBy(ObjectNode body) {
    ObjectNode merged = body.deepCopy();
    if (!merged.has("partitionKey")) {
      merged.set("partitionKey", json.get("partitionKey"));
    }
    ContainerDefinition next = parse(merged);
    if (!next.partitionKey.json().equals(partitionKey.json())) {
      throw CosmosError.badRequest("The partition key definition of a container cannot change.");
    }
    if (body.has("uniqueKeyPolicy") && !next.uniqueKeys.equals(uniqueKeys)) {
      throw CosmosError.badRequest("The unique key policy of a container cannot change.");
    }
    if (json.has("uniqueKeyPolicy")) {
      merged.set("uniqueKeyPolicy", json.get("uniqueKeyPolicy"));
      next = parse(merged);
    }
    return next;
  }

  /** A copy of the stored properties, without the system ones. */
  ObjectNode json() {
    return json.deepCopy();
  }

  PartitionKeyDefinition partitionKey() {
    return partitionKey;
  }

  List<List<List<String>>> uniqueKeys() {
    return uniqueKeys;
  }

  /** Seconds, -1 for "only items that say so", or {@link #TTL_OFF}. */
  long defaultTtl() {
    return defaultTtl;
  }

  /** How many of a document's values are indexed at most. */
  int maxIndexedProperties() {
    return maxIndexedProperties;
  }
}
