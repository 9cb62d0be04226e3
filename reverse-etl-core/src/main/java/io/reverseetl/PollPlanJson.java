package io.reverseetl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.reduce.KeyBuckets;
import io.reverseetl.table.ChangeMethod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The JSON forms of plans of changes, and what belongs to them; docs/scale-out.md describes them.
 */
final class PollPlanJson {
  private static final String PLAN = "poll-plan";
  private static final String UNIT = "change-unit";
  private static final String UNIT_RESULT = "change-unit-result";
  private static final String TASK = "change-task";
  private static final String WRITE_RESULT = "change-write-result";
  private static final ObjectMapper JSON = new ObjectMapper();

  private PollPlanJson() {}

  static String write(PollPlan plan) {
    ObjectNode root = PlanJson.root(PLAN);
    write(plan.identity(), root.putObject("plan"));
    root.put("shares", plan.shares());
    root.put("newestVersion", plan.newestVersion());
    plan.pausedAt().ifPresent(version -> root.put("pausedAt", version));
    for (ChangeUnit unit : plan.units()) {
      write(unit.piece(), root.withArray("units").addObject());
    }
    return PlanJson.text(root);
  }

  static String write(ChangeUnit unit) {
    ObjectNode root = PlanJson.root(UNIT);
    write(unit.plan(), root.putObject("plan"));
    root.put("index", unit.index());
    write(unit.piece(), root);
    return PlanJson.text(root);
  }

  static String write(ChangeTask task) {
    ObjectNode root = PlanJson.root(TASK);
    write(task.plan(), root.putObject("plan"));
    root.put("step", task.step().name());
    root.put("share", task.share());
    root.put("refused", task.refused().text());
    return PlanJson.text(root);
  }

  static String write(ChangeUnitResult result) {
    ObjectNode root = PlanJson.root(UNIT_RESULT);
    root.put("planId", result.planId());
    root.put("index", result.index());
    root.put("rowsRead", result.rowsRead());
    root.put("changes", result.changes());
    root.put("deadLetters", result.deadLetters());
    result.lastTimestamp().ifPresent(time -> root.put("lastTimestamp", time.toEpochMilli()));
    return PlanJson.text(root);
  }

  static String write(ChangeWriteResult result) {
    ObjectNode root = PlanJson.root(WRITE_RESULT);
    root.put("planId", result.planId());
    root.put("step", result.step().name());
    root.put("share", result.share());
    root.put("changes", result.changes());
    root.put("upserts", result.upserts());
    root.put("deletes", result.deletes());
    root.put("unchanged", result.unchanged());
    root.put("documentsWritten", result.documentsWritten());
    root.put("documentsDeleted", result.documentsDeleted());
    root.put("bytesWritten", result.bytesWritten());
    root.put("deadLetters", result.deadLetters());
    root.put("requestUnits", result.requestUnits());
    root.put("requestUnitsSaved", result.requestUnitsSaved());
    root.put("throttled", result.throttled());
    root.put("retried", result.retried());
    root.put("refused", result.refused());
    return PlanJson.text(root);
  }

  /** Names what is to be read and written, and how: the same only if it is. */
  static String hash(PollIdentity plan, List<ChangeUnit.Piece> pieces, int shares) {
    ObjectNode root = JSON.createObjectNode().put("shares", shares);
    write(plan, root.putObject("plan"));
    pieces.forEach(piece -> write(piece, root.withArray("units").addObject()));
    return Fingerprint.of(List.of(PlanJson.text(root)));
  }

  private static void write(PollIdentity plan, ObjectNode node) {
    node.put("id", plan.id());
    node.put("owner", plan.owner());
    node.put("checkpoint", plan.checkpoint());
    node.put("tableUri", plan.tableUri());
    node.put("tableId", plan.tableId());
    node.put("fromVersion", plan.fromVersion());
    node.put("toVersion", plan.toVersion());
    node.put("method", plan.method().name());
    node.put("schemaHash", plan.schemaHash());
    node.put("pipelineHash", plan.pipelineHash());
    node.put("target", plan.target());
    node.put("filter", plan.filter());
    node.put("leaseMillis", plan.leaseMillis());
  }

  private static void write(ChangeUnit.Piece piece, ObjectNode node) {
    node.put("from", piece.from());
    node.put("to", piece.to());
    node.put("share", piece.share());
    node.put("shares", piece.shares());
    node.put("bytes", piece.bytes());
  }

  static PollPlan plan(String json) {
    JsonNode root = PlanJson.read(json, PLAN);
    PollIdentity identity = identity(root.path("plan"));
    List<ChangeUnit> units = new ArrayList<>();
    for (JsonNode unit : root.path("units")) {
      units.add(new ChangeUnit(identity, units.size(), piece(unit)));
    }
    int shares = integer(root, "shares", PLAN);
    if (shares < 1) {
      throw PlanJson.wrong(PLAN, "property \"shares\" is below 1", null);
    }
    return new PollPlan(
        identity,
        shares,
        units,
        PlanJson.number(root, "newestVersion"),
        root.has("pausedAt") ? PlanJson.number(root, "pausedAt") : null);
  }

  static ChangeUnit unit(String json) {
    JsonNode root = PlanJson.read(json, UNIT);
    return new ChangeUnit(identity(root.path("plan")), integer(root, "index", UNIT), piece(root));
  }

  static ChangeTask task(String json) {
    JsonNode root = PlanJson.read(json, TASK);
    return new ChangeTask(
        identity(root.path("plan")),
        named(ChangeStep.class, root, "step", TASK),
        integer(root, "share", TASK),
        KeyBuckets.parse(PlanJson.string(root, "refused")));
  }

  static ChangeUnitResult unitResult(String json) {
    JsonNode root = PlanJson.read(json, UNIT_RESULT);
    return new ChangeUnitResult(
        PlanJson.string(root, "planId"),
        integer(root, "index", UNIT_RESULT),
        PlanJson.number(root, "rowsRead"),
        PlanJson.number(root, "changes"),
        PlanJson.number(root, "deadLetters"),
        root.has("lastTimestamp")
            ? Optional.of(Instant.ofEpochMilli(PlanJson.number(root, "lastTimestamp")))
            : Optional.empty());
  }

  static ChangeWriteResult writeResult(String json) {
    JsonNode root = PlanJson.read(json, WRITE_RESULT);
    return new ChangeWriteResult(
        PlanJson.string(root, "planId"),
        named(ChangeStep.class, root, "step", WRITE_RESULT),
        integer(root, "share", WRITE_RESULT),
        PlanJson.number(root, "changes"),
        PlanJson.number(root, "upserts"),
        PlanJson.number(root, "deletes"),
        PlanJson.number(root, "unchanged"),
        PlanJson.number(root, "documentsWritten"),
        PlanJson.number(root, "documentsDeleted"),
        PlanJson.number(root, "bytesWritten"),
        PlanJson.number(root, "deadLetters"),
        amount(root, "requestUnits"),
        amount(root, "requestUnitsSaved"),
        PlanJson.number(root, "throttled"),
        PlanJson.number(root, "retried"),
        PlanJson.string(root, "refused"));
  }

  private static PollIdentity identity(JsonNode node) {
    return new PollIdentity(
        PlanJson.string(node, "id"),
        PlanJson.string(node, "owner"),
        PlanJson.string(node, "checkpoint"),
        PlanJson.string(node, "tableUri"),
        PlanJson.string(node, "tableId"),
        PlanJson.number(node, "fromVersion"),
        PlanJson.number(node, "toVersion"),
        named(ChangeMethod.class, node, "method", PLAN),
        PlanJson.string(node, "schemaHash"),
        PlanJson.string(node, "pipelineHash"),
        PlanJson.string(node, "target"),
        PlanJson.string(node, "filter"),
        PlanJson.number(node, "leaseMillis"));
  }

  private static ChangeUnit.Piece piece(JsonNode node) {
    ChangeUnit.Piece piece =
        new ChangeUnit.Piece(
            PlanJson.number(node, "from"),
            PlanJson.number(node, "to"),
            integer(node, "share", UNIT),
            integer(node, "shares", UNIT),
            PlanJson.number(node, "bytes"));
    if (piece.from() < 0 || piece.to() < piece.from() || piece.share() >= piece.shares()) {
      throw PlanJson.wrong(UNIT, "it names no commits, or no share of them", null);
    }
    return piece;
  }

  private static double amount(JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (!value.isNumber()) {
      throw PlanJson.wrong(WRITE_RESULT, "property \"" + name + "\" is missing or no number", null);
    }
    return value.doubleValue();
  }

  private static int integer(JsonNode node, String name, String kind) {
    long number = PlanJson.number(node, name);
    if (number < 0 || number > Integer.MAX_VALUE) {
      throw PlanJson.wrong(kind, "property \"" + name + "\" is out of range", null);
    }
    return (int) number;
  }

  private static <E extends Enum<E>> E named(
      Class<E> type, JsonNode node, String name, String kind) {
    String text = PlanJson.string(node, name);
    for (E value : type.getEnumConstants()) {
      if (value.name().equals(text)) {
        return value;
      }
    }
    ConfigurationException unknown =
        PlanJson.wrong(kind, "property \"" + name + "\" has a value that is not known", null);
    throw unknown;
  }
}
