package io.reverseetl.table;

/**
 * One row of a table, or one value of a struct column: its values by position, and the type that
 * names the positions.
 *
 * <p>A row is a <em>view</em>: it is valid until the cursor that gave it advances, and everything
 * read from it ({@link #getStruct}, {@link #getArray}, {@link #getMap}) is as short-lived. Copy
 * what must last longer. It belongs to one thread.
 *
 * <p>The getters by name look the position up at each call. For rows in large numbers, look it up
 * once with {@code type().indexOf(name)} and use the getters by position.
 */
public interface Row extends Values {

  /**
   * The columns of this row.
   *
   * @return the type; the same instance for all rows of one batch
   */
  StructType type();

  /**
   * The position of a column that must be there.
   *
   * @param name the column's name
   * @return its position from 0
   * @throws IllegalArgumentException if the row has no such column
   */
  default int ordinal(String name) {
    int ordinal = type().indexOf(name);
    if (ordinal < 0) {
      throw new IllegalArgumentException(
          "There is no column \"" + name + "\"; the columns are " + type().names() + ".");
    }
    return ordinal;
  }

  /**
   * Whether the value of a named column is null.
   *
   * @param name the column's name
   * @return true if it is null
   * @throws IllegalArgumentException if the row has no such column
   */
  default boolean isNull(String name) {
    return isNull(ordinal(name));
  }

  /**
   * The text of a named STRING column.
   *
   * @param name the column's name
   * @return the text
   * @throws IllegalArgumentException if the row has no such column
   */
  default String getString(String name) {
    return getString(ordinal(name));
  }

  /**
   * The value of a named LONG column.
   *
   * @param name the column's name
   * @return the value
   * @throws IllegalArgumentException if the row has no such column
   */
  default long getLong(String name) {
    return getLong(ordinal(name));
  }

  /**
   * The value of a named INTEGER column.
   *
   * @param name the column's name
   * @return the value
   * @throws IllegalArgumentException if the row has no such column
   */
  default int getInt(String name) {
    return getInt(ordinal(name));
  }

  /**
   * The value of a named DOUBLE column.
   *
   * @param name the column's name
   * @return the value
   * @throws IllegalArgumentException if the row has no such column
   */
  default double getDouble(String name) {
    return getDouble(ordinal(name));
  }
}
