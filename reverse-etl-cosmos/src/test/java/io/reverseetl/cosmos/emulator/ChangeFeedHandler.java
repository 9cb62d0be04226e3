package io.reverseetl.cosmos.emulator;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;

/** The change feed in its latest-version mode. Thread-safe. */
final class ChangeFeedHandler {
  private static final int MAX_PAGE_BYTES = 4 * 1024 * 1024;

  HttpResponse read(EmulatorRequest request, ContainerStore container) {
    HttpRequest http = request.http();
    if (!"Incremental Feed".equalsIgnoreCase(http.header("a-im"))) {
      throw CosmosError.badRequest(
          "The emulator knows only the incremental change feed, not " + http.header("a-im") + ".");
    }
    QueryHandler.Selection selection = QueryHandler.Selection.of(http, container);
    if (selection.ranges.size() != 1) {
      throw CosmosError.badRequest("A change feed read needs one range or one partition key.");
    }
    PartitionRange range = selection.ranges.get(0);
    range.lock.lock();
    try {
      if (range.isRetired()) {
        throw CosmosError.rangeGone(range.id());
      }
      long wait = range.budget().admit();
      if (wait >= 0) {
        throw CosmosError.throttled(wait);
      }
      return read(http, container, range, selection);
    } finally {
      range.lock.unlock();
    }
  }

  private static HttpResponse read(
      HttpRequest http,
      ContainerStore container,
      PartitionRange range,
      QueryHandler.Selection selection) {
    long after = after(http, range);
    long since = since(http);
    int pageSize = QueryHandler.pageSize(http);
    ChangeLog changes = range.changes();
    ByteBuilder body = new ByteBuilder(16 * 1024);
    body.ascii("{\"_rid\":\"").ascii(container.rid()).ascii("\",\"Documents\":[");
    int count = 0;
    long position = range.lsn();
    long now = container.now();
    long last = after;
    for (int i = changes.indexAfter(after); i < changes.size(); i++) {
      Slot.Version version = changes.liveVersion(i);
      Slot slot = changes.slot(i);
      if (version == null
          || version.timestamp() < since
          || !selection.includes(slot)
          || container.isExpired(version, now)) {
        continue;
      }
      if (count >= pageSize || body.size() > MAX_PAGE_BYTES) {
        position = last;
        break;
      }
      if (count > 0) {
        body.put(',');
      }
      container.render(slot, version, true, body);
      last = version.lsn();
      count++;
    }
    body.ascii("],\"_count\":").number(count).put('}');
    double charge = RequestUnits.feed(count, count == 0 ? 0 : body.size());
    range.budget().charge(charge, 1);
    HttpResponse response = new HttpResponse(count == 0 ? 304 : 200);
    if (count > 0) {
      response.body(body);
    }
    response
        .header("etag", "\"" + position + "\"")
        .header("x-ms-item-count", Integer.toString(count))
        .header("x-ms-request-charge", RequestUnits.format(charge));
    return ItemHandler.located(response, container, range.id(), range.sessionToken(), range.lsn());
  }

  private static long after(HttpRequest http, PartitionRange range) {
    String ifNoneMatch = http.header("if-none-match");
    if (ifNoneMatch == null) {
      return 0;
    }
    if (ifNoneMatch.equals("*")) {
      return range.lsn();
    }
    try {
      return Long.parseLong(ifNoneMatch.replace("\"", ""));
    } catch (NumberFormatException e) {
      throw CosmosError.badRequest("Change feed position " + ifNoneMatch + " is not a number.");
    }
  }

  private static long since(HttpRequest http) {
    String header = http.header("if-modified-since");
    if (header == null) {
      return Long.MIN_VALUE;
    }
    try {
      return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(header)).getEpochSecond();
    } catch (DateTimeException e) {
      throw CosmosError.badRequest("If-Modified-Since " + header + " is not an HTTP date.");
    }
  }
}
