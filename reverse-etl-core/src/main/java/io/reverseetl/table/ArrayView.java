package io.reverseetl.table;

/** The value of an array column: a view, valid as long as its {@link Row}. */
public interface ArrayView {

  /**
   * How many elements there are, null elements included.
   *
   * @return the number of elements
   */
  int size();

  /**
   * The elements in order.
   *
   * @return a view of {@link #size} values
   */
  Values elements();
}
