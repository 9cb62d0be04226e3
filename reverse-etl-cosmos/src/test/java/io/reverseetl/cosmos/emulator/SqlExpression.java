package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** A part of a query that has a value for a document; null stands for undefined. */
interface SqlExpression {
  JsonNode evaluate(Scope scope);

  /** Adds the aggregates inside this expression to the list. */
  default void collectAggregates(List<Aggregate> target) {}

  /** What an expression may look at. Not thread-safe. */
  final class Scope {
    final Map<String, JsonNode> parameters;
    final Map<Aggregate, JsonNode> aggregates = new IdentityHashMap<>();
    JsonNode document;

    Scope(Map<String, JsonNode> parameters) {
      this.parameters = parameters;
    }
  }

  /** Whether a value counts as true: only the boolean does. */
  static boolean isTrue(JsonNode value) {
    return value != null && value.isBoolean() && value.booleanValue();
  }

  /** A fixed value. */
  record Literal(JsonNode value) implements SqlExpression {
    @Override
    public JsonNode evaluate(Scope scope) {
      return value;
    }
  }

  /** The constant {@code undefined}. */
  record Undefined() implements SqlExpression {
    @Override
    public JsonNode evaluate(Scope scope) {
      return null;
    }
  }

  /** A parameter of the request. */
  record Parameter(String name) implements SqlExpression {
    @Override
    public JsonNode evaluate(Scope scope) {
      JsonNode value = scope.parameters.get(name);
      if (value == null) {
        throw CosmosError.badRequest("The query has no parameter " + name + ".");
      }
      return value;
    }
  }

  /** The document itself. */
  record Root() implements SqlExpression {
    @Override
    public JsonNode evaluate(Scope scope) {
      return scope.document;
    }
  }

  /** A property of an object or an element of an array. */
  record Member(SqlExpression owner, SqlExpression name) implements SqlExpression {
    @Override
    public JsonNode evaluate(Scope scope) {
      JsonNode object = owner.evaluate(scope);
      JsonNode key = name.evaluate(scope);
      if (object == null || key == null) {
        return null;
      }
      return key.isNumber() ? object.get(key.asInt()) : object.get(key.asText());
    }
  }

  /** An array made of expressions. */
  record ArrayOf(List<SqlExpression> elements) implements SqlExpression {
    @Override
    public JsonNode evaluate(Scope scope) {
      ArrayNode array = Json.MAPPER.createArrayNode();
      for (SqlExpression element : elements) {
        JsonNode value = element.evaluate(scope);
        if (value != null) {
          array.add(value);
        }
      }
      return array;
    }

    @Override
    public void collectAggregates(List<Aggregate> target) {
      elements.forEach(element -> element.collectAggregates(target));
    }
  }

  /** An object made of expressions; undefined values leave no property. */
  record ObjectOf(Map<String, SqlExpression> members) implements SqlExpression {
    @Override
    public JsonNode evaluate(Scope scope) {
      ObjectNode object = Json.object();
      members.forEach(
          (name, expression) -> {
            JsonNode value = expression.evaluate(scope);
            if (value != null) {
              object.set(name, value);
            }
          });
      return object;
    }

    @Override
    public void collectAggregates(List<Aggregate> target) {
      members.values().forEach(member -> member.collectAggregates(target));
    }
  }

  /** A comparison. Values of different types are unequal, and neither smaller nor larger. */
  record Comparison(String operator, SqlExpression left, SqlExpression right)
      implements SqlExpression {
    @Override
    public JsonNode evaluate(Scope scope) {
      JsonNode a = left.evaluate(scope);
      JsonNode b = right.evaluate(scope);
      if (a == null || b == null) {
        return null;
      }
      switch (operator) {
        case "=" -> {
          return BooleanNode.valueOf(SqlValues.areEqual(a, b));
        }
        case "!=", "<>" -> {
          return BooleanNode.valueOf(!SqlValues.areEqual(a, b));
        }
        default -> {
          if (SqlValues.rank(a) != SqlValues.rank(b) || a.isContainerNode()) {
            return null;
          }
          int order = SqlValues.compare(a, b);
          return BooleanNode.valueOf(
              switch (operator) {
                case "<" -> order < 0;
                case "<=" -> order <= 0;
                case ">" -> order > 0;
                default -> order >= 0;
              });
        }
      }
    }
  }

  /** Three-valued AND and OR. */
  record Logical(boolean and, SqlExpression left, SqlExpression right) implements SqlExpression {
    @Override
    public JsonNode evaluate(Scope scope) {
      JsonNode a = left.evaluate(scope);
      if (decides(a)) {
        return a;
      }
      JsonNode b = right.evaluate(scope);
      if (decides(b)) {
        return b;
      }
      boolean known = a != null && a.isBoolean() && b != null && b.isBoolean();
      return known ? BooleanNode.valueOf(and) : null;
    }

    private boolean decides(JsonNode value) {
      return value != null && value.isBoolean() && value.booleanValue() != and;
    }
  }

  /** Negation; of anything but a boolean it is undefined. */
  record Not(SqlExpression operand) implements SqlExpression {
    @Override
    public JsonNode evaluate(Scope scope) {
      JsonNode value = operand.evaluate(scope);
      return value != null && value.isBoolean() ? BooleanNode.valueOf(!value.booleanValue()) : null;
    }
  }

  /** Membership in a list. */
  record In(SqlExpression operand, List<SqlExpression> candidates) implements SqlExpression {
    @Override
    public JsonNode evaluate(Scope scope) {
      JsonNode value = operand.evaluate(scope);
      if (value == null) {
        return null;
      }
      for (SqlExpression candidate : candidates) {
        JsonNode other = candidate.evaluate(scope);
        if (other != null && SqlValues.areEqual(value, other)) {
          return BooleanNode.TRUE;
        }
      }
      return BooleanNode.FALSE;
    }
  }

  /** A call of a built-in function. */
  record Call(String function, List<SqlExpression> arguments) implements SqlExpression {
    @Override
    public JsonNode evaluate(Scope scope) {
      JsonNode[] values = new JsonNode[arguments.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = arguments.get(i).evaluate(scope);
      }
      return SqlValues.call(function, values);
    }
  }

  /** COUNT, SUM, MIN, MAX or AVG over the matching documents. */
  record Aggregate(String function, SqlExpression argument) implements SqlExpression {
    @Override
    public JsonNode evaluate(Scope scope) {
      return scope.aggregates.get(this);
    }

    @Override
    public void collectAggregates(List<Aggregate> target) {
      target.add(this);
    }
  }
}
