package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosContainerResponse;
import com.azure.cosmos.models.CosmosItemResponse;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.CheckpointStore;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.ConfigurationException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Keeps checkpoints in a container of Azure Cosmos DB for NoSQL, one document for each pipeline,
 * and compares and sets by ETag.
 *
 * <p>The container's partition key is {@code /id} or {@code /pipeline}; both hold the pipeline's
 * name, which therefore is an id: 1 to 1,023 bytes, and none of {@code / \ ? #}. Do not set a time
 * to live on the container. The client belongs to whoever built it and stays open.
 *
 * <p>Every save carries an id of its own. When the answer to a save is lost, the store reads what
 * is there, and so can tell whether the save took effect.
 *
 * <p>Thread-safe.
 */
public final class CosmosCheckpointStore implements CheckpointStore {
  private static final List<List<String>> PARTITION_KEYS =
      List.of(List.of("/id"), List.of("/pipeline"));
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Found(StoredCheckpoint stored, String saveId) {}

  private final CosmosAsyncContainer container;
  private final ContainerReader reader;
  private volatile boolean checked;

  private CosmosCheckpointStore(CosmosAsyncContainer container) {
    this.container = container;
    this.reader = new ContainerReader(container);
  }

  /**
   * A store in a container. Asks the service nothing yet.
   *
   * @param container with partition key {@code /id} or {@code /pipeline}
   * @return the store
   */
  public static CosmosCheckpointStore of(CosmosAsyncContainer container) {
    return new CosmosCheckpointStore(Objects.requireNonNull(container, "container"));
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the name is not allowed, see the class
   * @throws ConfigurationException if the container is not there, has another partition key, or
   *     refuses the credentials
   */
  @Override
  public Optional<StoredCheckpoint> read(String pipeline) {
    checkName(pipeline);
    checkContainer();
    Found found = find(pipeline);
    return found == null ? Optional.empty() : Optional.of(found.stored());
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the pipeline's name is not allowed, see the class
   * @throws ConfigurationException if the container is not there, has another partition key, or
   *     refuses the credentials
   */
  @Override
  public StoredCheckpoint create(Checkpoint checkpoint) {
    return save(
        checkpoint,
        document -> container.createItem(document, key(checkpoint.pipeline()), Calls.options()));
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the two are of different pipelines
   * @throws ConfigurationException if the container is not there, has another partition key, or
   *     refuses the credentials
   */
  @Override
  public StoredCheckpoint replace(Checkpoint checkpoint, StoredCheckpoint expected) {
    if (!checkpoint.pipeline().equals(expected.checkpoint().pipeline())) {
      throw new IllegalArgumentException(
          "A checkpoint replaces one of the same pipeline, but \""
              + checkpoint.pipeline()
              + "\" was to replace \""
              + expected.checkpoint().pipeline()
              + "\".");
    }
    return save(
        checkpoint,
        document ->
            container.replaceItem(
                document,
                checkpoint.pipeline(),
                key(checkpoint.pipeline()),
                Calls.options().setIfMatchETag(expected.tag())));
  }

  @Override
  public void remove(StoredCheckpoint expected) {
    String pipeline = expected.checkpoint().pipeline();
    checkName(pipeline);
    checkContainer();
    boolean unknown = false;
    for (int attempt = 1; ; attempt++) {
      try {
        wait(
            container.deleteItem(
                pipeline, key(pipeline), Calls.options().setIfMatchETag(expected.tag())));
        return;
      } catch (CosmosException e) {
        if (e.getStatusCode() == 404 && e.getSubStatusCode() == 0 && unknown) {
          return; // An earlier attempt removed it, or somebody else did what we wanted.
        }
        if (e.getStatusCode() == 412 || (e.getStatusCode() == 404 && e.getSubStatusCode() == 0)) {
          throw conflict(pipeline, e);
        }
        unknown = true;
        againOrFail("removed", pipeline, attempt, e);
      }
    }
  }

  private interface Write {
    Mono<? extends CosmosItemResponse<?>> of(ObjectNode document);
  }

  private StoredCheckpoint save(Checkpoint checkpoint, Write write) {
    String pipeline = checkpoint.pipeline();
    checkName(pipeline);
    checkContainer();
    String saveId = UUID.randomUUID().toString();
    ObjectNode document = document(checkpoint, saveId);
    for (int attempt = 1; ; attempt++) {
      try {
        return new StoredCheckpoint(checkpoint, wait(write.of(document)).getETag());
      } catch (CosmosException e) {
        boolean refused =
            e.getStatusCode() == 409
                || e.getStatusCode() == 412
                || (e.getStatusCode() == 404 && e.getSubStatusCode() == 0);
        if (refused) {
          // Perhaps by our own save, whose answer was lost.
          Found found = findAfter(pipeline, e);
          if (found != null && found.saveId().equals(saveId)) {
            return found.stored();
          }
          throw conflict(pipeline, e);
        }
        againOrFail("saved", pipeline, attempt, e);
      }
    }
  }

  private @Nullable Found findAfter(String pipeline, CosmosException refusal) {
    try {
      return find(pipeline);
    } catch (CheckpointException e) {
      e.addSuppressed(refusal);
      throw e;
    }
  }

  /** Pauses before another attempt, or throws. Repeating is safe: a save replaces one tag only. */
  private void againOrFail(String what, String pipeline, int attempt, CosmosException e) {
    if (!Patience.isTransient(e) || attempt >= Patience.ATTEMPTS) {
      checked = false; // The container may have been deleted since.
      throw new CheckpointException(
          "The checkpoint of pipeline \""
              + pipeline
              + "\" in container "
              + reader.name()
              + " could not be "
              + what
              + ": the answer was "
              + Patience.code(e)
              + " (activity id "
              + e.getActivityId()
              + "), and whether it took effect is unknown. Run again; the store tells.",
          e);
    }
    wait(Patience.pause(attempt, e));
  }

  private @Nullable Found find(String pipeline) {
    for (int attempt = 1; ; attempt++) {
      try {
        CosmosItemResponse<ObjectNode> response =
            wait(container.readItem(pipeline, key(pipeline), Calls.options(), ObjectNode.class));
        return parse(pipeline, response.getItem(), response.getETag());
      } catch (CosmosException e) {
        if (e.getStatusCode() == 404 && e.getSubStatusCode() == 0) {
          return null;
        }
        againOrFail("read", pipeline, attempt, e);
      }
    }
  }

  private static ObjectNode document(Checkpoint checkpoint, String saveId) {
    try {
      ObjectNode document = JSON.createObjectNode();
      document.put("id", checkpoint.pipeline());
      document.put("pipeline", checkpoint.pipeline());
      document.put("saveId", saveId);
      document.set("checkpoint", JSON.readTree(checkpoint.toJson()));
      return document;
    } catch (IOException e) {
      throw new IllegalStateException("A checkpoint has a JSON form.", e);
    }
  }

  private Found parse(String pipeline, JsonNode document, String tag) {
    String what =
        "The checkpoint of pipeline \"" + pipeline + "\" in container " + reader.name() + ": ";
    try {
      JsonNode checkpoint = document.path("checkpoint");
      if (!checkpoint.isObject()) {
        throw new CheckpointException(
            what
                + "the document is no checkpoint. Remove it and load again, or name the pipeline"
                + " otherwise.");
      }
      return new Found(
          new StoredCheckpoint(Checkpoint.ofJson(JSON.writeValueAsBytes(checkpoint)), tag),
          document.path("saveId").asText());
    } catch (IOException e) {
      throw new CheckpointException(what + "the answer is no JSON. Read it again.", e);
    } catch (CheckpointException e) {
      throw new CheckpointException(what + e.getMessage(), e);
    }
  }

  private CheckpointConflictException conflict(String pipeline, CosmosException e) {
    return new CheckpointConflictException(
        "The checkpoint of pipeline \""
            + pipeline
            + "\" in container "
            + reader.name()
            + " was created, moved or removed by another runner ("
            + e.getStatusCode()
            + "). Stop this one.",
        e);
  }

  private void checkContainer() {
    if (checked) {
      return;
    }
    CosmosContainerResponse response = reader.ask(container.read(), CheckpointException::new);
    List<String> paths = response.getProperties().getPartitionKeyDefinition().getPaths();
    if (!PARTITION_KEYS.contains(paths)) {
      throw new ConfigurationException(
          "Container "
              + reader.name()
              + " has partition key "
              + String.join(", ", paths)
              + ", but a container of checkpoints has /id or /pipeline. Create another one.");
    }
    checked = true;
  }

  private static void checkName(String pipeline) {
    if (pipeline.isEmpty()
        || pipeline.getBytes(StandardCharsets.UTF_8).length > 1_023
        || pipeline.chars().anyMatch(c -> c == '/' || c == '\\' || c == '?' || c == '#')) {
      throw new IllegalArgumentException(
          "Pipeline \""
              + pipeline
              + "\" cannot be the id of a document. Use 1 to 1,023 bytes without / \\ ? #.");
    }
  }

  private static PartitionKey key(String pipeline) {
    return new PartitionKey(pipeline);
  }

  private <T> T wait(Mono<T> answer) {
    return Calls.wait(
        answer,
        e ->
            new CheckpointException(
                "Container " + reader.name() + " was not waited for. Run again; the store tells.",
                e));
  }
}
