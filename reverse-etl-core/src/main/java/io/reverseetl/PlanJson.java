package io.reverseetl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.table.PartRange;
import io.reverseetl.table.SnapshotPart;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The JSON forms of plans, units and results; docs/scale-out.md describes them. */
final class PlanJson {
  private static final int FORMAT = 1;
  private static final String PLAN = "load-plan";
  private static final String UNIT = "work-unit";
  private static final String RESULT = "unit-result";
  private static final ObjectMapper JSON = new ObjectMapper();

  private PlanJson() {}

  static String write(LoadPlan plan) {
    ObjectNode root = root(PLAN);
    write(plan.identity(), root.putObject("plan"));
    root.put("partCount", plan.partCount());
    root.put("checksKeys", plan.checksKeys());
    for (WorkUnit unit : plan.units()) {
      write(unit.pieces(), root.withArray("units").addObject());
    }
    return text(root);
  }

  static String write(WorkUnit unit) {
    ObjectNode root = root(UNIT);
    write(unit.plan(), root.putObject("plan"));
    root.put("index", unit.index());
    write(unit.pieces(), root);
    return text(root);
  }

  static String write(UnitResult result) {
    ObjectNode root = root(RESULT);
    root.put("planId", result.planId());
    root.put("index", result.index());
    root.put("rowsRead", result.rowsRead());
    root.put("documentsWritten", result.documentsWritten());
    root.put("bytesWritten", result.bytesWritten());
    root.put("deadLetters", result.deadLetters());
    root.put("requestUnits", result.requestUnits());
    root.put("throttled", result.throttled());
    root.put("retried", result.retried());
    return text(root);
  }

  /** Names the units of a plan: the same only if they are. */
  static String hash(List<List<WorkUnit.Piece>> units) {
    ObjectNode root = JSON.createObjectNode();
    for (List<WorkUnit.Piece> pieces : units) {
      write(pieces, root.withArray("units").addObject());
    }
    return Fingerprint.of(List.of(text(root)));
  }

  static ObjectNode root(String kind) {
    return JSON.createObjectNode().put("format", FORMAT).put("kind", kind);
  }

  private static void write(PlanIdentity plan, ObjectNode node) {
    node.put("id", plan.id());
    node.put("owner", plan.owner());
    node.put("checkpoint", plan.checkpoint());
    node.put("tableUri", plan.tableUri());
    node.put("tableId", plan.tableId());
    node.put("version", plan.version());
    node.put("schemaHash", plan.schemaHash());
    node.put("partsHash", plan.partsHash());
    node.put("pipelineHash", plan.pipelineHash());
    node.put("target", plan.target());
    node.put("filter", plan.filter());
    node.put("leaseMillis", plan.leaseMillis());
  }

  private static void write(List<WorkUnit.Piece> pieces, ObjectNode unit) {
    for (WorkUnit.Piece piece : pieces) {
      ObjectNode node = unit.withArray("files").addObject();
      SnapshotPart part = piece.part();
      node.put("path", part.id());
      node.put("bytes", part.sizeInBytes());
      part.rowCount().ifPresent(rows -> node.put("rows", rows));
      part.deletionVector().ifPresent(vector -> node.put("deletionVector", vector));
      PartRange range = piece.range();
      if (range != null) {
        node.put("start", range.start()).put("end", range.end());
      }
    }
  }

  static String text(ObjectNode root) {
    try {
      return JSON.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of text and numbers has a JSON form.", e);
    }
  }

  static LoadPlan plan(String json) {
    JsonNode root = read(json, PLAN);
    PlanIdentity identity = identity(root.path("plan"));
    List<WorkUnit> units = new ArrayList<>();
    for (JsonNode unit : root.path("units")) {
      units.add(new WorkUnit(identity, units.size(), pieces(unit)));
    }
    JsonNode checksKeys = root.path("checksKeys");
    if (!checksKeys.isBoolean()) {
      throw wrong(PLAN, "property \"checksKeys\" is missing or not true or false", null);
    }
    long partCount = number(root, "partCount");
    if (partCount < 0 || partCount > Integer.MAX_VALUE) {
      throw wrong(PLAN, "property \"partCount\" is out of range", null);
    }
    return new LoadPlan(identity, (int) partCount, checksKeys.booleanValue(), units);
  }

  static WorkUnit unit(String json) {
    JsonNode root = read(json, UNIT);
    return new WorkUnit(identity(root.path("plan")), index(root), pieces(root));
  }

  static UnitResult result(String json) {
    JsonNode root = read(json, RESULT);
    JsonNode requestUnits = root.path("requestUnits");
    if (!requestUnits.isNumber()) {
      throw wrong(RESULT, "property \"requestUnits\" is missing or no number", null);
    }
    return new UnitResult(
        string(root, "planId"),
        index(root),
        number(root, "rowsRead"),
        number(root, "documentsWritten"),
        number(root, "bytesWritten"),
        number(root, "deadLetters"),
        requestUnits.doubleValue(),
        number(root, "throttled"),
        number(root, "retried"));
  }

  static JsonNode read(String json, String kind) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      // Jackson's message quotes the text, and the row filter in it may hold a value.
      throw wrong(kind, "it is not JSON", null);
    }
    if (!root.path("kind").asText().equals(kind)) {
      throw wrong(kind, "its \"kind\" is another one", null);
    }
    if (root.path("format").asInt(0) != FORMAT) {
      throw wrong(
          kind,
          "it has format "
              + root.path("format").asInt(0)
              + ", and this version of reverse-etl reads format "
              + FORMAT,
          null);
    }
    return root;
  }

  private static PlanIdentity identity(JsonNode node) {
    return new PlanIdentity(
        string(node, "id"),
        string(node, "owner"),
        string(node, "checkpoint"),
        string(node, "tableUri"),
        string(node, "tableId"),
        number(node, "version"),
        string(node, "schemaHash"),
        string(node, "partsHash"),
        string(node, "pipelineHash"),
        string(node, "target"),
        string(node, "filter"),
        number(node, "leaseMillis"));
  }

  private static List<WorkUnit.Piece> pieces(JsonNode unit) {
    List<WorkUnit.Piece> pieces = new ArrayList<>();
    for (JsonNode file : unit.path("files")) {
      try {
        pieces.add(
            new WorkUnit.Piece(
                new SnapshotPart(
                    string(file, "path"),
                    number(file, "bytes"),
                    file.has("rows") ? OptionalLong.of(number(file, "rows")) : OptionalLong.empty(),
                    file.has("deletionVector")
                        ? Optional.of(string(file, "deletionVector"))
                        : Optional.empty()),
                file.has("start")
                    ? new PartRange(number(file, "start"), number(file, "end"))
                    : null));
      } catch (IllegalArgumentException e) {
        throw wrong(UNIT, "a file of it names no range of bytes", e);
      }
    }
    if (pieces.isEmpty()) {
      throw wrong(UNIT, "it names no file", null);
    }
    return pieces;
  }

  static int index(JsonNode node) {
    long index = number(node, "index");
    if (index < 0 || index > Integer.MAX_VALUE) {
      throw wrong(UNIT, "property \"index\" is out of range", null);
    }
    return (int) index;
  }

  static String string(JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (!value.isTextual()) {
      throw wrong(UNIT, "property \"" + name + "\" is missing or no text", null);
    }
    return value.textValue();
  }

  static long number(JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (!value.canConvertToLong() || !value.isIntegralNumber()) {
      throw wrong(UNIT, "property \"" + name + "\" is missing or no integer", null);
    }
    return value.longValue();
  }

  static ConfigurationException wrong(
      String kind, String why, @org.jspecify.annotations.Nullable Exception cause) {
    return new ConfigurationException(
        "A "
            + kind
            + " cannot be read: "
            + why
            + ". Hand over what toJson() gave, unchanged, to the same version of reverse-etl.",
        cause);
  }
}
