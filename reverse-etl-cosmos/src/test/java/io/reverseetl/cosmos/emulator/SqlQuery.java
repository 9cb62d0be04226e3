package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A parsed query.
 *
 * @param text the whole text
 * @param star whether whole documents are returned
 * @param value whether the projection is a bare value
 * @param projection what a result is made of; null with {@code star}
 * @param alias name of the document in the query
 * @param from text after the projection, up to the first of ORDER BY and OFFSET
 * @param where condition or null
 * @param orderBy sort keys, empty when there are none
 * @param top number after TOP, -1 when there is none
 * @param offset number after OFFSET, -1 when there is none
 * @param limit number after LIMIT, -1 when there is none
 */
record SqlQuery(
    String text,
    boolean star,
    boolean value,
    Selected projection,
    String alias,
    String from,
    SqlExpression where,
    List<SortKey> orderBy,
    int top,
    int offset,
    int limit) {

  /** A projection and its text as one expression. */
  record Selected(SqlExpression expression, String text) {}

  /** One sort key and its text. */
  record SortKey(SqlExpression expression, String text, boolean descending) {}

  List<SqlExpression.Aggregate> aggregates() {
    List<SqlExpression.Aggregate> found = new ArrayList<>();
    if (projection != null) {
      projection.expression().collectAggregates(found);
    }
    return found;
  }

  /** Returns what a client has to know in order to run this query over many ranges. */
  ObjectNode plan() {
    ObjectNode plan = Json.object();
    plan.put("partitionedQueryExecutionInfoVersion", 2);
    ObjectNode info = plan.putObject("queryInfo");
    info.put("distinctType", "None");
    info.put("hasSelectValue", value);
    ArrayNode aggregateNames = info.putArray("aggregates");
    ArrayNode sortOrders = info.putArray("orderBy");
    ArrayNode sortTexts = info.putArray("orderByExpressions");
    info.putArray("groupByExpressions");
    info.putArray("groupByAliases");
    info.putObject("groupByAliasToAggregateType");
    info.put("rewrittenQuery", "");
    if (top >= 0) {
      info.put("top", top);
    }
    if (offset >= 0) {
      info.put("offset", offset).put("limit", limit);
    }
    for (SortKey key : orderBy) {
      sortOrders.add(key.descending() ? "Descending" : "Ascending");
      sortTexts.add(key.text());
    }
    List<SqlExpression.Aggregate> aggregates = aggregates();
    if (!aggregates.isEmpty()) {
      if (!value || !(projection.expression() instanceof SqlExpression.Aggregate)) {
        throw CosmosError.badRequest(
            "The emulator knows aggregates only as SELECT VALUE COUNT(...), SUM, MIN, MAX or AVG.");
      }
      aggregateNames.add(planName(aggregates.get(0).function()));
      info.put("rewrittenQuery", "SELECT VALUE [" + aggregateItem() + "] " + from);
    } else if (!orderBy.isEmpty()) {
      info.put("rewrittenQuery", rewrittenOrderBy());
    } else if (offset >= 0) {
      // Every range delivers as much as the whole answer may need; the client cuts it.
      info.put("rewrittenQuery", select() + from + " OFFSET 0 LIMIT " + (offset + limit));
    }
    ObjectNode range = plan.putArray("queryRanges").addObject();
    range.put("min", "").put("max", "FF").put("isMinInclusive", true).put("isMaxInclusive", false);
    return plan;
  }

  private String select() {
    String what = star ? "*" : "VALUE " + projection.text();
    return "SELECT " + (top >= 0 ? "TOP " + top + " " : "") + what + " ";
  }

  /** What one range answers, in the form that the client can merge. */
  private String aggregateItem() {
    String function = ((SqlExpression.Aggregate) projection.expression()).function();
    String argument = projection.text().substring(projection.text().indexOf('('));
    String count = "\"count\": COUNT" + argument;
    return switch (function) {
      case "AVG" -> "{\"item\": {\"sum\": SUM" + argument + ", " + count + "}}";
      case "MIN", "MAX" -> {
        String name = function.toLowerCase(Locale.ROOT);
        String value = "\"" + name + "\": " + projection.text();
        yield "{\"item\": " + projection.text() + ", \"item2\": {" + value + ", " + count + "}}";
      }
      default -> "{\"item\": " + projection.text() + "}";
    };
  }

  private String rewrittenOrderBy() {
    StringBuilder items = new StringBuilder();
    StringBuilder order = new StringBuilder();
    for (SortKey key : orderBy) {
      items.append(items.length() == 0 ? "" : ", ").append("{\"item\": ");
      items.append(key.text()).append('}');
      order.append(order.length() == 0 ? "" : ", ").append(key.text());
      order.append(key.descending() ? " DESC" : " ASC");
    }
    String payload = star ? alias : projection.text();
    int whereAt = from.toUpperCase(Locale.ROOT).indexOf("WHERE");
    String filter = "({documentdb-formattableorderbyquery-filter})";
    String source =
        where == null
            ? from + " WHERE " + filter
            : from.substring(0, whereAt)
                + "WHERE ("
                + from.substring(whereAt + 5)
                + ") AND "
                + filter;
    String most = offset >= 0 ? " OFFSET 0 LIMIT " + (offset + limit) : "";
    return "SELECT "
        + (top >= 0 ? "TOP " + top + " " : "")
        + alias
        + "._rid, ["
        + items
        + "] AS orderByItems, "
        + payload
        + " AS payload "
        + source
        + " ORDER BY "
        + order
        + most;
  }

  private static String planName(String function) {
    return switch (function) {
      case "AVG" -> "Average";
      case "COUNT" -> "Count";
      case "SUM" -> "Sum";
      case "MIN" -> "Min";
      default -> "Max";
    };
  }

  /** Orders by the sort keys. */
  int compare(JsonNode[] left, JsonNode[] right) {
    for (int i = 0; i < orderBy.size(); i++) {
      int order = SqlValues.compare(left[i], right[i]);
      if (order != 0) {
        return orderBy.get(i).descending() ? -order : order;
      }
    }
    return 0;
  }
}
