package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** One container: definition, partition ranges and what places documents in them. Thread-safe. */
final class ContainerStore {
  private final DatabaseStore database;
  private final int number;
  private final InstantSource clock;
  private final AtomicLong documentNumbers = new AtomicLong();
  private volatile Shape shape;
  private volatile PartitionRange[] ranges;
  private volatile int rangesVersion = 1;
  private final List<RequestUnitSecond> closedLedger = new CopyOnWriteArrayList<>();
  private int nextRangeId;

  /** What changes together when the container is replaced. */
  private record Shape(
      ContainerDefinition definition, DocumentScanner scanner, long etag, long timestamp) {}

  ContainerStore(
      DatabaseStore database,
      int number,
      ContainerDefinition definition,
      long etag,
      long timestamp,
      int partitions,
      InstantSource clock) {
    this.database = database;
    this.number = number;
    this.clock = clock;
    this.shape = new Shape(definition, new DocumentScanner(definition), etag, timestamp);
    List<byte[]> boundaries = definition.partitionKey().boundaries(partitions);
    PartitionRange[] all = new PartitionRange[partitions];
    for (int i = 0; i < partitions; i++) {
      all[i] = newRange(List.of(), boundaries.get(i), boundaries.get(i + 1));
    }
    this.ranges = all;
  }

  private PartitionRange newRange(List<String> parents, byte[] minimum, byte[] maximum) {
    return new PartitionRange(Integer.toString(nextRangeId++), parents, minimum, maximum, clock);
  }

  DatabaseStore database() {
    return database;
  }

  int number() {
    return number;
  }

  String name() {
    return shape.definition.json().path("id").asText();
  }

  String rid() {
    return ResourceIds.container(database.number(), number);
  }

  String self() {
    return database.self() + "colls/" + rid() + "/";
  }

  ContainerDefinition definition() {
    return shape.definition;
  }

  DocumentScanner scanner() {
    return shape.scanner;
  }

  void replace(ContainerDefinition definition, long etag, long timestamp) {
    shape = new Shape(definition, new DocumentScanner(definition), etag, timestamp);
  }

  long etag() {
    return shape.etag;
  }

  ObjectNode json() {
    Shape now = shape;
    ObjectNode json = now.definition.json();
    json.put("_rid", rid());
    json.put("_self", self());
    json.put("_etag", Etag.format(now.etag));
    json.put("_ts", now.timestamp);
    json.put("_docs", "docs/");
    json.put("_sprocs", "sprocs/");
    json.put("_triggers", "triggers/");
    json.put("_udfs", "udfs/");
    json.put("_conflicts", "conflicts/");
    return json;
  }

  long nextDocumentNumber() {
    return documentNumbers.incrementAndGet();
  }

  void restoreDocumentNumber(long restored) {
    documentNumbers.accumulateAndGet(restored, Math::max);
  }

  PartitionRange[] ranges() {
    return ranges;
  }

  int rangesVersion() {
    return rangesVersion;
  }

  /** Returns the range with that id, or refuses as the service does for one that was split. */
  PartitionRange range(String id) {
    for (PartitionRange range : ranges) {
      if (range.id().equals(id)) {
        return range;
      }
    }
    throw CosmosError.rangeGone(id);
  }

  PartitionRange rangeOf(byte[] effectiveKey) {
    for (PartitionRange range : ranges) {
      if (Arrays.compareUnsigned(effectiveKey, range.maximum()) < 0) {
        return range;
      }
    }
    throw new IllegalStateException(
        "No range for " + PartitionKeyDefinition.hex(effectiveKey) + ": not a partition key");
  }

  /** Returns the range of a key, locked: the caller unlocks it. */
  PartitionRange lockRangeOf(byte[] effectiveKey) {
    while (true) {
      PartitionRange range = rangeOf(effectiveKey);
      range.lock.lock();
      if (!range.isRetired()) {
        return range;
      }
      // A split came in between; its ranges are published before the old one is let go.
      range.lock.unlock();
    }
  }

  /** Returns the range with that id, locked: the caller unlocks it. */
  PartitionRange lockRange(String id) {
    PartitionRange range = range(id);
    range.lock.lock();
    if (range.isRetired()) {
      range.lock.unlock();
      throw CosmosError.rangeGone(id);
    }
    return range;
  }

  /**
   * Splits a range at the middle of its part of the key space.
   *
   * @param beforePublish runs while nothing can be written to the range, for the write log
   * @return the ids of the two new ranges
   */
  synchronized List<String> split(String rangeId, Runnable beforePublish) {
    PartitionRange old = lockRange(rangeId);
    try {
      List<String> parents = new ArrayList<>(old.parents());
      parents.add(old.id());
      byte[] middle = definition().partitionKey().middle(old.minimum(), old.maximum());
      PartitionRange left = newRange(parents, old.minimum(), middle);
      PartitionRange right = newRange(parents, middle, old.maximum());
      beforePublish.run();
      List<PartitionRange> next = new ArrayList<>();
      for (PartitionRange range : ranges) {
        if (range == old) {
          next.add(left);
          next.add(right);
        } else {
          next.add(range);
        }
      }
      left.lock.lock();
      right.lock.lock();
      try {
        old.splitInto(left, right);
        closedLedger.addAll(old.budget().ledger());
        ranges = next.toArray(new PartitionRange[0]);
        rangesVersion++;
      } finally {
        left.lock.unlock();
        right.lock.unlock();
      }
      return List.of(left.id(), right.id());
    } finally {
      old.lock.unlock();
    }
  }

  /** Divides the container's request units over its ranges. */
  void provision(double requestUnitsPerSecond) {
    PartitionRange[] all = ranges;
    for (PartitionRange range : all) {
      range.lock.lock();
      try {
        range.budget().perSecond(requestUnitsPerSecond / all.length);
      } finally {
        range.lock.unlock();
      }
    }
  }

  /** What all ranges consumed, those that were split among them. */
  List<RequestUnitSecond> ledger() {
    List<RequestUnitSecond> ledger = new ArrayList<>(closedLedger);
    for (PartitionRange range : ranges) {
      range.lock.lock();
      try {
        ledger.addAll(range.budget().ledger());
      } finally {
        range.lock.unlock();
      }
    }
    return ledger;
  }

  /** The partition key range feed. */
  ObjectNode rangesJson() {
    ObjectNode feed = Json.object();
    feed.put("_rid", rid());
    ArrayNode list = feed.putArray("PartitionKeyRanges");
    PartitionRange[] all = ranges;
    for (PartitionRange range : all) {
      ObjectNode json = list.addObject();
      json.put("id", range.id());
      json.put("_rid", rid());
      json.put("_self", self() + "pkranges/" + range.id() + "/");
      json.put("minInclusive", PartitionKeyDefinition.hex(range.minimum()));
      json.put("maxExclusive", PartitionKeyDefinition.hex(range.maximum()));
      json.put("ridPrefix", Integer.parseInt(range.id()));
      json.put("throughputFraction", 1.0 / all.length);
      json.put("status", "online");
      ArrayNode parents = json.putArray("parents");
      range.parents().forEach(parents::add);
    }
    feed.put("_count", all.length);
    return feed;
  }

  /** Now, in seconds since the epoch: the service's resolution of {@code _ts}. */
  long now() {
    return clock.instant().getEpochSecond();
  }

  /** Whether a version has outlived its time. */
  boolean isExpired(Slot.Version version, long now) {
    long byDefault = shape.definition.defaultTtl();
    if (byDefault == ContainerDefinition.TTL_OFF) {
      return false;
    }
    long ttl = version.ttl() == ScannedDocument.NO_TTL ? byDefault : version.ttl();
    return ttl > 0 && version.timestamp() + ttl <= now;
  }

  /** Returns the document as a client sees it, with system properties and optionally its lsn. */
  void render(Slot slot, Slot.Version version, boolean withLsn, ByteBuilder target) {
    byte[] body = version.body();
    String documentRid = ResourceIds.document(database.number(), number, slot.documentNumber);
    target.put(body, 0, body.length - 1);
    target.ascii(",\"_rid\":\"").ascii(documentRid);
    target.ascii("\",\"_self\":\"").ascii(self()).ascii("docs/").ascii(documentRid);
    String etag = Etag.format(version.etag());
    target.ascii("/\",\"_etag\":\"\\\"").ascii(etag.substring(1, etag.length() - 1));
    target.ascii("\\\"\",\"_attachments\":\"attachments/\",\"_ts\":").number(version.timestamp());
    if (withLsn) {
      target.ascii(",\"_lsn\":").number(version.lsn());
    }
    target.put('}');
  }

  byte[] render(Slot slot, Slot.Version version) {
    ByteBuilder target = new ByteBuilder(version.body().length + 256);
    render(slot, version, false, target);
    return target.toBytes();
  }
}
