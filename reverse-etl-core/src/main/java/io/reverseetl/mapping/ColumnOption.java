package io.reverseetl.mapping;

import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.ArrayType;
import io.reverseetl.table.DataType.MapType;
import io.reverseetl.table.StructType;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What to do with values of a kind: in general, and for some columns otherwise. What is said for a
 * column holds for everything inside it; the nearest word wins.
 *
 * @param name the name of the option, for messages
 */
record ColumnOption<E>(String name, E byDefault, Map<String, E> byColumn) {

  ColumnOption {
    byColumn = Collections.unmodifiableMap(new LinkedHashMap<>(byColumn));
  }

  static <E> ColumnOption<E> of(String name, E byDefault) {
    return new ColumnOption<>(name, byDefault, Map.of());
  }

  ColumnOption<E> withDefault(E value) {
    return new ColumnOption<>(name, value, byColumn);
  }

  ColumnOption<E> with(String column, E value) {
    Map<String, E> more = new LinkedHashMap<>(byColumn);
    more.put(column, value);
    return new ColumnOption<>(name, byDefault, more);
  }

  E ofName(String property) {
    return byColumn.getOrDefault(property, byDefault);
  }

  /**
   * Finds the columns.
   *
   * @param takes which types the option says something about
   * @param otherNames names that are no columns and belong to something else
   */
  Resolved<E> resolve(
      StructType schema,
      Predicate<DataType> takes,
      Set<String> otherNames,
      Selection selection,
      Problems problems) {
    Map<ColumnPath, E> byPath = new HashMap<>();
    byColumn.forEach(
        (column, value) -> {
          if (otherNames.contains(column)) {
            return;
          }
          ColumnPath.Found found = ColumnPath.find(schema, column);
          if (found == null) {
            problems.unknownColumn(name, column, schema);
          } else if (!selection.isWritten(found.path())) {
            problems.add(name + " names the column \"" + column + "\", which is not mapped.");
          } else if (!contains(found.type(), takes)) {
            problems.add(
                name
                    + " says nothing about the column \""
                    + column
                    + "\", which is a "
                    + found.type()
                    + ".");
          } else {
            byPath.put(found.path(), value);
          }
        });
    return new Resolved<>(byDefault, byPath);
  }

  private static boolean contains(DataType type, Predicate<DataType> takes) {
    if (takes.test(type)) {
      return true;
    }
    if (type instanceof StructType struct) {
      return struct.columns().stream().anyMatch(column -> contains(column.type(), takes));
    }
    if (type instanceof ArrayType array) {
      return contains(array.elementType(), takes);
    }
    return type instanceof MapType map
        && (contains(map.keyType(), takes) || contains(map.valueType(), takes));
  }

  /** An option whose columns are found. */
  record Resolved<E>(E byDefault, Map<ColumnPath, E> byPath) {

    E at(ColumnPath path) {
      for (@Nullable ColumnPath p = path; p != null; p = p.parent()) {
        E value = byPath.get(p);
        if (value != null) {
          return value;
        }
      }
      return byDefault;
    }
  }
}
