package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.CosmosItemSerializer;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.CosmosContainerResponse;
import com.azure.cosmos.models.CosmosItemRequestOptions;
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
import io.reverseetl.document.ReadableDeadLetterSink;
import io.reverseetl.document.StoredDeadLetter;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.exceptions.WriteException;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Keeps dead letters in a container of Azure Cosmos DB for NoSQL, one document for each, in the
 * form of {@link DeadLetterJson}. The id is the letter's own, so that a run after a crash, which
 * sets the same rows aside again, does not double them.
 *
 * <p>The container's partition key is {@code /pipeline}, unless {@link Builder#partitionKeyPath}
 * says otherwise. Letters hold row values: guard the container as the table is guarded. A document
 * that is too large for a letter, or that the service refuses inside one, is left out of it; the
 * letter then has the document's key only, which is enough to replay it.
 *
 * <p>Letters are written while the pipeline goes on. At most {@link Builder#maxInFlight} are on
 * their way; then {@link #write} blocks. {@link #flush} waits until all are durable. What the
 * service answers that may pass is tried again.
 *
 * <p>The client belongs to whoever built it: the sink opens and closes none. Thread-safe.
 */
public final class CosmosDeadLetterSink implements ReadableDeadLetterSink {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern PATH = Pattern.compile("/[A-Za-z_][A-Za-z0-9_]*");
  private static final List<String> TAKEN =
      List.of(
          "/time",
          "/sourceVersion",
          "/sourceLocation",
          "/reason",
          "/message",
          "/documentId",
          "/partitionKey",
          "/document",
          "/ttl");

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
  private final LettersInFlight letters;
  private final Mono<Boolean> checked;
  private volatile boolean closed;

  private CosmosDeadLetterSink(Builder builder) {
    this.container = builder.container;
    this.reader = new ContainerReader(container);
    this.partitionKeyPath = builder.partitionKeyPath;
    this.timeToLive = builder.timeToLive;
    this.maxAttempts = builder.maxAttempts;
    this.backoff = builder.backoff;
    this.letters = new LettersInFlight(builder.maxInFlight);
    // Looked at once; a failure is forgotten, so that a later letter looks again.
    this.checked =
        Mono.defer(() -> retried(container.read()))
            .map(this::check)
            .cacheInvalidateIf(right -> !right);
  }

  /**
   * A sink with every option at its default.
   *
   * @param container where the letters go; its client stays open
   * @return the sink
   */
  public static CosmosDeadLetterSink of(CosmosAsyncContainer container) {
    return builder(container).build();
  }

  /**
   * Begins a sink.
   *
   * @param container where the letters go; its client stays open
   * @return a builder
   */
  public static Builder builder(CosmosAsyncContainer container) {
    return new Builder(container);
  }

  /**
   * {@inheritDoc}
   *
   * <p>What goes wrong shows at {@link #flush}, or here once as many letters wait to be sent again
   * as may be in flight.
   *
   * @throws IllegalStateException if the sink is closed
   */
  @Override
  public void write(DeadLetter letter) {
    Objects.requireNonNull(letter, "letter");
    if (closed) {
      throw new IllegalStateException("The dead letter sink is closed.");
    }
    letters.enter(letter).forEach(this::send);
  }

  private void send(DeadLetter letter) {
    Mono.defer(() -> checked.then(save(letter)))
        .subscribe(
            ignored -> letters.written(),
            error -> letters.failed(letter, failed("written", error)));
  }

  private Mono<ObjectNode> save(DeadLetter letter) {
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
    return retried(container.upsertItem(document, key(document), options())).thenReturn(document);
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

  /**
   * {@inheritDoc}
   *
   * <p>Letters that could not be written are sent once more. When it throws they are kept, and sent
   * again by the next call.
   *
   * @throws ConfigurationException if the container is not there, has another partition key, or
   *     refuses the credentials
   */
  @Override
  public void flush() {
    letters.awaitAll().forEach(this::send);
    letters.awaitDurable();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Reads page by page with one query.
   */
  @Override
  public void read(String pipeline, Consumer<? super StoredDeadLetter> each) {
    checkNow();
    flush();
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

  @Override
  public void remove(String pipeline, Collection<String> ids) {
    checkNow();
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
    return retried(container.deleteItem(id, new PartitionKey(partitionKey), options()))
        .thenReturn(true)
        .onErrorResume(
            error ->
                error instanceof CosmosException e
                    && e.getStatusCode() == 404
                    && e.getSubStatusCode() == 0,
            error -> Mono.just(false));
  }

  private static CosmosItemRequestOptions options() {
    // The client may have a serializer of the user's, which does not know trees.
    return new CosmosItemRequestOptions()
        .setContentResponseOnWriteEnabled(false)
        .setCustomItemSerializer(CosmosItemSerializer.DEFAULT_SERIALIZER);
  }

  private void checkNow() {
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

  private ReverseEtlException failed(String what, Throwable error) {
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

  /** Flushes, and takes no more letters. The client belongs to whoever built it. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      flush();
    }
  }

  /** Sets the options of a {@link CosmosDeadLetterSink}. Not thread-safe. */
  public static final class Builder {
    private final CosmosAsyncContainer container;
    private String partitionKeyPath = "/pipeline";
    private @Nullable Duration timeToLive;
    private int maxInFlight = 64;
    private int maxAttempts = 10;
    private Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    private Builder(CosmosAsyncContainer container) {
      this.container = Objects.requireNonNull(container, "container");
    }

    /**
     * The container's partition key.
     *
     * @param path one property, as {@code /tenant}; the pipeline's name is written there, or with
     *     {@code /id} nothing more than the id. Default: {@code /pipeline}
     * @return this builder
     * @throws IllegalArgumentException if it is no path of one property, or one of a letter's own
     */
    public Builder partitionKeyPath(String path) {
      if (!PATH.matcher(path).matches() || TAKEN.contains(path)) {
        throw new IllegalArgumentException(
            "\"" + path + "\" cannot be the partition key of dead letters. Use /pipeline or /id.");
      }
      this.partitionKeyPath = path;
      return this;
    }

    /**
     * How long a letter is kept; the container removes it after that. The container's time to live
     * must be switched on.
     *
     * @param duration whole seconds, from one to 2^31 - 1; default: for ever, or as the container
     *     says
     * @return this builder
     * @throws IllegalArgumentException if it is shorter or longer
     */
    public Builder timeToLive(Duration duration) {
      if (duration.toSeconds() < 1 || duration.toSeconds() > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "A time to live is from 1 s to 2^31 - 1 s, but was " + duration + ".");
      }
      this.timeToLive = duration;
      return this;
    }

    /**
     * How many letters are on their way before {@link CosmosDeadLetterSink#write} blocks. Each may
     * be as large as a document.
     *
     * @param letters at least 1; default: 64
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder maxInFlight(int letters) {
      if (letters < 1) {
        throw new IllegalArgumentException("maxInFlight is at least 1, but was " + letters + ".");
      }
      this.maxInFlight = letters;
      return this;
    }

    /**
     * How often a letter is tried before the sink fails. The client's own retries within an attempt
     * do not count.
     *
     * @param attempts at least 1; default: 10
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder maxAttempts(int attempts) {
      if (attempts < 1) {
        throw new IllegalArgumentException("maxAttempts is at least 1, but was " + attempts + ".");
      }
      this.maxAttempts = attempts;
      return this;
    }

    /**
     * How long to wait before a letter is tried again: at first about so long, then doubling, with
     * a random part; never less than the service asks for.
     *
     * @param first more than zero; default: 100 ms
     * @param most at least {@code first}; default: 5 s
     * @return this builder
     * @throws IllegalArgumentException if they are less
     */
    public Builder retryBackoff(Duration first, Duration most) {
      if (first.isNegative() || first.isZero() || most.compareTo(first) < 0) {
        throw new IllegalArgumentException(
            "retryBackoff begins above zero and does not end below its beginning.");
      }
      this.backoff = new Backoff(first, most);
      return this;
    }

    /**
     * Makes the sink. Asks the service nothing yet.
     *
     * @return the sink
     */
    public CosmosDeadLetterSink build() {
      return new CosmosDeadLetterSink(this);
    }
  }
}
