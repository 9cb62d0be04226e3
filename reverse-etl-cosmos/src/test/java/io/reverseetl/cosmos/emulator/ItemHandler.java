package io.reverseetl.cosmos.emulator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Point operations on documents, and delete by partition key. Thread-safe. */
final class ItemHandler {
  private final AccountStore account;

  ItemHandler(AccountStore account) {
    this.account = account;
  }

  HttpResponse handle(EmulatorRequest request, ContainerStore container) {
    HttpRequest http = request.http();
    ItemOperation operation = new ItemOperation();
    operation.kind = ItemOperation.Kind.valueOf(request.operation().name());
    operation.id = request.resource().id();
    operation.ifMatch = http.header("if-match");
    operation.ifNoneMatch = http.header("if-none-match");
    operation.minimalReturn = prefersMinimal(http);
    operation.key = key(http);
    if (operation.carriesDocument()) {
      operation.body = http.body();
      operation.document = container.scanner().scan(http.body());
      operation.body = trimmed(http.body());
    } else if (operation.kind == ItemOperation.Kind.PATCH) {
      operation.patch = Json.readObject(http.body());
    }
    return answer(execute(container, operation, true), container);
  }

  static boolean prefersMinimal(HttpRequest http) {
    return "return=minimal".equalsIgnoreCase(http.header("prefer"));
  }

  static PartitionKeyValue key(HttpRequest http) {
    String header = http.header("x-ms-documentdb-partitionkey");
    return header == null ? null : PartitionKeyValue.parse(header);
  }

  /** Documents are stored from brace to brace, so that properties can be appended. */
  private static byte[] trimmed(byte[] body) {
    int start = 0;
    int end = body.length;
    while (body[start] != '{') {
      start++;
    }
    while (body[end - 1] != '}') {
      end--;
    }
    return start == 0 && end == body.length ? body : Arrays.copyOfRange(body, start, end);
  }

  /**
   * Does one operation, whole: lock, budget, effect, log.
   *
   * @param metered whether the operation draws on the range's budget
   */
  Outcome execute(ContainerStore container, ItemOperation operation, boolean metered) {
    ItemExecutor.check(container, operation);
    byte[] effectiveKey = container.definition().partitionKey().effectiveKey(operation.key);
    PartitionRange range = container.lockRangeOf(effectiveKey);
    try {
      long wait = metered ? range.budget().admit() : -1;
      if (wait >= 0) {
        throw CosmosError.throttled(wait);
      }
      WriteLog.Entries entries = account.log() == null ? null : new WriteLog.Entries();
      ItemResult result;
      try {
        result = account.items().apply(container, range, operation, effectiveKey, entries);
      } catch (CosmosError e) {
        result = ItemResult.of(e, RequestUnits.REFUSED);
      }
      if (metered) {
        range.budget().charge(result.charge(), 1);
      }
      if (entries != null) {
        account.log().append(entries);
      }
      return new Outcome(result, range.id(), range.sessionToken(), range.lsn());
    } finally {
      range.lock.unlock();
    }
  }

  /** What an operation led to and where. */
  record Outcome(ItemResult result, String rangeId, String sessionToken, long lsn) {}

  private static HttpResponse answer(Outcome outcome, ContainerStore container) {
    ItemResult result = outcome.result();
    HttpResponse response;
    if (result.failed()) {
      response =
          HttpResponse.of(new CosmosError(result.status(), result.subStatus(), result.message()));
    } else {
      response = new HttpResponse(result.status());
      if (result.content() != null) {
        response.body(result.content());
      }
    }
    if (result.etag() != 0) {
      response.header("etag", Etag.format(result.etag()));
    }
    response.header("x-ms-request-charge", RequestUnits.format(result.charge()));
    return located(response, container, outcome.rangeId(), outcome.sessionToken(), outcome.lsn());
  }

  /** Adds the headers that tell which container and range answered. */
  static HttpResponse located(
      HttpResponse response,
      ContainerStore container,
      String rangeId,
      String sessionToken,
      long lsn) {
    return response
        .header("x-ms-session-token", sessionToken)
        .header("x-ms-documentdb-partitionkeyrangeid", rangeId)
        .header("lsn", Long.toString(lsn))
        .header("x-ms-content-path", container.rid())
        .header(
            "x-ms-alt-content-path",
            ResourcePath.encode(
                "dbs/" + container.database().name() + "/colls/" + container.name()));
  }

  /** Deletes everything under one key; the service does it in the background, this at once. */
  HttpResponse deleteByPartitionKey(EmulatorRequest request, ContainerStore container) {
    PartitionKeyValue key = key(request.http());
    if (key == null) {
      throw CosmosError.badRequest("PartitionKey value must be supplied for this operation.");
    }
    container.definition().partitionKey().check(key);
    byte[] effectiveKey = container.definition().partitionKey().effectiveKey(key);
    PartitionRange range = container.lockRangeOf(effectiveKey);
    try {
      long wait = range.budget().admit();
      if (wait >= 0) {
        throw CosmosError.throttled(wait);
      }
      WriteLog.Entries entries = account.log() == null ? null : new WriteLog.Entries();
      List<Slot> victims = new ArrayList<>();
      for (Slot slot : range.inOrder()) {
        if (slot.version != null && slot.address.key().equals(key)) {
          victims.add(slot);
        }
      }
      for (Slot slot : victims) {
        range.remove(slot);
        long lsn = range.nextLsn();
        if (entries != null) {
          entries.delete(container, lsn, slot.address);
        }
      }
      range.budget().charge(RequestUnits.REFUSED, 1);
      if (entries != null) {
        account.log().append(entries);
      }
      HttpResponse response =
          new HttpResponse(200)
              .header("x-ms-request-charge", RequestUnits.format(RequestUnits.REFUSED));
      return located(response, container, range.id(), range.sessionToken(), range.lsn());
    } finally {
      range.lock.unlock();
    }
  }
}
