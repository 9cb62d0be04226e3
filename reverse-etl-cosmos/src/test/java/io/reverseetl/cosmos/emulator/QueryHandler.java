package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Query plans, queries and the plain document feed. Thread-safe. */
final class QueryHandler {
  private static final int DEFAULT_PAGE = 1_000;
  private static final int MAX_PAGE_BYTES = 4 * 1024 * 1024;

  HttpResponse plan(EmulatorRequest request) {
    ObjectNode body = Json.readObject(request.body());
    ObjectNode plan = SqlParser.parse(body.path("query").asText()).plan();
    return new HttpResponse(200)
        .header("x-ms-request-charge", RequestUnits.format(RequestUnits.METADATA))
        .body(Json.write(plan));
  }

  /** Returns all documents, page by page. */
  HttpResponse feed(EmulatorRequest request, ContainerStore container) {
    return run(request, container, SqlParser.parse("SELECT * FROM c"), Map.of());
  }

  HttpResponse query(EmulatorRequest request, ContainerStore container) {
    ObjectNode body = Json.readObject(request.body());
    SqlQuery query = SqlParser.parse(body.path("query").asText());
    Map<String, JsonNode> parameters = new HashMap<>();
    for (JsonNode parameter : body.path("parameters")) {
      parameters.put(parameter.path("name").asText(), parameter.path("value"));
    }
    return run(request, container, query, parameters);
  }

  private HttpResponse run(
      EmulatorRequest request,
      ContainerStore container,
      SqlQuery query,
      Map<String, JsonNode> parameters) {
    HttpRequest http = request.http();
    Selection selection = Selection.of(http, container);
    int pageSize = pageSize(http);
    Continuation from = Continuation.parse(http.header("x-ms-continuation"));
    Page page = new Page(container, query, parameters, selection, pageSize);
    PartitionRange answering = null;
    List<PartitionRange> targets = selection.ranges;
    for (int i = 0; i < targets.size(); i++) {
      PartitionRange range = targets.get(i);
      // A range that was split since names itself by its lower end, which a child took over.
      if (from != null && targets.size() > 1 && from.isBefore(range)) {
        continue;
      }
      boolean resumed = from != null && answering == null;
      range.lock.lock();
      try {
        if (range.isRetired()) {
          throw CosmosError.rangeGone(range.id());
        }
        long wait = range.budget().admit();
        if (wait >= 0) {
          throw CosmosError.throttled(wait);
        }
        answering = range;
        page.readFrom(range, resumed ? from.position() : 0);
        range.budget().charge(page.takeCharge(), 1);
      } finally {
        range.lock.unlock();
      }
      if (page.isFull()) {
        break;
      }
    }
    page.finish();
    if (answering != null) {
      // What ordering and aggregates add is known only now.
      answering.lock.lock();
      try {
        answering.budget().charge(page.takeCharge(), 0);
      } finally {
        answering.lock.unlock();
      }
    }
    HttpResponse response =
        new HttpResponse(200)
            .body(page.body())
            .header("x-ms-item-count", Integer.toString(page.count))
            .header("x-ms-request-charge", RequestUnits.format(page.charge));
    if (page.nextPosition >= 0) {
      response.header(
          "x-ms-continuation", new Continuation(answering.minimum(), page.nextPosition).format());
    }
    if (answering == null) {
      return response;
    }
    return ItemHandler.located(
        response, container, answering.id(), answering.sessionToken(), answering.lsn());
  }

  static int pageSize(HttpRequest http) {
    String header = http.header("x-ms-max-item-count");
    int size = header == null ? -1 : Integer.parseInt(header.strip());
    return size <= 0 ? DEFAULT_PAGE : size;
  }

  /** Which part of a container a request is about. */
  static final class Selection {
    final List<PartitionRange> ranges;
    private final PartitionKeyValue key;
    private final byte[] minimum;
    private final byte[] maximum;

    private Selection(
        List<PartitionRange> ranges, PartitionKeyValue key, byte[] minimum, byte[] maximum) {
      this.ranges = ranges;
      this.key = key;
      this.minimum = minimum;
      this.maximum = maximum;
    }

    static Selection of(HttpRequest http, ContainerStore container) {
      String rangeId = http.header("x-ms-documentdb-partitionkeyrangeid");
      if (rangeId != null && rangeId.indexOf(',') >= 0) {
        rangeId = rangeId.substring(rangeId.indexOf(',') + 1);
      }
      PartitionKeyValue key = ItemHandler.key(http);
      byte[] minimum = bytes(http.header("x-ms-start-epk"));
      byte[] maximum = bytes(http.header("x-ms-end-epk"));
      PartitionKeyDefinition definition = container.definition().partitionKey();
      if (key != null && key.size() > definition.levels()) {
        definition.check(key);
      }
      List<PartitionRange> ranges;
      if (rangeId != null) {
        ranges = List.of(container.range(rangeId));
      } else if (key != null && key.size() == definition.levels()) {
        ranges = List.of(container.rangeOf(definition.effectiveKey(key)));
      } else {
        ranges = Arrays.asList(container.ranges());
      }
      return new Selection(ranges, key, minimum, maximum);
    }

    private static byte[] bytes(String hex) {
      if (hex == null) {
        return null;
      }
      try {
        return HexFormat.of().parseHex(hex);
      } catch (IllegalArgumentException e) {
        throw CosmosError.badRequest("Effective partition key " + hex + " is not hexadecimal.");
      }
    }

    boolean includes(Slot slot) {
      return (key == null || slot.address.key().startsWith(key))
          && (minimum == null || Arrays.compareUnsigned(slot.effectiveKey, minimum) >= 0)
          && (maximum == null || Arrays.compareUnsigned(slot.effectiveKey, maximum) < 0);
    }
  }

  /** Where the next page starts: a range, by its lower end, and a position inside it. */
  record Continuation(byte[] minimum, long position) {
    static Continuation parse(String header) {
      if (header == null || header.isEmpty()) {
        return null;
      }
      int separator = header.indexOf(':');
      try {
        return new Continuation(
            HexFormat.of().parseHex(header.substring(0, separator)),
            Long.parseLong(header.substring(separator + 1)));
      } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
        throw CosmosError.badRequest("Continuation " + header + " is not the emulator's.");
      }
    }

    boolean isBefore(PartitionRange range) {
      return Arrays.compareUnsigned(range.maximum(), minimum) <= 0;
    }

    String format() {
      return PartitionKeyDefinition.hex(minimum) + ":" + position;
    }
  }

  /** One page of an answer. Not thread-safe. */
  private static final class Page {
    private final ContainerStore container;
    private final SqlQuery query;
    private final Selection selection;
    private final int pageSize;
    private final SqlExpression.Scope scope;
    private final List<SqlExpression.Aggregate> aggregates;
    private final List<SqlValues.Accumulator> accumulators = new ArrayList<>();
    private final List<Row> sorted = new ArrayList<>();
    private final ByteBuilder body = new ByteBuilder(16 * 1024);
    private final ByteBuilder rendered = new ByteBuilder(2 * 1024);
    private final boolean cheapCount;
    private int skip;
    private int most;
    private int count;
    private double charge;
    private double taken;
    private long nextPosition = -1;
    private long sortedFrom;

    /** A result that waits for its place in the order. */
    private record Row(JsonNode[] keys, byte[] json) {}

    Page(
        ContainerStore container,
        SqlQuery query,
        Map<String, JsonNode> parameters,
        Selection selection,
        int pageSize) {
      this.container = container;
      this.query = query;
      this.selection = selection;
      this.pageSize = pageSize;
      this.scope = new SqlExpression.Scope(parameters);
      this.aggregates = query.aggregates();
      for (SqlExpression.Aggregate aggregate : aggregates) {
        accumulators.add(new SqlValues.Accumulator(aggregate.function()));
      }
      this.cheapCount =
          query.where() == null
              && aggregates.size() == 1
              && aggregates.get(0).argument() instanceof SqlExpression.Literal;
      this.skip = Math.max(0, query.offset());
      this.most =
          query.limit() >= 0 ? query.limit() : query.top() >= 0 ? query.top() : Integer.MAX_VALUE;
      body.ascii("{\"_rid\":\"").ascii(container.rid()).ascii("\",\"Documents\":[");
    }

    boolean isFull() {
      return nextPosition >= 0 || count >= most;
    }

    double takeCharge() {
      double now = RequestUnits.query(count, body.size());
      double difference = Math.max(0, now - taken);
      taken = now;
      charge += difference;
      return difference;
    }

    /** Reads one range; the position is the last document number delivered before. */
    void readFrom(PartitionRange range, long position) {
      List<Slot> slots = range.inOrder();
      long now = container.now();
      boolean whole = !aggregates.isEmpty() || !query.orderBy().isEmpty();
      sortedFrom = whole ? position : 0;
      int start = whole || position == 0 ? 0 : indexAfter(slots, position);
      for (int i = start; i < slots.size(); i++) {
        Slot slot = slots.get(i);
        Slot.Version version = slot.version;
        if (version == null || !selection.includes(slot) || container.isExpired(version, now)) {
          continue;
        }
        if (!whole && (count >= pageSize || body.size() > MAX_PAGE_BYTES)) {
          nextPosition = slots.get(i - 1).documentNumber;
          return;
        }
        if (!whole && count >= most) {
          return;
        }
        take(slot, version);
      }
    }

    private static int indexAfter(List<Slot> slots, long documentNumber) {
      int low = 0;
      int high = slots.size();
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (slots.get(middle).documentNumber <= documentNumber) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }

    private void take(Slot slot, Slot.Version version) {
      if (cheapCount) {
        accumulators.get(0).add(((SqlExpression.Literal) aggregates.get(0).argument()).value());
        return;
      }
      rendered.clear();
      container.render(slot, version, false, rendered);
      boolean needsTree = query.where() != null || !query.star() || !query.orderBy().isEmpty();
      if (needsTree) {
        scope.document = parse();
        if (query.where() != null && !SqlExpression.isTrue(query.where().evaluate(scope))) {
          return;
        }
      }
      if (!aggregates.isEmpty()) {
        for (int i = 0; i < aggregates.size(); i++) {
          accumulators.get(i).add(aggregates.get(i).argument().evaluate(scope));
        }
        return;
      }
      byte[] json = query.star() ? rendered.toBytes() : project();
      if (json == null) {
        return;
      }
      if (!query.orderBy().isEmpty()) {
        JsonNode[] keys = new JsonNode[query.orderBy().size()];
        for (int i = 0; i < keys.length; i++) {
          keys[i] = query.orderBy().get(i).expression().evaluate(scope);
        }
        sorted.add(new Row(keys, json));
      } else if (skip > 0) {
        skip--;
      } else {
        emit(json);
      }
    }

    private JsonNode parse() {
      try {
        return Json.MAPPER.readTree(rendered.array(), 0, rendered.size());
      } catch (IOException e) {
        throw new UncheckedIOException("A stored document is not JSON", e);
      }
    }

    private byte[] project() {
      JsonNode value = query.projection().expression().evaluate(scope);
      return value == null ? null : Json.write(value);
    }

    private void emit(byte[] json) {
      if (count > 0) {
        body.put(',');
      }
      body.put(json);
      count++;
    }

    void finish() {
      if (!aggregates.isEmpty()) {
        for (int i = 0; i < aggregates.size(); i++) {
          JsonNode result = accumulators.get(i).result();
          if (result != null) {
            scope.aggregates.put(aggregates.get(i), result);
          }
        }
        byte[] json = project();
        if (json != null) {
          emit(json);
        }
      }
      if (!query.orderBy().isEmpty()) {
        sorted.sort((a, b) -> query.compare(a.keys(), b.keys()));
        long end = Math.min(sorted.size(), (long) skip + most);
        for (long i = skip + sortedFrom; i < end; i++) {
          if (count >= pageSize || body.size() > MAX_PAGE_BYTES) {
            nextPosition = i - skip;
            break;
          }
          emit(sorted.get((int) i).json());
        }
      }
      body.ascii("],\"_count\":").number(count).put('}');
    }

    ByteBuilder body() {
      return body;
    }
  }
}
