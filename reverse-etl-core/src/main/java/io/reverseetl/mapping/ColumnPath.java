package io.reverseetl.mapping;

import io.reverseetl.table.Column;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.ArrayType;
import io.reverseetl.table.DataType.MapType;
import io.reverseetl.table.StructType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A column, or a field inside a struct: the names from the table downwards. */
record ColumnPath(List<String> segments) {

  ColumnPath {
    segments = List.copyOf(segments);
  }

  static ColumnPath of(String column) {
    return new ColumnPath(List.of(column));
  }

  ColumnPath child(String name) {
    List<String> longer = new ArrayList<>(segments);
    longer.add(name);
    return new ColumnPath(longer);
  }

  @Nullable ColumnPath parent() {
    int depth = segments.size();
    return depth == 1 ? null : new ColumnPath(segments.subList(0, depth - 1));
  }

  String column() {
    return segments.get(0);
  }

  /** Whether this is the other path, or lies below it. */
  boolean isWithin(ColumnPath other) {
    return segments.size() >= other.segments.size()
        && segments.subList(0, other.segments.size()).equals(other.segments);
  }

  /**
   * Finds what a dotted text means: a column of this very name, or else a field of a struct. Steps
   * into arrays and the values of maps as if they were not there.
   */
  static @Nullable Found find(StructType schema, String text) {
    return find(schema, text, new ArrayList<>(), new ArrayList<>(), false);
  }

  private static @Nullable Found find(
      StructType struct,
      String text,
      List<String> names,
      List<Integer> ordinals,
      boolean inCollection) {
    int exact = struct.indexOf(text);
    if (exact >= 0) {
      names.add(text);
      ordinals.add(exact);
      return new Found(
          new ColumnPath(names), List.copyOf(ordinals), struct.column(exact).type(), inCollection);
    }
    for (int dot = text.indexOf('.'); dot > 0; dot = text.indexOf('.', dot + 1)) {
      String head = text.substring(0, dot);
      int ordinal = struct.indexOf(head);
      if (ordinal < 0) {
        continue;
      }
      DataType type = struct.column(ordinal).type();
      if (innermost(type) instanceof StructType inner) {
        List<String> deeperNames = new ArrayList<>(names);
        deeperNames.add(head);
        List<Integer> deeperOrdinals = new ArrayList<>(ordinals);
        deeperOrdinals.add(ordinal);
        Found found =
            find(
                inner,
                text.substring(dot + 1),
                deeperNames,
                deeperOrdinals,
                inCollection || !(type instanceof StructType));
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  private static DataType innermost(DataType type) {
    DataType inner = type;
    while (true) {
      if (inner instanceof ArrayType array) {
        inner = array.elementType();
      } else if (inner instanceof MapType map) {
        inner = map.valueType();
      } else {
        return inner;
      }
    }
  }

  /** The dotted names of all columns and fields, for suggestions. */
  static List<String> all(StructType schema) {
    List<String> names = new ArrayList<>();
    collect(schema, "", 0, names);
    return names;
  }

  private static void collect(StructType struct, String prefix, int depth, List<String> names) {
    for (Column column : struct.columns()) {
      String name = prefix + column.name();
      names.add(name);
      // Deep types would give more names than a message can use.
      if (depth < 4 && innermost(column.type()) instanceof StructType inner) {
        collect(inner, name + ".", depth + 1, names);
      }
    }
  }

  @Override
  public String toString() {
    return String.join(".", segments);
  }

  /**
   * A column that was found.
   *
   * @param ordinals the positions from the row downwards
   * @param inCollection whether an array or map lies on the way
   */
  record Found(ColumnPath path, List<Integer> ordinals, DataType type, boolean inCollection) {}
}
