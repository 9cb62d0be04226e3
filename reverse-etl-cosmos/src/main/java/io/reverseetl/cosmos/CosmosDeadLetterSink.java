package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.document.DeadLetterJson;
import io.reverseetl.document.ReadableDeadLetterSink;
import io.reverseetl.document.StoredDeadLetter;
import io.reverseetl.exceptions.ConfigurationException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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

  private final LetterContainer container;
  private final LettersInFlight letters;
  private volatile boolean closed;

  private CosmosDeadLetterSink(Builder builder) {
    this.container =
        new LetterContainer(
            builder.container,
            builder.partitionKeyPath,
            builder.timeToLive,
            builder.maxAttempts,
            builder.backoff);
    this.letters = new LettersInFlight(builder.maxInFlight);
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
    container
        .save(letter)
        .subscribe(
            ignored -> letters.written(),
            error -> letters.failed(letter, container.failed("written", error)));
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
   *
   * @throws ConfigurationException if the container is not there, has another partition key, or
   *     refuses the credentials
   */
  @Override
  public void read(String pipeline, Consumer<? super StoredDeadLetter> each) {
    container.checkNow();
    flush();
    container.read(pipeline, each);
  }

  /**
   * {@inheritDoc}
   *
   * @throws ConfigurationException if the container is not there, has another partition key, or
   *     refuses the credentials
   */
  @Override
  public void remove(String pipeline, Collection<String> ids) {
    container.checkNow();
    container.remove(pipeline, ids);
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
