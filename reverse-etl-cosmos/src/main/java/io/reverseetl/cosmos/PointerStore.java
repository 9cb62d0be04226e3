package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosItemResponse;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.document.StoredPointer;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.SwitchOutcomeUnknownException;
import io.reverseetl.exceptions.WriteException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One document in a container partitioned by {@code /id}, saved by compare-and-set on its ETag.
 * Every save carries an id of its own, so that reading tells whether it took effect. Thread-safe.
 */
final class PointerStore {
  /** A pointer document as it was read. */
  record Found(ObjectNode document, String tag) {}

  private final CosmosAsyncContainer container;
  private final ContainerReader reader;
  private final String id;
  private volatile boolean checked;

  PointerStore(CosmosAsyncContainer container, String id) {
    this.container = container;
    this.reader = new ContainerReader(container);
    this.id = id;
  }

  /** The document; null if there is none. */
  @Nullable Found read() {
    checkContainer();
    for (int attempt = 1; ; attempt++) {
      try {
        CosmosItemResponse<ObjectNode> response =
            wait(container.readItem(id, new PartitionKey(id), Calls.options(), ObjectNode.class));
        return new Found(response.getItem(), response.getETag());
      } catch (CosmosException e) {
        if (Patience.isMissing(e) && e.getSubStatusCode() == 0) {
          return null;
        }
        checked = false;
        if (!Patience.isTransient(e) || attempt >= Patience.ATTEMPTS) {
          throw refused("cannot be read", e);
        }
        wait(Patience.pause(attempt, e));
      }
    }
  }

  /** Saves, and gives the new tag. */
  String save(ObjectNode document, Optional<StoredPointer> expected) {
    checkContainer();
    String saveId = UUID.randomUUID().toString();
    document.put("id", id);
    document.put("saveId", saveId);
    boolean unknown = false;
    for (int attempt = 1; ; attempt++) {
      try {
        return wait(write(document, expected)).getETag();
      } catch (CosmosException e) {
        boolean refused =
            e.getStatusCode() == 409
                || e.getStatusCode() == 412
                || (Patience.isMissing(e) && e.getSubStatusCode() == 0);
        if (refused) {
          // Perhaps by our own save, whose answer was lost.
          return foundAfter(saveId, e)
              .orElseThrow(
                  () ->
                      new CheckpointConflictException(
                          "The pointer \""
                              + id
                              + "\" in container "
                              + reader.name()
                              + " was moved by another runner ("
                              + Patience.code(e)
                              + "). Stop this one.",
                          e));
        }
        unknown |= Patience.mayHaveTakenEffect(e);
        if (!Patience.isTransient(e) || attempt >= Patience.ATTEMPTS) {
          if (!unknown) {
            throw refused("was not saved", e);
          }
          return foundAfter(saveId, e).orElseThrow(() -> unknown(e, e));
        }
        pause(attempt, e, unknown);
      } catch (WriteException e) {
        // The thread was interrupted, or the client is closed; the request may be on its way.
        throw notWaitedFor(e);
      }
    }
  }

  private void pause(int attempt, CosmosException answer, boolean unknown) {
    try {
      wait(Patience.pause(attempt, answer));
    } catch (WriteException e) {
      throw unknown ? notWaitedFor(e) : e;
    }
  }

  private SwitchOutcomeUnknownException notWaitedFor(WriteException e) {
    return new SwitchOutcomeUnknownException(
        "Pointer \"" + id + "\": the answer was not waited for. Run again; it tells.", e);
  }

  private Mono<? extends CosmosItemResponse<?>> write(
      ObjectNode document, Optional<StoredPointer> expected) {
    PartitionKey key = new PartitionKey(id);
    return expected.isEmpty()
        ? container.createItem(document, key, Calls.options())
        : container.replaceItem(
            document, id, key, Calls.options().setIfMatchETag(expected.get().tag()));
  }

  /** The tag, if what is there is the save with this id. */
  private Optional<String> foundAfter(String saveId, CosmosException answer) {
    try {
      Found found = read();
      return found != null && saveId.equals(found.document().path("saveId").asText())
          ? Optional.of(found.tag())
          : Optional.empty();
    } catch (WriteException | ConfigurationException e) {
      e.addSuppressed(answer);
      throw unknown(answer, e);
    }
  }

  private SwitchOutcomeUnknownException unknown(CosmosException e, Throwable cause) {
    return new SwitchOutcomeUnknownException(
        "Whether the pointer \""
            + id
            + "\" in container "
            + reader.name()
            + " was saved is unknown: the answer was "
            + Patience.code(e)
            + " (activity id "
            + e.getActivityId()
            + "). Readers see the old snapshot or the new one. Run again; the pointer tells.",
        cause);
  }

  /** What to say of an answer after which the pointer stands as it did. */
  private RuntimeException refused(String what, CosmosException e) {
    String message =
        "The pointer \""
            + id
            + "\" in container "
            + reader.name()
            + " "
            + what
            + " ("
            + Patience.code(e)
            + ", activity id "
            + e.getActivityId()
            + "). ";
    return Patience.isTransient(e)
        ? new WriteException(message + "Run again later.", e.getStatusCode(), e)
        : new ConfigurationException(
            message + "See to the container, and to the key or the role assignment.", e);
  }

  private void checkContainer() {
    if (checked) {
      return;
    }
    List<String> paths =
        reader
            .ask(container.read(), WriteException::new)
            .getProperties()
            .getPartitionKeyDefinition()
            .getPaths();
    if (!paths.equals(List.of("/id"))) {
      throw new ConfigurationException(
          "Container "
              + reader.name()
              + " has partition key "
              + String.join(", ", paths)
              + ", but a container of pointers has /id. Create another one.");
    }
    checked = true;
  }

  String name() {
    return "\"" + id + "\" in container " + reader.name();
  }

  private <T> T wait(Mono<T> answer) {
    return Calls.wait(
        answer,
        e ->
            new WriteException(
                "Container " + reader.name() + " was not waited for. See the cause, and run again.",
                e));
  }
}
