package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosAsyncDatabase;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.ThroughputProperties;
import com.azure.cosmos.models.UniqueKey;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.document.DocumentSink;
import io.reverseetl.document.Generation;
import io.reverseetl.document.SnapshotPointer;
import io.reverseetl.document.SnapshotTarget;
import io.reverseetl.document.StoredPointer;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Holds snapshots of a table beside each other in Azure Cosmos DB for NoSQL, and a pointer document
 * that says which of them readers see; {@link ActiveSnapshot} follows it. Two strategies:
 *
 * <ul>
 *   <li>{@link #containers}: each snapshot has a container of its own, named after the first one
 *       with {@code -} and the generation's id. It has the settings of the served one, or changed
 *       ones, and request units of its own; removing it costs nothing. Making containers needs an
 *       account key, or rights that the data plane's roles do not have.
 *   <li>{@link #flagged}: all snapshots are in one container. Ids begin with the generation's id,
 *       and the property {@code _generation} names it. Needs no more rights than writing does, but
 *       queries must filter, and removing a snapshot costs a delete for each document.
 * </ul>
 *
 * <p>The pointer document has the container's name as id. It stands in a small container
 * partitioned by {@code /id}, without a time to live. The clients belong to whoever built them.
 *
 * <p>Thread-safe.
 */
public final class CosmosSnapshotTarget implements SnapshotTarget {
  private static final int FORMAT = 1;
  private static final String CONTAINER = "container";
  private static final String FLAG = "flag";

  private final CosmosAsyncDatabase database;
  private final String base;
  private final boolean flagged;
  private final PointerStore pointers;
  private final GenerationContainers containers;
  private final UnaryOperator<CosmosDocumentSink.Builder> sinkOptions;
  private final Map<String, CosmosDocumentSink> sinks = new ConcurrentHashMap<>();

  private CosmosSnapshotTarget(Builder builder) {
    this.database = builder.database;
    this.base = builder.base;
    this.flagged = builder.flagged;
    this.pointers = new PointerStore(builder.pointers, base);
    this.containers =
        new GenerationContainers(builder.database, builder.settings, builder.throughput);
    this.sinkOptions = builder.sinkOptions;
  }

  /**
   * Begins a target with a container for each snapshot.
   *
   * @param first the container whose settings the first snapshot's has, and whose name all of them
   *     begin with; it is neither written nor removed
   * @param pointers where the pointer document is, partitioned by {@code /id}
   * @return a builder
   */
  public static Builder containers(CosmosAsyncContainer first, CosmosAsyncContainer pointers) {
    return new Builder(first, pointers, false);
  }

  /**
   * Begins a target with all snapshots in one container. It must have no unique keys, unless {@code
   * /_generation} is among the paths of each.
   *
   * @param shared the container
   * @param pointers where the pointer document is, partitioned by {@code /id}
   * @return a builder
   */
  public static Builder flagged(CosmosAsyncContainer shared, CosmosAsyncContainer pointers) {
    return new Builder(shared, pointers, true);
  }

  /**
   * The target that a pointer document describes, with the strategy that it began with: for
   * programs that work on what others switch.
   *
   * @param first the container that snapshots are named after, or that holds them all
   * @param pointers where the pointer document would be
   * @return the target; empty if there is no such document, or no such container of pointers
   * @throws ConfigurationException if the container of pointers has another partition key, or the
   *     credentials are refused
   * @throws WriteException if the service does not answer
   */
  public static Optional<CosmosSnapshotTarget> existing(
      CosmosAsyncContainer first, CosmosAsyncContainer pointers) {
    try {
      pointers.read().block();
    } catch (CosmosException e) {
      if (Patience.isMissing(e)) {
        return Optional.empty();
      }
      // Whatever else it is, reading the pointer says it better.
    }
    PointerStore.Found found = new PointerStore(pointers, first.getId()).read();
    return Optional.ofNullable(found)
        .map(
            pointer ->
                FLAG.equals(pointer.document().path("strategy").asText())
                    ? flagged(first, pointers).build()
                    : containers(first, pointers).build());
  }

  @Override
  public Optional<StoredPointer> read() {
    PointerStore.Found found = pointers.read();
    if (found == null) {
      return Optional.empty();
    }
    ObjectNode document = found.document();
    String strategy = flagged ? FLAG : CONTAINER;
    if (document.path("format").asInt() != FORMAT
        || !strategy.equals(document.path("strategy").asText())) {
      throw new ConfigurationException(
          "The pointer "
              + pointers.name()
              + " has format "
              + document.path("format").asInt()
              + " and strategy \""
              + document.path("strategy").asText()
              + "\", but this target has format "
              + FORMAT
              + " and strategy \""
              + strategy
              + "\". Use the strategy that it began with, or another container of pointers.");
    }
    try {
      return Optional.of(
          new StoredPointer(PointerJson.read(document.path("pointer")), found.tag()));
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          "The pointer "
              + pointers.name()
              + " cannot be understood: "
              + e.getMessage()
              + ". Restore it from a backup.",
          e);
    }
  }

  @Override
  public StoredPointer save(SnapshotPointer next, Optional<StoredPointer> expected) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.put("format", FORMAT);
    document.put("strategy", flagged ? FLAG : CONTAINER);
    document.put("base", base);
    next.served().ifPresent(served -> describe(served, document.putObject("served")));
    document.set("pointer", PointerJson.write(next));
    return new StoredPointer(next, pointers.save(document, expected));
  }

  /** What readers look at. */
  private void describe(Generation served, ObjectNode node) {
    node.put("generation", served.id());
    node.put("container", place(served));
    node.put("version", Long.toString(served.version()));
    node.put("tableId", served.tableId());
  }

  private String place(Generation generation) {
    return flagged ? base : base + "-" + generation.id();
  }

  @Override
  public DocumentSink stage(Generation generation) {
    if (flagged) {
      checkUniqueKeys();
    } else {
      String like =
          read()
              .flatMap(stored -> stored.pointer().served())
              .filter(served -> !served.id().equals(generation.id()))
              .map(this::place)
              .orElse(base);
      containers.create(place(generation), like);
    }
    return open(generation);
  }

  private void checkUniqueKeys() {
    CosmosAsyncContainer shared = database.getContainer(base);
    CosmosContainerProperties properties =
        new ContainerReader(shared).ask(shared.read(), WriteException::new).getProperties();
    if (properties.getUniqueKeyPolicy() == null) {
      return;
    }
    for (UniqueKey key : properties.getUniqueKeyPolicy().getUniqueKeys()) {
      if (!key.getPaths().contains("/" + SnapshotView.GENERATION)) {
        throw new ConfigurationException(
            "Container \""
                + base
                + "\" has the unique key "
                + key.getPaths()
                + ", which two generations of one document cannot both keep. Add /"
                + SnapshotView.GENERATION
                + " to it in a new container, or use a container for each snapshot.");
      }
    }
  }

  @Override
  public DocumentSink open(Generation generation) {
    CosmosAsyncContainer container = database.getContainer(place(generation));
    CosmosDocumentSink sink =
        sinks.computeIfAbsent(
            container.getId(),
            name -> sinkOptions.apply(CosmosDocumentSink.builder(container)).build());
    return flagged ? new FlaggedSink(sink, container, generation.id()) : sink;
  }

  @Override
  public void discard(Generation generation) {
    boolean listed =
        read()
            .flatMap(stored -> stored.pointer().generation(generation.id()))
            .filter(found -> found.state() == Generation.State.DISCARDED)
            .isPresent();
    if (!listed) {
      throw new IllegalArgumentException(
          "Generation "
              + generation.id()
              + " is not listed as discarded by the pointer "
              + pointers.name()
              + ", so it stays.");
    }
    if (flagged) {
      ((FlaggedSink) open(generation)).deleteAll();
    } else {
      containers.delete(place(generation));
      sinks.remove(place(generation));
    }
  }

  /** Sets the options of a {@link CosmosSnapshotTarget}. Not thread-safe. */
  public static final class Builder {
    private final CosmosAsyncDatabase database;
    private final String base;
    private final CosmosAsyncContainer pointers;
    private final boolean flagged;
    private UnaryOperator<CosmosContainerProperties> settings = UnaryOperator.identity();
    private @Nullable ThroughputProperties throughput;
    private UnaryOperator<CosmosDocumentSink.Builder> sinkOptions = UnaryOperator.identity();

    private Builder(CosmosAsyncContainer first, CosmosAsyncContainer pointers, boolean flagged) {
      this.database = first.getDatabase();
      this.base = first.getId();
      this.pointers = Objects.requireNonNull(pointers, "pointers");
      this.flagged = flagged;
    }

    /**
     * Changes the settings of new containers: their partition key, indexing, time to live, unique
     * keys. Has no effect on {@link #flagged} targets.
     *
     * @param change is given a copy of the served container's settings, under the new name, and
     *     gives those of the new one; by default none are changed
     * @return this builder
     */
    public Builder settings(UnaryOperator<CosmosContainerProperties> change) {
      this.settings = Objects.requireNonNull(change, "change");
      return this;
    }

    /**
     * The throughput of new containers. Has no effect on {@link #flagged} targets.
     *
     * @param units default: as much as the served container has for itself, or none
     * @return this builder
     */
    public Builder throughput(ThroughputProperties units) {
      this.throughput = Objects.requireNonNull(units, "units");
      return this;
    }

    /**
     * Sets the options of the sinks that write generations.
     *
     * @param options is given the builder of each sink
     * @return this builder
     */
    public Builder sinkOptions(UnaryOperator<CosmosDocumentSink.Builder> options) {
      this.sinkOptions = Objects.requireNonNull(options, "options");
      return this;
    }

    /**
     * Makes the target. Asks the service nothing yet.
     *
     * @return the target
     */
    public CosmosSnapshotTarget build() {
      return new CosmosSnapshotTarget(this);
    }
  }
}
