package io.reverseetl.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.exceptions.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The content of a checkpoint file: a checkpoint, and which save it comes from. */
record CheckpointFile(long revision, String tag, Checkpoint checkpoint) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  static CheckpointFile first(Checkpoint checkpoint) {
    return of(1, checkpoint);
  }

  CheckpointFile next(Checkpoint next) {
    return of(revision + 1, next);
  }

  // The random half tells a checkpoint from one that was removed and created again.
  private static CheckpointFile of(long revision, Checkpoint checkpoint) {
    return new CheckpointFile(revision, revision + "-" + UUID.randomUUID(), checkpoint);
  }

  StoredCheckpoint stored() {
    return new StoredCheckpoint(checkpoint, tag);
  }

  byte[] toJson() {
    try {
      ObjectNode root = JSON.createObjectNode();
      root.put("revision", revision);
      root.put("tag", tag);
      root.set("checkpoint", JSON.readTree(checkpoint.toJson()));
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A checkpoint has a JSON form.", e);
    } catch (IOException e) {
      throw new IllegalStateException("Bytes in memory can be read.", e);
    }
  }

  static CheckpointFile parse(byte[] content, Path file) {
    try {
      JsonNode root = JSON.readTree(content);
      JsonNode revision = root.path("revision");
      JsonNode tag = root.path("tag");
      JsonNode checkpoint = root.path("checkpoint");
      if (!revision.isIntegralNumber() || !tag.isTextual() || !checkpoint.isObject()) {
        throw unreadable(file, "it is no checkpoint file", null);
      }
      return new CheckpointFile(
          revision.longValue(), tag.textValue(), checkpoint(checkpoint, file));
    } catch (IOException e) {
      throw unreadable(file, "it is damaged", e);
    }
  }

  private static Checkpoint checkpoint(JsonNode node, Path file) throws IOException {
    try {
      return Checkpoint.ofJson(JSON.writeValueAsBytes(node));
    } catch (CheckpointException e) {
      throw new CheckpointException("The checkpoint file " + file + ": " + e.getMessage(), e);
    }
  }

  private static CheckpointException unreadable(Path file, String why, @Nullable Throwable cause) {
    return new CheckpointException(
        "Cannot read the checkpoint file "
            + file
            + ": "
            + why
            + ". Restore it from a backup, or remove it and load again.",
        cause);
  }
}
