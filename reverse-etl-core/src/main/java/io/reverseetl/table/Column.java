package io.reverseetl.table;

import java.util.Objects;

/**
 * A named column of a table, or a named field of a struct.
 *
 * @param name the logical name, as the table's users see it
 * @param type the type of its values
 * @param nullable whether a value may be null
 */
public record Column(String name, DataType type, boolean nullable) {

  /** Checks that nothing is missing. */
  public Column {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
  }

  /**
   * A column whose values may be null.
   *
   * @param name the logical name
   * @param type the type of its values
   * @return the column
   */
  public static Column nullable(String name, DataType type) {
    return new Column(name, type, true);
  }

  /**
   * A column whose values are never null.
   *
   * @param name the logical name
   * @param type the type of its values
   * @return the column
   */
  public static Column required(String name, DataType type) {
    return new Column(name, type, false);
  }
}
