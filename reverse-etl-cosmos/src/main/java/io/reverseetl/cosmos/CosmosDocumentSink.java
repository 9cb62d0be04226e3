package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.models.CosmosBulkExecutionThresholdsState;
import io.reverseetl.document.ConditionalDocumentSink;
import io.reverseetl.document.Document;
import io.reverseetl.document.GuardedDocumentSink;
import io.reverseetl.document.PacedDocumentSink;
import io.reverseetl.document.PatchingDocumentSink;
import io.reverseetl.document.ScannableDocumentSink;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.document.WriteSession;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes documents to one container of Azure Cosmos DB for NoSQL, through the client's bulk
 * executor.
 *
 * <p>A client that is given belongs to whoever built it, and the sink does not close it. A sink
 * that is {@link #connecting} builds its own when it is first used, and closes that one. Build
 * clients without {@code contentResponseOnWriteEnabled(true)}, which would send every document
 * back.
 *
 * <p>A session keeps at most one operation on a document in flight, runs operations again whose
 * outcome is unknown (each is made so that this is safe), and rejects what the service will never
 * take without touching the rest. It fails with a {@link io.reverseetl.exceptions.WriteException}
 * when the container or the credentials are gone, when an operation has used up its attempts, or
 * when nothing is answered for long. The statistics count those throttled answers that come through
 * after the client's own retries, which are up to nine for each operation unless the client was
 * built otherwise.
 *
 * <p>Upserts, deletes, creates and patches are one request, sent in batches. An operation that must
 * look at the document first, as guarded ones and larger changes of owned fields do, reads it in a
 * request of its own and writes on the condition that it has not changed since.
 *
 * <p>The client logs the id of each operation that it does not run again, at level ERROR of {@code
 * com.azure.cosmos.implementation.batch.BulkExecutor}; deletes of documents that are not there are
 * among them. Switch that logger off where ids are confidential, or such deletes are many.
 *
 * <p>Memory: each byte in flight costs about four of the heap, as the client makes text of it.
 *
 * <p>Thread-safe. Sessions share what the client learns about good batch sizes.
 */
public final class CosmosDocumentSink
    implements GuardedDocumentSink,
        ConditionalDocumentSink,
        PatchingDocumentSink,
        ScannableDocumentSink,
        PacedDocumentSink {
  /** A split shows after a minute; until then sessions have room for the ranges that there were. */
  private static final long COUNT_NANOS = Duration.ofMinutes(1).toNanos();

  private record Layout(ContainerReader.Facts facts, int ranges, long countedNanos) {}

  private final Connection connection;
  private final SinkOptions options;
  private final SlowStart start = new SlowStart();
  private volatile @Nullable Layout layout;

  private CosmosDocumentSink(Connection connection, SinkOptions options) {
    this.connection = connection;
    this.options = options;
  }

  /**
   * A sink with every option at its default.
   *
   * @param container where the documents go; its client stays open
   * @return the sink
   */
  public static CosmosDocumentSink of(CosmosAsyncContainer container) {
    return builder(container).build();
  }

  /**
   * Begins a sink.
   *
   * @param container where the documents go; its client stays open
   * @return a builder
   */
  public static Builder builder(CosmosAsyncContainer container) {
    return new Builder(Connection.of(Objects.requireNonNull(container, "container")));
  }

  /**
   * Begins a sink that builds its client when it is first used. An initial load opens the table at
   * the same time, so the first document is written sooner after the start of a process.
   *
   * <pre>{@code
   * CosmosDocumentSink.connecting(() -> builder.buildAsyncClient(), "shop", "products").build()
   * }</pre>
   *
   * @param client builds the client; called once, or again after it failed, on any thread
   * @param database the database's id
   * @param container the container's id
   * @return a builder; its sink closes the client
   */
  public static Builder connecting(
      Supplier<CosmosAsyncClient> client, String database, String container) {
    return new Builder(Connection.lazily(client, database, container));
  }

  /**
   * {@inheritDoc}
   *
   * <p>The identity is made of the account, the database, the container and the container's
   * resource id, which another container of the same name does not have.
   */
  @Override
  public TargetDescription describe() {
    return look().facts().target();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Reads the container, unless {@link #describe} did before.
   *
   * @throws io.reverseetl.exceptions.ConfigurationException if there is no such container, or the
   *     credentials are refused
   * @throws io.reverseetl.exceptions.WriteException if the service does not answer
   */
  @Override
  public WriteSession openSession() {
    return openSession(() -> Double.POSITIVE_INFINITY);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Batches are then as large as what the budget lets through to one physical partition in a
   * twentieth of a second, at most 100 operations; and up to five travel to it at a time.
   */
  @Override
  public WriteSession openSession(DoubleSupplier requestUnitsPerSecond) {
    Layout known = layout;
    if (known == null) {
      known = look();
    }
    CosmosAsyncContainer container = connection.container();
    options.control().enable(container);
    return new CosmosWriteSession(
        container,
        options,
        known.facts(),
        known.ranges(),
        new BatchPace(requestUnitsPerSecond, known.ranges()),
        start);
  }

  private Layout look() {
    ContainerReader reader = new ContainerReader(connection.container());
    ContainerReader.Facts facts = reader.look();
    Layout known = layout;
    boolean counted =
        known != null
            && known.facts().equals(facts)
            && System.nanoTime() - known.countedNanos() < COUNT_NANOS;
    Layout seen =
        known != null && counted ? known : new Layout(facts, reader.ranges(), System.nanoTime());
    layout = seen;
    return seen;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Reads page by page with one query over all partitions, which costs request units for each
   * document.
   */
  @Override
  public void scan(Consumer<? super Document> each) {
    new ContainerScan(connection.container(), connection.name(), describe().partitionKeyPaths())
        .each(each);
  }

  /** Closes the client that a {@link #connecting} sink built, and no other. May be called twice. */
  @Override
  public void close() {
    connection.close();
  }

  /** Sets the options of a {@link CosmosDocumentSink}. Not thread-safe. */
  public static final class Builder {
    private final Connection connection;
    private int maxInFlightOperations;
    private long maxInFlightBytes = 64L * 1024 * 1024;
    private int maxMicroBatchConcurrency = 1;
    private int maxAttempts = 10;
    private Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));
    private Duration stallTimeout = Duration.ofMinutes(3);
    private int throughputBucket;
    private boolean lowPriority;

    private Builder(Connection connection) {
      this.connection = connection;
    }

    /**
     * How many operations a session has in flight before {@code write} blocks. Fewer than 100 for
     * each physical partition slow it down, as batches then leave partly filled.
     *
     * @param operations at least 1; unless set, 300 for each physical partition and each of {@link
     *     #maxMicroBatchConcurrency}, and from 2,000 to 100,000. A sink begins with 16 and
     *     quadruples them as they are answered
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder maxInFlightOperations(int operations) {
      check(operations >= 1, "maxInFlightOperations is at least 1.");
      this.maxInFlightOperations = operations;
      return this;
    }

    /**
     * How many bytes of documents a session has in flight before {@code write} blocks. A document
     * that is larger goes alone.
     *
     * @param bytes at least 1; 64 MiB unless set
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder maxInFlightBytes(long bytes) {
      check(bytes >= 1, "maxInFlightBytes is at least 1.");
      this.maxInFlightBytes = bytes;
      return this;
    }

    /**
     * How many batches the client sends at a time to each physical partition.
     *
     * @param batches from 1 to 5; 1 unless set
     * @return this builder
     * @throws IllegalArgumentException if it is less or more
     */
    public Builder maxMicroBatchConcurrency(int batches) {
      check(batches >= 1 && batches <= 5, "maxMicroBatchConcurrency is from 1 to 5.");
      this.maxMicroBatchConcurrency = batches;
      return this;
    }

    /**
     * How often an operation is tried before the session fails. The client's own retries within an
     * attempt, of throttled operations for example, do not count.
     *
     * @param attempts at least 1; 10 unless set
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder maxAttempts(int attempts) {
      check(attempts >= 1, "maxAttempts is at least 1.");
      this.maxAttempts = attempts;
      return this;
    }

    /**
     * How long to wait before an operation is tried again: at first about so long, then doubling,
     * with a random part; never less than the service asks for.
     *
     * @param first more than zero; 100 ms unless set
     * @param most at least {@code first}; 5 s unless set
     * @return this builder
     * @throws IllegalArgumentException if they are less
     */
    public Builder retryBackoff(Duration first, Duration most) {
      check(
          !first.isNegative() && !first.isZero() && most.compareTo(first) >= 0,
          "retryBackoff begins above zero and does not end below its beginning.");
      this.backoff = new Backoff(first, most);
      return this;
    }

    /**
     * How long a session waits without any answer. Then it sends what is in flight again, once, and
     * after as long again it fails.
     *
     * @param timeout more than zero, and more than the client's request timeout, which is 60 s; 3
     *     minutes unless set
     * @return this builder
     * @throws IllegalArgumentException if it is zero or negative
     */
    public Builder stallTimeout(Duration timeout) {
      check(!timeout.isNegative() && !timeout.isZero(), "stallTimeout is more than zero.");
      this.stallTimeout = timeout;
      return this;
    }

    /**
     * Puts every write into a throughput bucket of the container, which the account's owner has
     * configured: it bounds the percentage of the container's throughput that its requests get. The
     * service does it, across all processes; it is no reservation, and needs neither serverless nor
     * shared throughput. A bucket that is not configured bounds nothing, which cannot be seen from
     * here.
     *
     * @param bucket from 1 to 5; none unless set
     * @return this builder
     * @throws IllegalArgumentException if it is less or more
     */
    public Builder throughputBucket(int bucket) {
      check(bucket >= 1 && bucket <= 5, "throughputBucket is from 1 to 5.");
      this.throughputBucket = bucket;
      return this;
    }

    /**
     * Lets others go first: when the container is short of throughput, the service throttles
     * requests of low priority before those of high, which is everybody's unless they say
     * otherwise. By best effort, and only where the account has priority-based execution switched
     * on; elsewhere it changes nothing, which cannot be seen from here.
     *
     * @param low whether to; false unless set
     * @return this builder
     */
    public Builder lowPriority(boolean low) {
      this.lowPriority = low;
      return this;
    }

    /**
     * Makes the sink. Asks the service nothing yet.
     *
     * @return the sink
     */
    public CosmosDocumentSink build() {
      return new CosmosDocumentSink(
          connection,
          new SinkOptions(
              maxInFlightOperations,
              maxInFlightBytes,
              maxMicroBatchConcurrency,
              BatchPace.FULL,
              maxAttempts,
              backoff,
              stallTimeout,
              new ServerThroughputControl(throughputBucket, lowPriority),
              new CosmosBulkExecutionThresholdsState()));
    }

    private static void check(boolean right, String message) {
      if (!right) {
        throw new IllegalArgumentException(message);
      }
    }
  }
}
