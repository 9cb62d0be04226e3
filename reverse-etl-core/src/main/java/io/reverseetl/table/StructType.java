package io.reverseetl.table;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Named columns in order: the schema of a table, and the type of a nested struct.
 *
 * <p>Immutable and thread-safe. Names are compared exactly, upper and lower case apart, and are
 * unique.
 */
public final class StructType implements DataType {
  private final List<Column> columns;
  private final Map<String, Integer> ordinals;

  private StructType(List<Column> columns) {
    this.columns = List.copyOf(columns);
    this.ordinals = new HashMap<>(columns.size() * 2);
    for (int i = 0; i < this.columns.size(); i++) {
      String name = this.columns.get(i).name();
      if (ordinals.put(name, i) != null) {
        throw new IllegalArgumentException("Column \"" + name + "\" appears twice.");
      }
    }
  }

  /**
   * A struct of these columns.
   *
   * @param columns the columns in order
   * @return the struct type
   * @throws IllegalArgumentException if a name appears twice
   */
  public static StructType of(Column... columns) {
    return new StructType(List.of(columns));
  }

  /**
   * A struct of these columns.
   *
   * @param columns the columns in order
   * @return the struct type
   * @throws IllegalArgumentException if a name appears twice
   */
  public static StructType of(List<Column> columns) {
    return new StructType(columns);
  }

  /**
   * The columns in order.
   *
   * @return an immutable list
   */
  public List<Column> columns() {
    return columns;
  }

  /**
   * The column at a position.
   *
   * @param ordinal the position, from 0
   * @return the column
   * @throws IndexOutOfBoundsException if there is no such position
   */
  public Column column(int ordinal) {
    return columns.get(ordinal);
  }

  /**
   * How many columns there are.
   *
   * @return the number of columns
   */
  public int size() {
    return columns.size();
  }

  /**
   * Where a column stands.
   *
   * @param name the column's name
   * @return its position from 0, or -1 if there is none of this name
   */
  public int indexOf(String name) {
    return ordinals.getOrDefault(name, -1);
  }

  /**
   * The names in order.
   *
   * @return an immutable list
   */
  public List<String> names() {
    return columns.stream().map(Column::name).toList();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StructType that && columns.equals(that.columns);
  }

  @Override
  public int hashCode() {
    return columns.hashCode();
  }

  @Override
  public String toString() {
    return columns.stream()
        .map(c -> c.name() + ": " + c.type() + (c.nullable() ? "" : " NOT NULL"))
        .collect(Collectors.joining(", ", "STRUCT<", ">"));
  }
}
