package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.LongSupplier;

/**
 * What each operation does to a document, once its partition range is known and locked. Thread-safe
 * as long as the caller holds the lock of the range that it passes.
 */
final class ItemExecutor {
  private final LongSupplier etags;

  ItemExecutor(LongSupplier etags) {
    this.etags = etags;
  }

  /** Refuses what can be refused without looking at stored documents. */
  static void check(ContainerStore container, ItemOperation operation) {
    if (operation.malformed != null) {
      throw operation.malformed;
    }
    if (operation.key == null) {
      throw CosmosError.badRequest("PartitionKey value must be supplied for this operation.");
    }
    if (operation.carriesDocument()) {
      ScannedDocument document = operation.document;
      if (document == null) {
        throw CosmosError.badRequest("The operation carries no document.");
      }
      DocumentScanner.checkId(document.id());
      if (operation.kind == ItemOperation.Kind.REPLACE && !document.id().equals(operation.id)) {
        throw CosmosError.badRequest("Replacing the id of a document is not allowed.");
      }
      operation.id = document.id();
      container.definition().partitionKey().check(operation.key);
      if (!document.key().equals(operation.key)) {
        throw CosmosError.keyMismatch();
      }
    } else {
      DocumentScanner.checkId(operation.id);
      container.definition().partitionKey().check(operation.key);
    }
  }

  /**
   * Does one checked operation.
   *
   * @param effectiveKey where the operation's key belongs
   * @param record receives what a restart has to know, may be null
   */
  ItemResult apply(
      ContainerStore container,
      PartitionRange range,
      ItemOperation operation,
      byte[] effectiveKey,
      WriteLog.Entries record) {
    Slot.Address address = new Slot.Address(operation.key, operation.id);
    Slot slot = range.find(address);
    if (slot != null && container.isExpired(slot.version, container.now())) {
      range.remove(slot);
      slot = null;
    }
    switch (operation.kind) {
      case CREATE -> {
        if (slot != null) {
          throw CosmosError.conflict("Entity with the specified id already exists in the system.");
        }
        return put(container, range, operation, address, effectiveKey, null, record);
      }
      case UPSERT -> {
        checkConditions(operation, slot, false);
        return put(container, range, operation, address, effectiveKey, slot, record);
      }
      case REPLACE -> {
        checkConditions(operation, slot, true);
        return put(container, range, operation, address, effectiveKey, slot, record);
      }
      case PATCH -> {
        checkConditions(operation, slot, true);
        return patch(container, range, operation, slot, record);
      }
      case DELETE -> {
        checkConditions(operation, slot, true);
        double charge =
            RequestUnits.overwrite(
                slot.version.body().length, slot.version.values(), indexed(container));
        range.remove(slot);
        long lsn = range.nextLsn();
        if (record != null) {
          record.delete(container, lsn, address);
        }
        return new ItemResult(204, 0, charge, 0, null, -1, null);
      }
      default -> {
        return read(container, operation, slot);
      }
    }
  }

  private static int indexed(ContainerStore container) {
    return container.definition().maxIndexedProperties();
  }

  private static void checkConditions(ItemOperation operation, Slot slot, boolean mustExist) {
    if (slot == null) {
      if (mustExist) {
        throw CosmosError.notFound("document");
      }
      // The service ignores If-Match on an upsert that turns out to insert.
      return;
    }
    if (operation.ifMatch != null && !Etag.matches(operation.ifMatch, slot.version.etag())) {
      throw CosmosError.preconditionFailed();
    }
    if (operation.isWrite()
        && operation.ifNoneMatch != null
        && Etag.matches(operation.ifNoneMatch, slot.version.etag())) {
      throw CosmosError.preconditionFailed();
    }
  }

  private static ItemResult read(ContainerStore container, ItemOperation operation, Slot slot) {
    if (slot == null) {
      throw CosmosError.notFound("document");
    }
    Slot.Version version = slot.version;
    if (operation.ifNoneMatch != null && Etag.matches(operation.ifNoneMatch, version.etag())) {
      return new ItemResult(304, 0, RequestUnits.REFUSED, version.etag(), null, -1, null);
    }
    byte[] content = container.render(slot, version);
    return new ItemResult(
        200, 0, RequestUnits.read(version.body().length), version.etag(), content, -1, null);
  }

  private ItemResult put(
      ContainerStore container,
      PartitionRange range,
      ItemOperation operation,
      Slot.Address address,
      byte[] effectiveKey,
      Slot existing,
      WriteLog.Entries record) {
    byte[] body =
        operation.document.hasSystemProperties()
            ? withoutSystemProperties(operation.body)
            : operation.body;
    return store(
        container,
        range,
        operation,
        address,
        effectiveKey,
        existing,
        body,
        operation.document,
        record);
  }

  private ItemResult store(
      ContainerStore container,
      PartitionRange range,
      ItemOperation operation,
      Slot.Address address,
      byte[] effectiveKey,
      Slot existing,
      byte[] body,
      ScannedDocument document,
      WriteLog.Entries record) {
    range.checkUnique(address, document.uniqueValues());
    int indexed = indexed(container);
    double charge =
        existing == null
            ? RequestUnits.insert(body.length, document.values(), indexed)
            : RequestUnits.overwrite(
                existing.version.body().length, existing.version.values(), indexed);
    Slot.Version version =
        new Slot.Version(
            body,
            etags.getAsLong(),
            container.now(),
            range.nextLsn(),
            document.ttl(),
            document.values(),
            document.uniqueValues());
    Slot slot = existing;
    if (slot == null) {
      slot = new Slot(address, effectiveKey, container.nextDocumentNumber());
      range.add(slot, version);
    } else {
      range.write(slot, version);
    }
    if (record != null) {
      record.put(container, slot.documentNumber, version);
    }
    byte[] content = operation.minimalReturn ? null : container.render(slot, version);
    int status = existing == null ? 201 : 200;
    return new ItemResult(status, 0, charge, version.etag(), content, -1, null);
  }

  private ItemResult patch(
      ContainerStore container,
      PartitionRange range,
      ItemOperation operation,
      Slot slot,
      WriteLog.Entries record) {
    ObjectNode current = Json.readStored(container.render(slot, slot.version));
    DocumentPatch patch = DocumentPatch.parse(operation.patch, container.definition());
    if (!patch.conditionHolds(current)) {
      throw CosmosError.preconditionFailed();
    }
    patch.applyTo(current);
    DocumentScanner.SYSTEM_PROPERTIES.forEach(current::remove);
    byte[] body = Json.write(current);
    ScannedDocument document = container.scanner().scan(body);
    return store(
        container, range, operation, slot.address, slot.effectiveKey, slot, body, document, record);
  }

  /** Removes what a client sent back from an earlier read. */
  private static byte[] withoutSystemProperties(byte[] body) {
    ObjectNode tree = Json.readStored(body);
    DocumentScanner.SYSTEM_PROPERTIES.forEach(tree::remove);
    return Json.write(tree);
  }

  /** Puts a document back that was stored before a restart. */
  static void restore(
      ContainerStore container,
      byte[] body,
      long documentNumber,
      long etag,
      long timestamp,
      long lsn) {
    ScannedDocument document = container.scanner().scan(body);
    byte[] effectiveKey = container.definition().partitionKey().effectiveKey(document.key());
    PartitionRange range = container.lockRangeOf(effectiveKey);
    try {
      Slot.Address address = new Slot.Address(document.key(), document.id());
      Slot.Version version =
          new Slot.Version(
              body,
              etag,
              timestamp,
              lsn,
              document.ttl(),
              document.values(),
              document.uniqueValues());
      Slot slot = range.find(address);
      if (slot != null && slot.documentNumber != documentNumber) {
        // The old one had expired and was made anew.
        range.remove(slot);
        slot = null;
      }
      if (slot == null) {
        range.add(new Slot(address, effectiveKey, documentNumber), version);
      } else {
        range.write(slot, version);
      }
      range.restoreLsn(lsn);
      container.restoreDocumentNumber(documentNumber);
    } finally {
      range.lock.unlock();
    }
  }

  /** Repeats a deletion that was made before a restart. */
  static void restoreDeletion(ContainerStore container, Slot.Address address, long lsn) {
    byte[] effectiveKey = container.definition().partitionKey().effectiveKey(address.key());
    PartitionRange range = container.lockRangeOf(effectiveKey);
    try {
      Slot slot = range.find(address);
      if (slot != null) {
        range.remove(slot);
      }
      range.restoreLsn(lsn);
    } finally {
      range.lock.unlock();
    }
  }
}
