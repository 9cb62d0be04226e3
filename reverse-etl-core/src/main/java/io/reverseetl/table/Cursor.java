package io.reverseetl.table;

/**
 * Walks over elements once, forward. It belongs to one thread, and whoever got it closes it.
 *
 * <pre>{@code
 * try (Cursor<Row> rows = snapshot.open(part)) {
 *   while (rows.advance()) {
 *     use(rows.current());
 *   }
 * }
 * }</pre>
 *
 * @param <E> what it walks over
 */
public interface Cursor<E> extends AutoCloseable {

  /**
   * Moves to the next element. What {@link #current} gave before is no longer valid.
   *
   * @return false at the end
   * @throws io.reverseetl.exceptions.TableReadException if the table cannot be read further, also
   *     when the thread was interrupted; the cursor is then at its end
   * @throws IllegalStateException after {@link #close}
   */
  boolean advance();

  /**
   * The element that the last {@link #advance} moved to; a view that the next one invalidates.
   *
   * @return the element
   * @throws IllegalStateException before the first {@link #advance}, and after one that returned
   *     false
   */
  E current();

  /** Frees files, memory and threads. May be called twice, and before the end. */
  @Override
  void close();
}
