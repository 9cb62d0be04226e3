package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.CosmosItemSerializer;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.CosmosContainerResponse;
import com.azure.cosmos.models.CosmosQueryRequestOptions;
import com.azure.cosmos.models.FeedResponse;
import com.azure.cosmos.models.PartitionKey;
import com.azure.cosmos.models.SqlParameter;
import com.azure.cosmos.models.SqlQuerySpec;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.document.DeadLetterJson;
import io.reverseetl.document.StoredDeadLetter;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.exceptions.WriteException;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** The requests that keep, read and remove dead letters, with their retries. Thread-safe. */
final class LetterContainer {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Below the service's 2 MiB, with room for what it adds. */
  private static final int MAX_BYTES = 2 * 1024 * 1024 - 16 * 1024;

  private static final int PAGE_LETTERS = 100;
  private static final int REMOVED_AT_ONCE = 16;

  private final CosmosAsyncContainer container;
  private final ContainerReader reader;
  private final String partitionKeyPath;
  private final @Nullable Duration timeToLive;
  private final int maxAttempts;
  private final Backoff backoff;
  private final Mono<Boolean> checked;

  LetterContainer(
      CosmosAsyncContainer container,
      String partitionKeyPath,
      @Nullable Duration timeToLive,
      int maxAttempts,
      Backoff backoff) {
    this.container = container;
    this.reader = new ContainerReader(container);
    this.partitionKeyPath = partitionKeyPath;
    this.timeToLive = timeToLive;
    this.maxAttempts = maxAttempts;
    this.backoff = backoff;
    // Looked at once; a failure is forgotten, so that a later letter looks again.
    this.checked =
        Mono.defer(() -> retried(container.read()))
            .map(this::check)
            .cacheInvalidateIf(right -> !right);
  }

  /** Writes a letter, once it is known that this is a container for letters. */
  Mono<ObjectNode> save(DeadLetter letter) {
    return Mono.defer(() -> checked.then(saveChecked(letter)));
  }

  private Mono<ObjectNode> saveChecked(DeadLetter letter) {
    // Also without its document a letter has the name that it has with it.
    String id = letter.id();
    ObjectNode whole = document(letter, id);
    if (letter.document().isEmpty()) {
      return upsert(whole);
    }
    if (size(whole) > MAX_BYTES) {
      return upsert(document(withoutDocument(letter), id));
    }
    // The service may refuse a letter for its document: too deep, too large once it is parsed.
    return upsert(whole)
        .onErrorResume(
            error ->
                error instanceof CosmosException refused
                    && (refused.getStatusCode() == 400 || refused.getStatusCode() == 413),
            error -> upsert(document(withoutDocument(letter), id)));
  }

  private static DeadLetter withoutDocument(DeadLetter letter) {
    return new DeadLetter(
        letter.time(),
        letter.pipeline(),
        letter.sourceVersion(),
        letter.sourceLocation(),
        letter.reason(),
        letter.message(),
        letter.key(),
        Optional.empty());
  }

  private static int size(ObjectNode document) {
    try {
      return JSON.writeValueAsBytes(document).length;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("What was JSON is JSON.", e);
    }
  }

  private Mono<ObjectNode> upsert(ObjectNode document) {
    return retried(container.upsertItem(document, key(document), Calls.options()))
        .thenReturn(document);
  }

  private ObjectNode document(DeadLetter letter, String id) {
    ObjectNode document;
    try {
      document = (ObjectNode) JSON.readTree(DeadLetterJson.write(letter));
    } catch (IOException e) {
      throw new IllegalStateException("A dead letter has a JSON form.", e);
    }
    document.put("id", id);
    if (!partitionKeyPath.equals("/id")) {
      document.put(partitionKeyPath.substring(1), letter.pipeline());
    }
    if (timeToLive != null) {
      document.put("ttl", timeToLive.toSeconds());
    }
    return document;
  }

  private PartitionKey key(ObjectNode document) {
    return new PartitionKey(document.path(partitionKeyPath.substring(1)).asText());
  }

  private <T> Mono<T> retried(Mono<T> request) {
    return request.retryWhen(
        Retry.from(
            signals ->
                signals.concatMap(
                    signal -> {
                      long failures = signal.totalRetries() + 1;
                      if (failures >= maxAttempts || !isTransient(signal.failure())) {
                        return Mono.<Long>error(signal.failure());
                      }
                      return Mono.delay(backoff.before((int) failures, asked(signal.failure())));
                    })));
  }

  private static boolean isTransient(Throwable error) {
    if (!(error instanceof CosmosException e)) {
      return error instanceof IOException;
    }
    int status = e.getStatusCode();
    return status <= 0 // The connection broke.
        || status == 408
        || status == 410
        || status == 424
        || status == 429
        || status == 449
        || status >= 500
        || (status == 403 && (e.getSubStatusCode() == 3 || e.getSubStatusCode() == 1008))
        || (status == 404 && e.getSubStatusCode() == 1002);
  }

  private static Duration asked(Throwable error) {
    Duration asked = error instanceof CosmosException e ? e.getRetryAfterDuration() : Duration.ZERO;
    return asked == null ? Duration.ZERO : asked;
  }

  void read(String pipeline, Consumer<? super StoredDeadLetter> each) {
    SqlQuerySpec query =
        new SqlQuerySpec(
            "SELECT * FROM c WHERE c.pipeline = @pipeline",
            List.of(new SqlParameter("@pipeline", pipeline)));
    CosmosQueryRequestOptions options =
        new CosmosQueryRequestOptions()
            .setCustomItemSerializer(CosmosItemSerializer.DEFAULT_SERIALIZER);
    if (!partitionKeyPath.equals("/id")) {
      options.setPartitionKey(new PartitionKey(pipeline));
    }
    Iterable<FeedResponse<ObjectNode>> pages =
        container.queryItems(query, options, ObjectNode.class).byPage(PAGE_LETTERS).toIterable(1);
    try {
      for (FeedResponse<ObjectNode> page : pages) {
        for (ObjectNode item : page.getResults()) {
          each.accept(stored(item));
        }
      }
    } catch (CosmosException e) {
      throw failed("read", e);
    }
  }

  private StoredDeadLetter stored(ObjectNode item) {
    String id = item.path("id").asText();
    try {
      // The key of the letter's document stands under a name of its own.
      item.remove("id");
      return new StoredDeadLetter(id, DeadLetterJson.read(JSON.writeValueAsBytes(item)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("What was JSON is JSON.", e);
    } catch (WriteException e) {
      throw new WriteException(
          "Document \""
              + id
              + "\" of container "
              + reader.name()
              + " is no dead letter. Remove it, or name another container.",
          e);
    }
  }

  void remove(String pipeline, Collection<String> ids) {
    try {
      Flux.fromIterable(ids)
          .flatMap(
              id -> remove(id, partitionKeyPath.equals("/id") ? id : pipeline), REMOVED_AT_ONCE)
          .blockLast();
    } catch (CosmosException e) {
      throw failed("removed", e);
    }
  }

  private Mono<Boolean> remove(String id, String partitionKey) {
    return retried(container.deleteItem(id, new PartitionKey(partitionKey), Calls.options()))
        .thenReturn(true)
        .onErrorResume(
            error ->
                error instanceof CosmosException e
                    && e.getStatusCode() == 404
                    && e.getSubStatusCode() == 0,
            error -> Mono.just(false));
  }

  /** Throws if this is no container for letters. */
  void checkNow() {
    try {
      checked.block();
    } catch (RuntimeException e) {
      throw failed("found", e);
    }
  }

  /** Whether this is a container for dead letters; throws if not. */
  private boolean check(CosmosContainerResponse response) {
    CosmosContainerProperties properties = response.getProperties();
    List<String> paths = properties.getPartitionKeyDefinition().getPaths();
    if (!paths.equals(List.of(partitionKeyPath))) {
      throw new ConfigurationException(
          "Container "
              + reader.name()
              + " has partition key "
              + String.join(", ", paths)
              + ", but dead letters are to be kept by "
              + partitionKeyPath
              + ". Create another container, or set partitionKeyPath.");
    }
    if (timeToLive != null && properties.getDefaultTimeToLiveInSeconds() == null) {
      throw new ConfigurationException(
          "Dead letters are to live for "
              + timeToLive
              + ", but the time to live of container "
              + reader.name()
              + " is off, so they would stay. Switch it on (-1 is enough), or set no timeToLive.");
    }
    return true;
  }

  /** What an error means to the caller. */
  ReverseEtlException failed(String what, Throwable error) {
    if (error instanceof ReverseEtlException e) {
      return e;
    }
    if (error instanceof CosmosException e) {
      int status = e.getStatusCode();
      if (status == 401 || status == 403 || (status == 404 && e.getSubStatusCode() != 1002)) {
        return new ConfigurationException(
            "Dead letters cannot be "
                + what
                + " in container "
                + reader.name()
                + ": the answer was "
                + status
                + "/"
                + e.getSubStatusCode()
                + ". Create the container if it is not there; else see to the credentials and the"
                + " account's firewall.",
            e);
      }
      return new WriteException(
          "Dead letters cannot be "
              + what
              + " in container "
              + reader.name()
              + ": the answer was "
              + e.getStatusCode()
              + "/"
              + e.getSubStatusCode()
              + " (activity id "
              + e.getActivityId()
              + "). See to the container, and run again.",
          e.getStatusCode(),
          e);
    }
    return new WriteException(
        "Dead letters cannot be "
            + what
            + " in container "
            + reader.name()
            + ". See the cause, and run again.",
        error);
  }
}
