package io.reverseetl.table;

/**
 * The value of a map column: a view, valid as long as its {@link Row}. Entry {@code i} is key
 * {@code i} and value {@code i}. The order of entries is the one of the file and means nothing.
 */
public interface MapView {

  /**
   * How many entries there are.
   *
   * @return the number of entries
   */
  int size();

  /**
   * The keys, never null.
   *
   * @return a view of {@link #size} values
   */
  Values keys();

  /**
   * The values.
   *
   * @return a view of {@link #size} values
   */
  Values values();
}
