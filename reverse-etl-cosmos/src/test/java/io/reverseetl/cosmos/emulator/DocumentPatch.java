package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A partial update: an optional condition and up to ten steps, all or none. */
final class DocumentPatch {
  private static final int MAX_STEPS = 10;

  private final List<JsonNode> steps;
  private final SqlExpression condition;
  private final ContainerDefinition definition;

  private DocumentPatch(
      List<JsonNode> steps, SqlExpression condition, ContainerDefinition definition) {
    this.steps = steps;
    this.condition = condition;
    this.definition = definition;
  }

  static DocumentPatch parse(ObjectNode body, ContainerDefinition definition) {
    List<JsonNode> steps = new ArrayList<>();
    body.path("operations").forEach(steps::add);
    if (steps.isEmpty() || steps.size() > MAX_STEPS) {
      throw CosmosError.badRequest(
          "A patch needs 1 to " + MAX_STEPS + " operations, got " + steps.size() + ".");
    }
    JsonNode text = body.get("condition");
    SqlExpression condition =
        text == null || text.isNull() ? null : SqlParser.parseCondition(text.asText());
    return new DocumentPatch(steps, condition, definition);
  }

  boolean conditionHolds(ObjectNode document) {
    if (condition == null) {
      return true;
    }
    SqlExpression.Scope scope = new SqlExpression.Scope(Map.of());
    scope.document = document;
    return SqlExpression.isTrue(condition.evaluate(scope));
  }

  /** Changes the given tree; on an error it must be thrown away. */
  void applyTo(ObjectNode document) {
    for (JsonNode step : steps) {
      apply(document, step);
    }
  }

  private void apply(ObjectNode document, JsonNode step) {
    String kind = step.path("op").asText();
    List<String> path = pointer(step.path("path").asText());
    refuseFixed(path);
    JsonNode value = step.get("value");
    switch (kind) {
      case "add" -> put(document, path, required(value, path), true);
      case "set" -> put(document, path, required(value, path), false);
      case "replace" -> {
        if (get(document, path) == null) {
          throw missing(path);
        }
        put(document, path, required(value, path), false);
      }
      case "remove" -> remove(document, path);
      case "incr" -> increment(document, path, required(value, path));
      case "move" -> {
        List<String> from = pointer(step.path("from").asText());
        refuseFixed(from);
        JsonNode moved = get(document, from);
        if (moved == null) {
          throw missing(from);
        }
        remove(document, from);
        put(document, path, moved, true);
      }
      default -> throw CosmosError.badRequest("Unknown patch operation " + kind + ".");
    }
  }

  private void refuseFixed(List<String> path) {
    boolean system =
        path.get(0).equals("id") || DocumentScanner.SYSTEM_PROPERTIES.contains(path.get(0));
    boolean key = false;
    for (List<String> keyPath : definition.partitionKey().paths()) {
      int common = Math.min(keyPath.size(), path.size());
      key |= keyPath.subList(0, common).equals(path.subList(0, common));
    }
    if (system || key) {
      throw CosmosError.badRequest(
          "Patch cannot change the id, the partition key or system properties: " + path);
    }
  }

  private static JsonNode required(JsonNode value, List<String> path) {
    if (value == null) {
      throw CosmosError.badRequest("The patch operation on " + path + " has no value.");
    }
    return value;
  }

  private static List<String> pointer(String path) {
    if (!path.startsWith("/") || path.length() == 1) {
      throw CosmosError.badRequest("Patch path '" + path + "' must start with a slash.");
    }
    List<String> names = new ArrayList<>();
    for (String name : path.substring(1).split("/", -1)) {
      names.add(name.replace("~1", "/").replace("~0", "~"));
    }
    return names;
  }

  private static JsonNode get(JsonNode document, List<String> path) {
    JsonNode node = document;
    for (String name : path) {
      node = node == null ? null : child(node, name);
    }
    return node;
  }

  private static JsonNode child(JsonNode node, String name) {
    return node.isArray() ? node.get(index(name, node.size())) : node.get(name);
  }

  private static JsonNode parent(ObjectNode document, List<String> path) {
    JsonNode parent = get(document, path.subList(0, path.size() - 1));
    if (parent == null || !parent.isContainerNode()) {
      throw missing(path);
    }
    return parent;
  }

  private static void put(
      ObjectNode document, List<String> path, JsonNode value, boolean insertIntoArray) {
    JsonNode parent = parent(document, path);
    String last = path.get(path.size() - 1);
    if (parent instanceof ObjectNode object) {
      object.set(last, value);
      return;
    }
    ArrayNode array = (ArrayNode) parent;
    int index = last.equals("-") ? array.size() : index(last, array.size());
    if (index > array.size()) {
      throw missing(path);
    }
    if (insertIntoArray || index == array.size()) {
      array.insert(index, value);
    } else {
      array.set(index, value);
    }
  }

  private static void remove(ObjectNode document, List<String> path) {
    JsonNode parent = parent(document, path);
    String last = path.get(path.size() - 1);
    JsonNode removed =
        parent instanceof ObjectNode object
            ? object.remove(last)
            : ((ArrayNode) parent).remove(index(last, parent.size()));
    if (removed == null) {
      throw missing(path);
    }
  }

  private static void increment(ObjectNode document, List<String> path, JsonNode by) {
    JsonNode current = get(document, path);
    if (!by.isNumber() || (current != null && !current.isNumber())) {
      throw CosmosError.badRequest("incr works on numbers only: " + path);
    }
    double sum = by.doubleValue() + (current == null ? 0 : current.doubleValue());
    put(document, path, SqlValues.number(sum), false);
  }

  private static int index(String name, int size) {
    try {
      int index = Integer.parseInt(name);
      return index < 0 ? size + 1 : index;
    } catch (NumberFormatException e) {
      throw CosmosError.badRequest("'" + name + "' is not an array index.");
    }
  }

  private static CosmosError missing(List<String> path) {
    return CosmosError.badRequest("The patch path " + path + " does not exist.");
  }
}
