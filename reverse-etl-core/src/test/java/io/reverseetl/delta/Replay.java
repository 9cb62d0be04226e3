package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.ArrayType;
import io.reverseetl.table.DataType.DecimalType;
import io.reverseetl.table.DataType.MapType;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowJson;
import io.reverseetl.table.SchemaChange;
import io.reverseetl.table.SchemaChange.ColumnChange;
import io.reverseetl.table.SchemaChange.Kind;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.StructType;
import io.reverseetl.table.TableSnapshot;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Rows to which changes are applied, as a multiset: a delete takes one equal row away. When told of
 * a change of the schema it changes all its rows, as somebody who keeps a copy of the table would.
 */
final class Replay {
  private final DeltaTableSource source;
  private final Map<JsonNode, Integer> rows = new HashMap<>();
  private final List<SchemaChange> schemaChanges = new ArrayList<>();

  private Replay(DeltaTableSource source) {
    this.source = source;
  }

  /** The rows of a version; none for version -1. */
  static Replay of(DeltaTableSource source, long version) {
    Replay replay = new Replay(source);
    if (version >= 0) {
      replay.rows.putAll(snapshot(source, version));
    }
    return replay;
  }

  static Map<JsonNode, Integer> snapshot(DeltaTableSource source, long version) {
    Map<JsonNode, Integer> rows = new HashMap<>();
    RowJson json = new RowJson();
    try (TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.atVersion(version))) {
      for (SnapshotPart part : snapshot.parts()) {
        try (Cursor<Row> cursor = snapshot.open(part)) {
          while (cursor.advance()) {
            rows.merge(CanonicalLines.parse(json.toString(cursor.current())), 1, Integer::sum);
          }
        }
      }
    } catch (TableReadException e) {
      throw new AssertionError("version " + version, e);
    }
    return rows;
  }

  /** Applies a range; changes of the schema apply to all rows. */
  void apply(DeltaTableSource from, ChangeQuery query) {
    List<StructType> told = new ArrayList<>();
    Map<JsonNode, Integer> added = new HashMap<>();
    ChangeQuery listening =
        query.onSchemaChange(
            change -> {
              schemaChanges.add(change);
              told.add(change.after());
              settle(added);
              change(change);
            });
    RowJson json = new RowJson();
    try (ChangeCursor cursor = from.openChanges(listening)) {
      StructType last = null;
      long version = -1;
      while (cursor.advance()) {
        Row row = cursor.current().row();
        if (cursor.current().commitVersion() != version) {
          settle(added);
          version = cursor.current().commitVersion();
        }
        if (last != null && last != row.type() && !last.equals(row.type())) {
          assertThat(told).as("told of the columns before their first row").contains(row.type());
        }
        last = row.type();
        JsonNode values = CanonicalLines.parse(json.toString(row));
        // Inside a commit a delete of a row that a row before it brought is not what it means.
        if (cursor.current().type().isLive()) {
          added.merge(values, 1, Integer::sum);
        } else {
          Integer count = rows.get(values);
          assertThat(count)
              .as("version %s deletes a row that is not there: %s", version, values)
              .isNotNull();
          rows.merge(values, -1, (a, b) -> a + b == 0 ? null : a + b);
        }
      }
      settle(added);
    }
  }

  private void settle(Map<JsonNode, Integer> added) {
    added.forEach((row, count) -> rows.merge(row, count, Integer::sum));
    added.clear();
  }

  List<SchemaChange> schemaChanges() {
    return schemaChanges;
  }

  private void change(SchemaChange change) {
    Map<JsonNode, Integer> changed = new HashMap<>();
    rows.forEach((row, count) -> changed.merge(change(row, change), count, Integer::sum));
    rows.clear();
    rows.putAll(changed);
  }

  private static JsonNode change(JsonNode row, SchemaChange change) {
    Map<String, String> oldNames = new HashMap<>();
    List<String> added = new ArrayList<>();
    for (ColumnChange column : change.columns()) {
      if (column.kind() == Kind.RENAMED) {
        oldNames.put(column.newPath(), column.path());
      } else if (column.kind() == Kind.ADDED) {
        added.add(column.newPath());
      }
    }
    return struct(row, change.before(), change.after(), "", "", oldNames, added);
  }

  private static JsonNode struct(
      JsonNode row,
      StructType before,
      StructType after,
      String oldPrefix,
      String newPrefix,
      Map<String, String> oldNames,
      List<String> added) {
    if (row.isNull()) {
      return row;
    }
    ObjectNode changed = JsonNodeFactory.instance.objectNode();
    for (var column : after.columns()) {
      String path = newPrefix + column.name();
      String oldPath = oldNames.getOrDefault(path, oldPrefix + column.name());
      String oldName = oldPath.substring(oldPrefix.length());
      JsonNode value;
      if (added.contains(path) || !row.has(oldName)) {
        value = JsonNodeFactory.instance.nullNode();
      } else {
        value = row.get(oldName);
        DataType oldType = before.column(before.indexOf(oldName)).type();
        value =
            oldType instanceof StructType a && column.type() instanceof StructType b
                ? struct(value, a, b, oldPath + ".", path + ".", oldNames, added)
                : convert(value, oldType, column.type());
      }
      changed.set(column.name(), value);
    }
    return changed;
  }

  private static JsonNode convert(JsonNode value, DataType before, DataType after) {
    if (value.isNull() || before.equals(after)) {
      return value;
    }
    if (before instanceof StructType a && after instanceof StructType b) {
      return struct(value, a, b, "", "", Map.of(), List.of());
    }
    if (after instanceof DecimalType decimal) {
      String text = new BigDecimal(value.asText()).setScale(decimal.scale()).toPlainString();
      return JsonNodeFactory.instance.textNode(text);
    }
    if (after == Primitive.DOUBLE) {
      double number =
          before == Primitive.FLOAT ? Float.parseFloat(value.asText()) : value.asDouble();
      return CanonicalLines.parse(Double.toString(number));
    }
    if (after == Primitive.TIMESTAMP_NTZ) {
      return JsonNodeFactory.instance.textNode(value.asText() + "T00:00:00.000000");
    }
    if (before instanceof ArrayType a && after instanceof ArrayType b) {
      var array = JsonNodeFactory.instance.arrayNode();
      value.forEach(element -> array.add(convert(element, a.elementType(), b.elementType())));
      return array;
    }
    if (before instanceof MapType a && after instanceof MapType b) {
      var map = JsonNodeFactory.instance.arrayNode();
      for (JsonNode entry : value) {
        ObjectNode pair = JsonNodeFactory.instance.objectNode();
        pair.set("key", convert(entry.get("key"), a.keyType(), b.keyType()));
        pair.set("value", convert(entry.get("value"), a.valueType(), b.valueType()));
        map.add(pair);
      }
      return map;
    }
    return value;
  }

  /** Checks that the rows are those of a version. */
  void checkIsAt(long version) {
    assertThat(rows).isEqualTo(snapshot(source, version));
  }
}
