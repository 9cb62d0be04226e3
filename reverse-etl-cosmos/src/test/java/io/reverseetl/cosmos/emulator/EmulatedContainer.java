package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Direct access to one container, past the wire: costs no request units and meets no fault.
 * Thread-safe.
 *
 * <p>Partition keys are given as plain Java values, one per level: a string, number, boolean, or
 * null for JSON null.
 */
public final class EmulatedContainer {
  private final AccountStore account;
  private final ItemHandler items;
  private final ContainerStore store;

  EmulatedContainer(AccountStore account, ItemHandler items, ContainerStore store) {
    this.account = account;
    this.items = items;
    this.store = store;
  }

  /** Name of the container. */
  public String name() {
    return store.name();
  }

  /** Every document with its system properties, range by range in the order of creation. */
  public List<ObjectNode> documents() {
    List<ObjectNode> documents = new ArrayList<>();
    forEachLive((slot, version) -> documents.add(Json.readStored(store.render(slot, version))));
    return documents;
  }

  /** The document of that identity with its system properties, if there is one. */
  public Optional<ObjectNode> document(String id, Object... partitionKey) {
    ItemOperation read = operation(ItemOperation.Kind.READ, id, partitionKey);
    ItemResult result = items.execute(store, read, false).result();
    return result.failed() ? Optional.empty() : Optional.of(Json.readStored(result.content()));
  }

  /** Number of documents. */
  public long documentCount() {
    long[] count = new long[1];
    forEachLive((slot, version) -> count[0]++);
    return count[0];
  }

  /** Number of documents in every partition range, in the ranges' order. */
  public List<Long> documentCountByRange() {
    List<Long> counts = new ArrayList<>();
    for (PartitionRange range : store.ranges()) {
      range.lock.lock();
      try {
        counts.add((long) range.size());
      } finally {
        range.lock.unlock();
      }
    }
    return counts;
  }

  /** Creates or replaces a document under the key that it carries. */
  public void put(String json) {
    byte[] body = json.strip().getBytes(StandardCharsets.UTF_8);
    ItemOperation put = new ItemOperation();
    put.kind = ItemOperation.Kind.UPSERT;
    put.body = body;
    put.document = store.scanner().scan(body);
    put.key = put.document.key();
    put.minimalReturn = true;
    ItemResult result = items.execute(store, put, false).result();
    if (result.failed()) {
      throw new IllegalArgumentException(
          "The document was refused with " + result.status() + ": " + result.message());
    }
  }

  /** Creates or replaces a document under the key that it carries. */
  public void put(ObjectNode document) {
    put(document.toString());
  }

  /** Deletes a document and returns whether it was there. */
  public boolean delete(String id, Object... partitionKey) {
    ItemOperation delete = operation(ItemOperation.Kind.DELETE, id, partitionKey);
    return !items.execute(store, delete, false).result().failed();
  }

  private static ItemOperation operation(
      ItemOperation.Kind kind, String id, Object[] partitionKey) {
    ItemOperation operation = new ItemOperation();
    operation.kind = kind;
    operation.id = id;
    operation.key = PartitionKeyValue.of(partitionKey.clone());
    return operation;
  }

  /** The container's properties as a client reads them. */
  public ObjectNode metadata() {
    return store.json();
  }

  /** Ids of the partition ranges in their order. */
  public List<String> rangeIds() {
    List<String> ids = new ArrayList<>();
    for (PartitionRange range : store.ranges()) {
      ids.add(range.id());
    }
    return ids;
  }

  /** The id of the partition range that a key belongs to. */
  public String rangeIdOf(Object... partitionKey) {
    PartitionKeyValue key = PartitionKeyValue.of(partitionKey.clone());
    return store.rangeOf(store.definition().partitionKey().effectiveKey(key)).id();
  }

  /**
   * Splits a partition range in its middle; requests that name the old range are answered 410/1002
   * from now on.
   *
   * @return ids of the two new ranges
   */
  public List<String> split(String rangeId) {
    return account.split(store, rangeId);
  }

  /** The throughput in force, in request units per second; empty without an offer. */
  public Optional<Integer> requestUnitsPerSecond() {
    return Optional.ofNullable(account.offerOf(store.rid())).map(Offer::effective);
  }

  /**
   * What every range consumed in every second in which anything came, range by range; ranges that
   * were split come first.
   */
  public List<RequestUnitSecond> ledger() {
    return store.ledger();
  }

  /** Request units that all operations took together. */
  public double totalRequestUnits() {
    return ledger().stream().mapToDouble(RequestUnitSecond::requestUnits).sum();
  }

  /** Number of operations that were answered 429 for want of budget. */
  public long throttledCount() {
    return ledger().stream().mapToLong(RequestUnitSecond::throttled).sum();
  }

  private interface Visitor {
    void visit(Slot slot, Slot.Version version);
  }

  private void forEachLive(Visitor visitor) {
    long now = store.now();
    for (PartitionRange range : store.ranges()) {
      range.lock.lock();
      try {
        for (Slot slot : range.inOrder()) {
          if (slot.version != null && !store.isExpired(slot.version, now)) {
            visitor.visit(slot, slot.version);
          }
        }
      } finally {
        range.lock.unlock();
      }
    }
  }
}
