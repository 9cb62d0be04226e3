package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Databases, containers and offers. Changes of them are serialised here and written to the log;
 * documents are the ranges' own business. Thread-safe.
 */
final class AccountStore implements Closeable {
  private final InstantSource clock;
  private final int defaultPartitions;
  private final int defaultThroughput;
  private final boolean limited;
  private final boolean serverless;
  private final Map<String, DatabaseStore> databases = new ConcurrentSkipListMap<>();
  private final Map<String, Offer> offers = new ConcurrentHashMap<>();
  private final AtomicLong etags = new AtomicLong();
  private final ItemExecutor items = new ItemExecutor(etags::incrementAndGet);
  private int nextDatabase = 1;
  private int nextContainer = 1;
  private int nextOffer = 1;
  private volatile boolean deferThroughput;
  private WriteLog log;

  AccountStore(
      InstantSource clock,
      int defaultPartitions,
      int defaultThroughput,
      boolean limited,
      boolean serverless) {
    this.clock = clock;
    this.defaultPartitions = defaultPartitions;
    this.defaultThroughput = defaultThroughput;
    this.limited = limited;
    this.serverless = serverless;
  }

  /** Reads what the folder holds and writes everything there from now on. */
  synchronized void persistTo(Path folder) throws IOException {
    log = WriteLog.open(folder, new Replayer());
  }

  /** Null when nothing is kept. */
  WriteLog log() {
    return log;
  }

  ItemExecutor items() {
    return items;
  }

  InstantSource clock() {
    return clock;
  }

  Collection<DatabaseStore> databases() {
    return databases.values();
  }

  /** Finds a database by name or rid, or refuses. */
  DatabaseStore database(String nameOrRid) {
    DatabaseStore byName = databases.get(nameOrRid);
    if (byName != null) {
      return byName;
    }
    for (DatabaseStore database : databases.values()) {
      if (database.rid().equals(nameOrRid)) {
        return database;
      }
    }
    throw CosmosError.notFound("database " + nameOrRid);
  }

  /** Finds a container by names or rids, or refuses. */
  ContainerStore container(String databaseNameOrRid, String nameOrRid) {
    DatabaseStore database = database(databaseNameOrRid);
    ContainerStore byName = database.containers().get(nameOrRid);
    if (byName != null) {
      return byName;
    }
    for (ContainerStore container : database.containers().values()) {
      if (container.rid().equals(nameOrRid)) {
        return container;
      }
    }
    throw CosmosError.notFound("container " + nameOrRid);
  }

  synchronized DatabaseStore createDatabase(String name, int[] throughput) {
    DocumentScanner.checkId(name);
    if (databases.containsKey(name)) {
      throw CosmosError.conflict("Database " + name + " already exists.");
    }
    ObjectNode event = event("createDatabase").put("name", name).put("number", nextDatabase);
    apply(event);
    DatabaseStore database = databases.get(name);
    write(event);
    if (throughput != null) {
      setOffer(
          Offer.create(nextOffer, database.rid(), database.self(), throughput[0], throughput[1]));
    }
    return database;
  }

  synchronized void deleteDatabase(String nameOrRid) {
    DatabaseStore database = database(nameOrRid);
    ObjectNode event = event("deleteDatabase").put("name", database.name());
    apply(event);
    write(event);
  }

  /**
   * Creates a container.
   *
   * @param throughput manual and autoscale request units, null for the default
   * @param partitions number of partition ranges, 0 for the default
   */
  synchronized ContainerStore createContainer(
      DatabaseStore database, ObjectNode body, int[] throughput, int partitions) {
    String name = body.path("id").asText("");
    DocumentScanner.checkId(name);
    if (database.containers().containsKey(name)) {
      throw CosmosError.conflict("Container " + name + " already exists.");
    }
    ContainerDefinition definition = ContainerDefinition.parse(body);
    ObjectNode event = event("createContainer").put("database", database.name());
    event.put("number", nextContainer);
    event.put("partitions", partitions > 0 ? partitions : defaultPartitions);
    event.set("body", definition.json());
    apply(event);
    ContainerStore container = database.containers().get(name);
    write(event);
    boolean shared = offers.containsKey(database.rid());
    if (throughput != null || (!serverless && !shared)) {
      int[] units = throughput != null ? throughput : new int[] {defaultThroughput, 0};
      setOffer(Offer.create(nextOffer, container.rid(), container.self(), units[0], units[1]));
    }
    provision();
    return container;
  }

  synchronized void replaceContainer(ContainerStore container, ObjectNode body) {
    ContainerDefinition next = container.definition().replacedBy(body);
    ObjectNode event = containerEvent("replaceContainer", container);
    event.set("body", next.json());
    apply(event);
    write(event);
  }

  synchronized void deleteContainer(ContainerStore container) {
    ObjectNode event = containerEvent("deleteContainer", container);
    apply(event);
    write(event);
    provision();
  }

  synchronized List<String> split(ContainerStore container, String rangeId) {
    List<String> children =
        container.split(
            rangeId, () -> write(containerEvent("split", container).put("range", rangeId)));
    provision();
    return children;
  }

  /** The offer of a database or container, or null. */
  Offer offerOf(String resourceRid) {
    return offers.get(resourceRid);
  }

  Collection<Offer> offers() {
    return offers.values();
  }

  Offer offer(String offerRid) {
    for (Offer offer : offers.values()) {
      if (offer.rid().equals(offerRid)) {
        return offer;
      }
    }
    throw CosmosError.notFound("offer " + offerRid);
  }

  synchronized Offer replaceOffer(String offerRid, ObjectNode body) {
    Offer next = offer(offerRid).replacedBy(body, deferThroughput);
    setOffer(next);
    provision();
    return next;
  }

  /** While on, replaced offers stay pending until {@link #completeThroughputChanges}. */
  void deferThroughputChanges(boolean defer) {
    deferThroughput = defer;
  }

  synchronized void completeThroughputChanges() {
    for (Offer offer : List.copyOf(offers.values())) {
      if (offer.pending()) {
        setOffer(offer.completed());
      }
    }
    provision();
  }

  private void setOffer(Offer offer) {
    ObjectNode event = event("offer").put("number", offer.number());
    event.put("rid", offer.resourceRid()).put("self", offer.resourceSelf());
    event.put("manual", offer.manual()).put("autoscaleMax", offer.autoscaleMax());
    event.put("highest", offer.highest()).put("pending", offer.pending());
    event.put("effective", offer.effective());
    apply(event);
    write(event);
  }

  /** Gives every partition range its share of the request units. */
  private void provision() {
    if (!limited) {
      return;
    }
    for (DatabaseStore database : databases.values()) {
      Offer shared = offers.get(database.rid());
      int sharing = 0;
      for (ContainerStore container : database.containers().values()) {
        sharing += offers.containsKey(container.rid()) ? 0 : 1;
      }
      for (ContainerStore container : database.containers().values()) {
        Offer own = offers.get(container.rid());
        if (own != null) {
          container.provision(own.effective());
        } else if (shared != null) {
          container.provision((double) shared.effective() / sharing);
        } else {
          container.provision(ThroughputBudget.UNLIMITED);
        }
      }
    }
  }

  private ObjectNode event(String type) {
    return Json.object()
        .put("type", type)
        .put("etag", etags.incrementAndGet())
        .put("ts", clock.instant().getEpochSecond());
  }

  private ObjectNode containerEvent(String type, ContainerStore container) {
    return event(type).put("database", container.database().name()).put("name", container.name());
  }

  private void write(ObjectNode event) {
    if (log != null) {
      log.metadata(event);
    }
  }

  /** Does what an event says; used for the event itself and for its replay. */
  private void apply(ObjectNode event) {
    long etag = event.path("etag").asLong();
    long timestamp = event.path("ts").asLong();
    String name = event.path("name").asText();
    etags.accumulateAndGet(etag, Math::max);
    switch (event.path("type").asText()) {
      case "createDatabase" -> {
        int databaseNumber = event.path("number").asInt();
        nextDatabase = Math.max(nextDatabase, databaseNumber + 1);
        databases.put(name, new DatabaseStore(name, databaseNumber, etag, timestamp));
      }
      case "deleteDatabase" -> {
        DatabaseStore removed = databases.remove(name);
        offers.remove(removed.rid());
        removed.containers().values().forEach(container -> offers.remove(container.rid()));
      }
      case "createContainer" -> {
        int number = event.path("number").asInt();
        nextContainer = Math.max(nextContainer, number + 1);
        DatabaseStore owner = databases.get(event.path("database").asText());
        ContainerStore created =
            new ContainerStore(
                owner,
                number,
                ContainerDefinition.parse((ObjectNode) event.get("body")),
                etag,
                timestamp,
                event.path("partitions").asInt(),
                clock);
        owner.containers().put(created.name(), created);
      }
      case "replaceContainer" ->
          databases
              .get(event.path("database").asText())
              .containers()
              .get(name)
              .replace(ContainerDefinition.parse((ObjectNode) event.get("body")), etag, timestamp);
      case "deleteContainer" -> {
        ContainerStore deleted =
            databases.get(event.path("database").asText()).containers().remove(name);
        offers.remove(deleted.rid());
      }
      case "split" ->
          databases
              .get(event.path("database").asText())
              .containers()
              .get(name)
              .split(event.path("range").asText(), () -> {});
      case "offer" -> {
        Offer offer =
            new Offer(
                event.path("number").asInt(),
                event.path("rid").asText(),
                event.path("self").asText(),
                event.path("manual").asInt(),
                event.path("autoscaleMax").asInt(),
                event.path("highest").asInt(),
                event.path("pending").asBoolean(),
                event.path("effective").asInt());
        nextOffer = Math.max(nextOffer, offer.number() + 1);
        offers.put(offer.resourceRid(), offer);
      }
      default -> throw new IllegalStateException("Unknown event in the write log: " + event);
    }
  }

  @Override
  public void close() throws IOException {
    if (log != null) {
      log.close();
    }
  }

  /** Rebuilds the account from the write log. */
  private final class Replayer implements WriteLog.Replay {
    /** By number, because a container may have been deleted and made anew under its name. */
    private final Map<Integer, ContainerStore> byNumber = new ConcurrentHashMap<>();

    @Override
    public void metadata(ObjectNode event) {
      apply(event);
      byNumber.clear();
      for (DatabaseStore database : databases.values()) {
        for (ContainerStore container : new ArrayList<>(database.containers().values())) {
          byNumber.put(container.number(), container);
        }
      }
      provision();
    }

    @Override
    public void put(
        int database,
        int container,
        long documentNumber,
        long etag,
        long timestamp,
        long lsn,
        byte[] body) {
      etags.accumulateAndGet(etag, Math::max);
      ContainerStore store = byNumber.get(container);
      if (store != null) {
        ItemExecutor.restore(store, body, documentNumber, etag, timestamp, lsn);
      }
    }

    @Override
    public void delete(int database, int container, long lsn, String keyJson, String id) {
      ContainerStore store = byNumber.get(container);
      if (store != null) {
        Slot.Address address = new Slot.Address(PartitionKeyValue.parse(keyJson), id);
        ItemExecutor.restoreDeletion(store, address, lsn);
      }
    }
  }
}
