package io.reverseetl.cosmos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.document.Generation;
import io.reverseetl.document.SnapshotPointer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The stored form of a pointer; readers look only at what {@link CosmosSnapshotTarget} adds. */
final class PointerJson {
  private PointerJson() {}

  static ObjectNode write(SnapshotPointer pointer) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("pipeline", pointer.pipeline());
    root.put("sequence", pointer.sequence());
    root.put("claims", pointer.claims());
    pointer.previous().ifPresent(id -> root.put("previous", id));
    pointer.rollbackUntil().ifPresent(until -> root.put("rollbackUntil", until.toString()));
    root.put("rolledBack", pointer.rolledBack());
    var generations = root.putArray("generations");
    for (Generation generation : pointer.generations()) {
      ObjectNode node = generations.addObject();
      node.put("id", generation.id());
      node.put("state", generation.state().name());
      node.put("tableUri", generation.tableUri());
      node.put("tableId", generation.tableId());
      // As text: the service would round large numbers.
      node.put("sourceVersion", Long.toString(generation.sourceVersion()));
      node.put("version", Long.toString(generation.version()));
      node.put("documents", Long.toString(generation.documents()));
      node.put("stagedAt", generation.stagedAt().toString());
      generation.keepUntil().ifPresent(until -> node.put("keepUntil", until.toString()));
    }
    return root;
  }

  /**
   * Reads the stored form.
   *
   * @throws IllegalArgumentException if it is none
   */
  static SnapshotPointer read(JsonNode root) {
    try {
      List<Generation> generations = new ArrayList<>();
      for (JsonNode node : root.path("generations")) {
        generations.add(
            new Generation(
                text(node, "id"),
                Generation.State.valueOf(text(node, "state")),
                text(node, "tableUri"),
                text(node, "tableId"),
                Long.parseLong(text(node, "sourceVersion")),
                Long.parseLong(text(node, "version")),
                Long.parseLong(text(node, "documents")),
                Instant.parse(text(node, "stagedAt")),
                instant(node, "keepUntil")));
      }
      return new SnapshotPointer(
          text(root, "pipeline"),
          root.path("sequence").asLong(),
          root.path("claims").asLong(),
          root.has("previous") ? Optional.of(text(root, "previous")) : Optional.empty(),
          instant(root, "rollbackUntil"),
          root.path("rolledBack").asBoolean(),
          generations);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static Optional<Instant> instant(JsonNode node, String name) {
    return node.has(name) ? Optional.of(Instant.parse(text(node, name))) : Optional.empty();
  }

  private static String text(JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (!value.isTextual()) {
      throw new IllegalArgumentException("property \"" + name + "\" is missing or no text");
    }
    return value.textValue();
  }
}
