package io.reverseetl.cosmos.emulator;

import java.util.List;

/** Bulk and transactional batches. Thread-safe. */
final class BatchHandler {
  private static final int FAILED_DEPENDENCY = 424;

  private final AccountStore account;
  private final Faults faults;

  BatchHandler(AccountStore account, Faults faults) {
    this.account = account;
    this.faults = faults;
  }

  HttpResponse handle(EmulatorRequest request, ContainerStore container) {
    HttpRequest http = request.http();
    boolean atomic = http.flag("x-ms-cosmos-batch-atomic");
    List<ItemOperation> operations =
        BatchParser.parse(http.body(), container.scanner(), ItemHandler.prefersMinimal(http));
    PartitionKeyDefinition definition = container.definition().partitionKey();
    byte[][] places = new byte[operations.size()][];
    PartitionKeyValue key = ItemHandler.key(http);
    String rangeId = http.header("x-ms-documentdb-partitionkeyrangeid");
    PartitionRange range;
    if (key != null) {
      definition.check(key);
      byte[] place = definition.effectiveKey(key);
      for (int i = 0; i < places.length; i++) {
        ItemOperation operation = operations.get(i);
        if (operation.key != null && !operation.key.equals(key)) {
          throw CosmosError.badRequest("All operations of a batch must have its partition key.");
        }
        operation.key = key;
        places[i] = place;
      }
      range = container.lockRangeOf(place);
    } else if (rangeId != null && !atomic) {
      for (int i = 0; i < places.length; i++) {
        PartitionKeyValue own = operations.get(i).key;
        // A key with too few or too many levels has no place; its operation is refused by itself.
        places[i] =
            own == null || own.size() != definition.levels() ? null : definition.effectiveKey(own);
      }
      range = container.lockRange(rangeId);
    } else {
      throw CosmosError.badRequest("A batch needs a partition key or a partition key range id.");
    }
    try {
      checkRouting(range, places);
      WriteLog.Entries entries = account.log() == null ? null : new WriteLog.Entries();
      ItemResult[] results =
          atomic
              ? atomic(request, container, range, operations, places, entries)
              : independent(request, container, range, operations, places, entries);
      if (entries != null) {
        account.log().append(entries);
      }
      return answer(container, range, results);
    } finally {
      range.lock.unlock();
    }
  }

  /** A key outside of the addressed range means that the client's map or hash is wrong. */
  private static void checkRouting(PartitionRange range, byte[][] places) {
    for (byte[] place : places) {
      if (place != null && !range.contains(place)) {
        throw CosmosError.rangeGone(range.id());
      }
    }
  }

  private ItemResult[] independent(
      EmulatorRequest request,
      ContainerStore container,
      PartitionRange range,
      List<ItemOperation> operations,
      byte[][] places,
      WriteLog.Entries entries) {
    boolean goOn = request.http().flag("x-ms-cosmos-batch-continue-on-error");
    ItemResult[] results = new ItemResult[places.length];
    boolean failed = false;
    boolean anyAdmitted = false;
    long wait = -1;
    for (int i = 0; i < results.length; i++) {
      if (failed && !goOn) {
        results[i] = new ItemResult(FAILED_DEPENDENCY, 0, 0, 0, null, -1, null);
        continue;
      }
      wait = range.budget().admit();
      if (wait >= 0) {
        results[i] = ItemResult.of(CosmosError.throttled(wait), 0);
      } else {
        anyAdmitted = true;
        results[i] = one(request, container, range, operations.get(i), places[i], entries);
        range.budget().charge(results[i].charge(), 1);
      }
      failed |= results[i].failed();
    }
    if (!anyAdmitted) {
      throw CosmosError.throttled(wait);
    }
    return results;
  }

  private ItemResult[] atomic(
      EmulatorRequest request,
      ContainerStore container,
      PartitionRange range,
      List<ItemOperation> operations,
      byte[][] places,
      WriteLog.Entries entries) {
    long wait = range.budget().admit();
    if (wait >= 0) {
      throw CosmosError.throttled(wait);
    }
    ItemResult[] results = new ItemResult[places.length];
    int failedAt = -1;
    double charge = 0;
    range.begin();
    try {
      for (int i = 0; i < results.length && failedAt < 0; i++) {
        results[i] = one(request, container, range, operations.get(i), places[i], entries);
        charge += results[i].charge();
        failedAt = results[i].failed() ? i : -1;
      }
    } finally {
      if (failedAt < 0 && results[results.length - 1] != null) {
        range.commit();
      } else {
        range.rollBack();
      }
    }
    range.budget().charge(charge, results.length);
    if (failedAt >= 0) {
      if (entries != null) {
        entries.clear();
      }
      for (int i = 0; i < results.length; i++) {
        if (i != failedAt) {
          results[i] = new ItemResult(FAILED_DEPENDENCY, 0, 0, 0, null, -1, null);
        }
      }
    }
    return results;
  }

  private ItemResult one(
      EmulatorRequest request,
      ContainerStore container,
      PartitionRange range,
      ItemOperation operation,
      byte[] place,
      WriteLog.Entries entries) {
    FaultRule fault = faults.forOperation(request, operation);
    CosmosError injected = null;
    if (fault != null) {
      fault.pause();
      injected = fault.error();
      if (injected != null && !fault.isAfterApply()) {
        return ItemResult.of(injected, 0);
      }
    }
    ItemResult result;
    try {
      ItemExecutor.check(container, operation);
      result = account.items().apply(container, range, operation, place, entries);
    } catch (CosmosError e) {
      result = ItemResult.of(e, RequestUnits.REFUSED);
    }
    return injected == null ? result : ItemResult.of(injected, result.charge());
  }

  private static HttpResponse answer(
      ContainerStore container, PartitionRange range, ItemResult[] results) {
    ByteBuilder body = new ByteBuilder(160 * results.length);
    double charge = 0;
    boolean failed = false;
    body.put('[');
    for (ItemResult result : results) {
      if (body.size() > 1) {
        body.put(',');
      }
      charge += result.charge();
      failed |= result.failed();
      body.ascii("{\"statusCode\":").number(result.status());
      if (result.subStatus() != 0) {
        body.ascii(",\"subStatusCode\":").number(result.subStatus());
      }
      body.ascii(",\"requestCharge\":").ascii(RequestUnits.format(result.charge()));
      if (result.etag() != 0) {
        String etag = Etag.format(result.etag());
        body.ascii(",\"eTag\":\"\\\"").ascii(etag.substring(1, etag.length() - 1));
        body.ascii("\\\"\"");
      }
      if (result.retryAfterMillis() >= 0) {
        body.ascii(",\"retryAfterMilliseconds\":").number(result.retryAfterMillis());
      }
      if (result.content() != null) {
        body.ascii(",\"resourceBody\":").put(result.content());
      }
      body.put('}');
    }
    body.put(']');
    HttpResponse response =
        new HttpResponse(failed ? 207 : 200)
            .body(body)
            .header("x-ms-request-charge", RequestUnits.format(charge));
    return ItemHandler.located(response, container, range.id(), range.sessionToken(), range.lsn());
  }
}
