package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosItemResponse;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One small document that several processes change, each only if nobody else has since it looked.
 * It lies in a container with partition key {@code /id} or {@code /pipeline}, such as that of the
 * checkpoints. Thread-safe.
 */
final class StateDocument {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * What was found.
   *
   * @param content the document; a new, empty one if there was none
   * @param tag the ETag; null if there was none
   */
  record Seen(ObjectNode content, @Nullable String tag) {
    boolean exists() {
      return tag != null;
    }
  }

  private final CosmosAsyncContainer container;
  private final String id;
  private final String purpose;

  /**
   * Names a document.
   *
   * @param purpose what it is for, for messages
   */
  StateDocument(CosmosAsyncContainer container, String id, String purpose) {
    if (id.getBytes(StandardCharsets.UTF_8).length > 1_023
        || id.chars().anyMatch(c -> c == '/' || c == '\\' || c == '?' || c == '#')) {
      throw new IllegalArgumentException(
          "\""
              + id
              + "\" cannot be the id of a document. Use fewer than 1,000 bytes without / \\ ? #.");
    }
    this.container = container;
    this.id = id;
    this.purpose = purpose;
  }

  Seen read() {
    try {
      CosmosItemResponse<ObjectNode> response =
          wait(container.readItem(id, key(), Calls.options(), ObjectNode.class));
      return new Seen(response.getItem(), response.getETag());
    } catch (CosmosException e) {
      if (isMissing(e)) {
        return new Seen(JSON.createObjectNode(), null);
      }
      throw translate("read", e);
    }
  }

  /** Saves, and returns what is there then; null if somebody else was faster. */
  @Nullable Seen save(Seen seen, ObjectNode content) {
    content.put("id", id).put("pipeline", id);
    try {
      String tag = seen.tag();
      CosmosItemResponse<ObjectNode> response =
          wait(
              tag == null
                  ? container.createItem(content, key(), Calls.options())
                  : container.replaceItem(content, id, key(), Calls.options().setIfMatchETag(tag)));
      return new Seen(content, response.getETag());
    } catch (CosmosException e) {
      if (e.getStatusCode() == 409 || e.getStatusCode() == 412 || isMissing(e)) {
        return null;
      }
      throw translate("saved", e);
    }
  }

  /** Removes it; false if somebody else was faster. */
  boolean remove(Seen seen) {
    String tag = seen.tag();
    if (tag == null) {
      return true;
    }
    try {
      wait(container.deleteItem(id, key(), Calls.options().setIfMatchETag(tag)));
      return true;
    } catch (CosmosException e) {
      if (e.getStatusCode() == 412 || isMissing(e)) {
        return false;
      }
      throw translate("removed", e);
    }
  }

  /** A missing container is another matter. */
  private static boolean isMissing(CosmosException e) {
    return e.getStatusCode() == 404 && e.getSubStatusCode() == 0;
  }

  private RuntimeException translate(String done, CosmosException e) {
    String what =
        purpose
            + " cannot be "
            + done
            + " in container "
            + new ContainerReader(container).name()
            + " ("
            + e.getStatusCode()
            + "/"
            + e.getSubStatusCode()
            + "). ";
    return switch (e.getStatusCode()) {
      case 400, 404 ->
          new ConfigurationException(
              what + "Create it with partition key /id or /pipeline, or name another one.", e);
      case 401, 403 ->
          new ConfigurationException(
              what + "See to the key or the role assignment, and to the account's firewall.", e);
      default ->
          new WriteException(
              what
                  + "Whether it took effect is unknown; see to the service's health, and run again."
                  + " Activity id "
                  + e.getActivityId()
                  + ".",
              e.getStatusCode(),
              e);
    };
  }

  private PartitionKey key() {
    return new PartitionKey(id);
  }

  private <T> T wait(Mono<T> answer) {
    return Calls.wait(
        answer, e -> new WriteException(purpose + " was not waited for. Run again.", e));
  }
}
