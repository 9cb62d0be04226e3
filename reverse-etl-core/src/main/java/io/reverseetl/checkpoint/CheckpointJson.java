package io.reverseetl.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.exceptions.CheckpointException;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeMap;

/** The stored form of a checkpoint. */
final class CheckpointJson {
  private static final int FORMAT = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  private CheckpointJson() {}

  static byte[] write(Checkpoint checkpoint) {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", FORMAT);
    root.put("pipeline", checkpoint.pipeline());
    root.put("tableUri", checkpoint.tableUri());
    root.put("tableId", checkpoint.tableId());
    root.put("targetIdentity", checkpoint.targetIdentity());
    root.put("schemaHash", checkpoint.schemaHash());
    root.put("version", checkpoint.version());
    root.put("savedAt", checkpoint.savedAt().toString());
    checkpoint.load().ifPresent(load -> write(load, root.putObject("load")));
    checkpoint.poll().ifPresent(poll -> write(poll, root.putObject("poll")));
    checkpoint.lease().ifPresent(lease -> write(lease, root.putObject("lease")));
    try {
      return JSON.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of text and numbers has a JSON form.", e);
    }
  }

  private static void write(LoadProgress load, ObjectNode node) {
    node.put("partCount", load.partCount());
    node.put("partsHash", load.partsHash());
    node.put("finished", load.finished().toString());
    ObjectNode partial = node.putObject("partial");
    load.partial().forEach((part, rows) -> partial.put(Integer.toString(part), rows));
    node.put("rowsRead", load.rowsRead());
    node.put("documentsWritten", load.documentsWritten());
    node.put("deadLetters", load.deadLetters());
  }

  private static void write(PollProgress poll, ObjectNode node) {
    node.put("toVersion", poll.toVersion());
    node.put("steps", poll.steps());
    node.put("stepsDone", poll.stepsDone());
  }

  private static void write(Lease lease, ObjectNode node) {
    node.put("owner", lease.owner());
    node.put("expiresAt", lease.expiresAt().toString());
    node.put("fence", lease.fence());
  }

  static Checkpoint read(byte[] json) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (IOException e) {
      throw unreadable("it is not JSON", e);
    }
    if (root == null || !root.isObject()) {
      throw unreadable("it is not a JSON object", null);
    }
    int format = root.path("format").asInt(0);
    if (format != FORMAT) {
      throw new CheckpointException(
          "The checkpoint has format "
              + format
              + ", but this version of reverse-etl reads format "
              + FORMAT
              + ". Use the version that wrote it, or a newer one.");
    }
    try {
      return new Checkpoint(
          text(root, "pipeline"),
          text(root, "tableUri"),
          text(root, "tableId"),
          text(root, "targetIdentity"),
          text(root, "schemaHash"),
          number(root, "version"),
          root.has("load") ? Optional.of(load(root.get("load"))) : Optional.empty(),
          root.has("poll") ? Optional.of(poll(root.get("poll"))) : Optional.empty(),
          root.has("lease") ? Optional.of(lease(root.get("lease"))) : Optional.empty(),
          Instant.parse(text(root, "savedAt")));
    } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
      throw unreadable(String.valueOf(e.getMessage()), e);
    }
  }

  private static LoadProgress load(JsonNode node) {
    TreeMap<Integer, Long> partial = new TreeMap<>();
    node.path("partial")
        .fields()
        .forEachRemaining(
            field -> partial.put(Integer.valueOf(field.getKey()), field.getValue().asLong()));
    return new LoadProgress(
        Math.toIntExact(number(node, "partCount")),
        text(node, "partsHash"),
        PartSet.parse(text(node, "finished")),
        partial,
        number(node, "rowsRead"),
        number(node, "documentsWritten"),
        number(node, "deadLetters"));
  }

  private static PollProgress poll(JsonNode node) {
    return new PollProgress(
        number(node, "toVersion"),
        Math.toIntExact(number(node, "steps")),
        Math.toIntExact(number(node, "stepsDone")));
  }

  private static Lease lease(JsonNode node) {
    return new Lease(
        text(node, "owner"), Instant.parse(text(node, "expiresAt")), number(node, "fence"));
  }

  private static String text(JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (!value.isTextual()) {
      throw new IllegalArgumentException("property \"" + name + "\" is missing or no text");
    }
    return value.textValue();
  }

  private static long number(JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (!value.canConvertToLong() || !value.isIntegralNumber()) {
      throw new IllegalArgumentException("property \"" + name + "\" is missing or no integer");
    }
    return value.longValue();
  }

  private static CheckpointException unreadable(
      String why, @org.jspecify.annotations.Nullable Throwable cause) {
    return new CheckpointException(
        "The checkpoint cannot be read: "
            + why
            + ". Restore it from a backup, or remove it and load again.",
        cause);
  }
}
