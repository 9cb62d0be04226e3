package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.CosmosItemSerializer;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells readers which snapshot is served: for services that read what a switch of snapshots writes.
 * It needs azure-cosmos and nothing else of this library.
 *
 * <pre>{@code
 * ActiveSnapshot products = ActiveSnapshot.of(database.getContainer("pointers"), "products");
 *
 * Product product = products.read(view ->
 *     database.getContainer(view.containerName())
 *         .readItem(view.id("7"), new PartitionKey("lamps"), Product.class).getItem());
 * }</pre>
 *
 * <p>The pointer is read again when the last reading is older than {@link Builder#refreshAfter}.
 * While it cannot be read, readers go on with what is known until that is older than {@link
 * Builder#maxStaleness}. A switch keeps the snapshot that was served before for a grace period,
 * which must be longer than that and the longest read together; then a read that began before the
 * switch ends on the snapshot that it began with.
 *
 * <p>Thread-safe. Make one, and keep it.
 */
public final class ActiveSnapshot {

  /** Reads the pointer document; null if there is none. */
  private interface Pointer {
    @Nullable JsonNode read();
  }

  private record Known(SnapshotView view, Instant at) {}

  private final Pointer pointer;
  private final String name;
  private final Duration refreshAfter;
  private final Duration maxStaleness;
  private final InstantSource clock;
  private final ReentrantLock refreshing = new ReentrantLock();
  private volatile @Nullable Known known;

  private ActiveSnapshot(Builder builder) {
    this.pointer = builder.pointer;
    this.name = builder.name;
    this.refreshAfter = builder.refreshAfter;
    this.maxStaleness = builder.maxStaleness;
    this.clock = builder.clock;
  }

  /**
   * With the defaults of {@link Builder}. Reads nothing yet.
   *
   * @param pointers the container of the pointer document
   * @param name the name of the container that snapshots are named after, which is the pointer's id
   * @return the reader of the pointer
   */
  public static ActiveSnapshot of(CosmosAsyncContainer pointers, String name) {
    return builder(pointers, name).build();
  }

  /**
   * With the defaults of {@link Builder}, over a blocking client. Reads nothing yet.
   *
   * @param pointers the container of the pointer document
   * @param name the name of the container that snapshots are named after, which is the pointer's id
   * @return the reader of the pointer
   */
  public static ActiveSnapshot of(CosmosContainer pointers, String name) {
    return builder(pointers, name).build();
  }

  /**
   * Begins one.
   *
   * @param pointers the container of the pointer document
   * @param name the name of the container that snapshots are named after, which is the pointer's id
   * @return a builder
   */
  public static Builder builder(CosmosAsyncContainer pointers, String name) {
    Objects.requireNonNull(pointers, "pointers");
    return new Builder(
        () ->
            found(
                () ->
                    Objects.requireNonNull(
                            pointers
                                .readItem(name, new PartitionKey(name), options(), ObjectNode.class)
                                .block())
                        .getItem()),
        name);
  }

  /**
   * Begins one over a blocking client.
   *
   * @param pointers the container of the pointer document
   * @param name the name of the container that snapshots are named after, which is the pointer's id
   * @return a builder
   */
  public static Builder builder(CosmosContainer pointers, String name) {
    Objects.requireNonNull(pointers, "pointers");
    return new Builder(
        () ->
            found(
                () ->
                    pointers
                        .readItem(name, new PartitionKey(name), options(), ObjectNode.class)
                        .getItem()),
        name);
  }

  private static CosmosItemRequestOptions options() {
    // The client may have a serializer of the user's, which does not know trees.
    return new CosmosItemRequestOptions()
        .setCustomItemSerializer(CosmosItemSerializer.DEFAULT_SERIALIZER);
  }

  private static @Nullable JsonNode found(Supplier<JsonNode> read) {
    try {
      return read.get();
    } catch (CosmosException e) {
      if (e.getStatusCode() == 404 && e.getSubStatusCode() == 0) {
        return null;
      }
      throw e;
    }
  }

  /**
   * The snapshot to read now. Take it once for each read, so that all of the read sees the same
   * one. Blocks for one point read when what is known is too old; not to be called on a thread that
   * must not block.
   *
   * @return the view; where snapshots were never switched, of the container by the name itself
   * @throws CosmosException if the pointer cannot be read, and what is known is older than {@link
   *     Builder#maxStaleness}
   * @throws IllegalStateException if the pointer document is of a newer version of this library, or
   *     damaged
   */
  public SnapshotView view() {
    Known last = known;
    Instant now = clock.instant();
    // Where the clock was set back, how old it is cannot be known, so it is read again.
    Duration age = last == null ? Duration.ZERO : Duration.between(last.at(), now);
    if (last != null && !age.isNegative() && age.compareTo(refreshAfter) < 0) {
      return last.view();
    }
    boolean usable = last != null && age.abs().compareTo(maxStaleness) < 0;
    if (usable && !refreshing.tryLock()) {
      return Objects.requireNonNull(last).view(); // Another thread is reading the pointer.
    }
    if (!usable) {
      refreshing.lock();
    }
    try {
      return refreshUnlessDone(last);
    } catch (CosmosException e) {
      if (usable) {
        return Objects.requireNonNull(last).view();
      }
      throw e;
    } finally {
      refreshing.unlock();
    }
  }

  @SuppressWarnings("ReferenceEquality") // Another look made another object.
  private SnapshotView refreshUnlessDone(@Nullable Known last) {
    Known newest = known;
    if (newest != null && newest != last) {
      return newest.view(); // While we waited.
    }
    Instant before = clock.instant();
    SnapshotView view = view(pointer.read());
    known = new Known(view, before);
    return view;
  }

  private SnapshotView view(@Nullable JsonNode document) {
    if (document == null) {
      return new SnapshotView(name, null, false, 0);
    }
    String strategy = document.path("strategy").asText();
    boolean flagged = strategy.equals("flag");
    if (document.path("format").asInt() != 1 || (!flagged && !strategy.equals("container"))) {
      throw new IllegalStateException(
          "The pointer \""
              + name
              + "\" has a form that this version of reverse-etl-cosmos does not know. Use the"
              + " version that wrote it, or a newer one.");
    }
    JsonNode served = document.path("served");
    return served.isObject()
        ? new SnapshotView(
            served.path("container").asText(),
            served.path("generation").asText(),
            flagged,
            served.path("version").asLong())
        : new SnapshotView(document.path("base").asText(name), null, flagged, 0);
  }

  /**
   * Reads something of one snapshot. If its container turns out to be gone, as what was known of
   * the pointer was too old, the pointer is read again and the reading repeated once on what it
   * names now, from the beginning.
   *
   * @param reading is given the view; it may be called twice, and reads all that it reads by it
   * @param <T> what it gives
   * @return what it gave
   * @throws CosmosException what it threw, or as {@link #view} does
   */
  public <T extends @Nullable Object> T read(Function<? super SnapshotView, ? extends T> reading) {
    SnapshotView view = view();
    try {
      return reading.apply(view);
    } catch (CosmosException e) {
      boolean gone = e.getStatusCode() == 404 || e.getStatusCode() == 410;
      if (!gone) {
        throw e;
      }
      SnapshotView now = refresh();
      if (now.equals(view)) {
        throw e;
      }
      return reading.apply(now);
    }
  }

  /**
   * Reads the pointer now, however young what is known is.
   *
   * @return the view
   * @throws CosmosException if the pointer cannot be read
   */
  public SnapshotView refresh() {
    refreshing.lock();
    try {
      return refreshUnlessDone(known);
    } finally {
      refreshing.unlock();
    }
  }

  /** Sets the options of an {@link ActiveSnapshot}. Not thread-safe. */
  public static final class Builder {
    private final Pointer pointer;
    private final String name;
    private Duration refreshAfter = Duration.ofSeconds(5);
    private Duration maxStaleness = Duration.ofMinutes(2);
    private InstantSource clock = InstantSource.system();

    private Builder(Pointer pointer, String name) {
      this.pointer = pointer;
      this.name = Objects.requireNonNull(name, "name");
    }

    /**
     * How old what is known of the pointer may be before it is read again: how late readers see a
     * switch.
     *
     * @param age zero or more; zero reads the pointer each time; default: 5 seconds
     * @return this builder
     * @throws IllegalArgumentException if it is negative
     */
    public Builder refreshAfter(Duration age) {
      if (age.isNegative()) {
        throw new IllegalArgumentException("An age is not negative, but was " + age + ".");
      }
      this.refreshAfter = age;
      return this;
    }

    /**
     * How old what is known may become while the pointer cannot be read. Shorter than the grace
     * period of switches, by more than the longest read.
     *
     * @param age zero or more; default: 2 minutes
     * @return this builder
     * @throws IllegalArgumentException if it is negative
     */
    public Builder maxStaleness(Duration age) {
      if (age.isNegative()) {
        throw new IllegalArgumentException("An age is not negative, but was " + age + ".");
      }
      this.maxStaleness = age;
      return this;
    }

    /**
     * Where the time comes from.
     *
     * @param time default: the system's clock
     * @return this builder
     */
    public Builder clock(InstantSource time) {
      this.clock = Objects.requireNonNull(time, "time");
      return this;
    }

    /**
     * Makes it. Reads nothing yet.
     *
     * @return the reader of the pointer
     */
    public ActiveSnapshot build() {
      return new ActiveSnapshot(this);
    }
  }
}
