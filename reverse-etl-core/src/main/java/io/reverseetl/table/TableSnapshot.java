package io.reverseetl.table;

import java.util.List;

/**
 * One version of a table, pinned: later commits do not show. Thread-safe; parts may be read by
 * several threads at once, each with a cursor of its own.
 */
public interface TableSnapshot extends AutoCloseable {

  /**
   * Which version of which table this is.
   *
   * @return the table's version
   */
  TableVersion version();

  /**
   * The columns of the rows, after column selection.
   *
   * @return the type of every row
   */
  StructType schema();

  /**
   * The columns of the table, before column selection.
   *
   * @return the table's schema in this version
   */
  StructType tableSchema();

  /**
   * The parts that may hold rows, ordered by {@link SnapshotPart#id}. Parts that the row filter
   * rules out are left out.
   *
   * @return an immutable list, the same at every reading of this version with the same query
   */
  List<SnapshotPart> parts();

  /**
   * Reads the rows of one part, in the same order at every reading. The cursor's first {@link
   * Cursor#advance} waits while the source's memory budget is used up by other cursors.
   *
   * @param part one of {@link #parts}
   * @return a cursor that the caller closes
   * @throws io.reverseetl.exceptions.TableReadException if the part cannot be read
   */
  Cursor<Row> open(SnapshotPart part);

  /** Frees what the snapshot holds. Cursors must be closed before. May be called twice. */
  @Override
  void close();
}
