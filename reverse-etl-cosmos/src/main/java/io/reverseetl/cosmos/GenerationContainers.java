package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosAsyncDatabase;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.ThroughputProperties;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import java.util.Collection;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Makes and removes the containers of generations. Thread-safe. */
final class GenerationContainers {
  private final CosmosAsyncDatabase database;
  private final UnaryOperator<CosmosContainerProperties> settings;
  private final @Nullable ThroughputProperties throughput;

  GenerationContainers(
      CosmosAsyncDatabase database,
      UnaryOperator<CosmosContainerProperties> settings,
      @Nullable ThroughputProperties throughput) {
    this.database = database;
    this.settings = settings;
    this.throughput = throughput;
  }

  /** Makes a container with the settings of another; nothing if it is there. */
  void create(String name, String like) {
    if (exists(name)) {
      return;
    }
    CosmosAsyncContainer model = database.getContainer(like);
    CosmosContainerProperties properties =
        settings.apply(
            copy(
                new ContainerReader(model).ask(model.read(), WriteException::new).getProperties(),
                name));
    if (!properties.getId().equals(name)) {
      throw new ConfigurationException(
          "The settings of a new generation rename its container from \""
              + name
              + "\" to \""
              + properties.getId()
              + "\". Leave the name as it is; the pointer lists it.");
    }
    ThroughputProperties units = throughput == null ? throughputOf(model) : throughput;
    ask(
        name,
        "made",
        units == null
            ? database.createContainer(properties)
            : database.createContainer(properties, units),
        409);
  }

  /** Removes a container; nothing if it is not there. */
  void delete(String name) {
    ask(name, "removed", database.getContainer(name).delete(), 404);
  }

  private boolean exists(String name) {
    return !ask(name, "looked at", database.getContainer(name).read(), 404);
  }

  private static CosmosContainerProperties copy(CosmosContainerProperties from, String name) {
    CosmosContainerProperties to =
        new CosmosContainerProperties(name, from.getPartitionKeyDefinition());
    given(from.getIndexingPolicy(), to::setIndexingPolicy);
    given(from.getDefaultTimeToLiveInSeconds(), to::setDefaultTimeToLiveInSeconds);
    given(from.getUniqueKeyPolicy(), to::setUniqueKeyPolicy);
    given(from.getConflictResolutionPolicy(), to::setConflictResolutionPolicy);
    given(from.getChangeFeedPolicy(), to::setChangeFeedPolicy);
    given(from.getAnalyticalStoreTimeToLiveInSeconds(), to::setAnalyticalStoreTimeToLiveInSeconds);
    given(from.getComputedProperties(), to::setComputedProperties);
    given(from.getVectorEmbeddingPolicy(), to::setVectorEmbeddingPolicy);
    given(from.getFullTextPolicy(), to::setFullTextPolicy);
    given(from.getClientEncryptionPolicy(), to::setClientEncryptionPolicy);
    return to;
  }

  /** The client's setters refuse null, and its getters give it where nothing is set. */
  private static <T> void given(@Nullable T setting, Consumer<T> setter) {
    boolean empty = setting == null || (setting instanceof Collection<?> all && all.isEmpty());
    if (!empty) {
      setter.accept(Objects.requireNonNull(setting));
    }
  }

  /** What a container has for itself; null if it shares the database's, or is serverless. */
  private static @Nullable ThroughputProperties throughputOf(CosmosAsyncContainer container) {
    ContainerReader reader = new ContainerReader(container);
    for (int attempt = 1; ; attempt++) {
      try {
        ThroughputProperties own = reader.askOrRefusal(container.readThroughput()).getProperties();
        return own.getAutoscaleMaxThroughput() > 0
            ? ThroughputProperties.createAutoscaledThroughput(own.getAutoscaleMaxThroughput())
            : ThroughputProperties.createManualThroughput(own.getManualThroughput());
      } catch (CosmosException e) {
        if (!Patience.isTransient(e)) {
          return null;
        }
        // Without it the container would be made with the least that there is, and served so.
        if (attempt >= Patience.ATTEMPTS) {
          throw new WriteException(
              "The throughput of container "
                  + reader.name()
                  + ", which a new generation is to have too, cannot be read ("
                  + Patience.code(e)
                  + ", activity id "
                  + e.getActivityId()
                  + "). Run again later.",
              e.getStatusCode(),
              e);
        }
        wait(container.getId(), Patience.pause(attempt, e));
      }
    }
  }

  private static <T> T wait(String name, Mono<T> answer) {
    return Calls.wait(
        answer,
        e ->
            new WriteException(
                "Container \"" + name + "\" was not waited for. See the cause, and run again.", e));
  }

  /** True if the answer was the status that means that there is nothing to do. */
  private static boolean ask(String name, String done, Mono<?> request, int nothingToDo) {
    for (int attempt = 1; ; attempt++) {
      try {
        wait(name, request);
        return false;
      } catch (CosmosException e) {
        if (e.getStatusCode() == nothingToDo && e.getSubStatusCode() != 1002) {
          return true;
        }
        String message =
            "Container \""
                + name
                + "\" of a generation cannot be "
                + done
                + " ("
                + Patience.code(e)
                + ", activity id "
                + e.getActivityId()
                + "). ";
        if (!Patience.isTransient(e)) {
          throw new ConfigurationException(
              message
                  + "Containers are made and removed with an account key, or with a role of Azure"
                  + " Resource Manager; see also to the limits of the account and the settings of"
                  + " the container.",
              e);
        }
        if (attempt >= Patience.ATTEMPTS) {
          throw new WriteException(message + "Run again later.", e.getStatusCode(), e);
        }
        wait(name, Patience.pause(attempt, e));
      }
    }
  }
}
