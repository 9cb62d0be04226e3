package io.reverseetl.table;

/**
 * A table that rows are read from. Thread-safe.
 *
 * <p>Implementations: {@code io.reverseetl.delta.DeltaTableSource} reads a Delta table, {@code
 * io.reverseetl.testing.InMemoryTableSource} stands in for it in unit tests.
 */
public interface TableSource extends AutoCloseable {

  /**
   * Looks at the newest version.
   *
   * @return the newest version
   * @throws io.reverseetl.exceptions.TableReadException if there is no such table, or it cannot be
   *     read
   */
  TableVersion latestVersion();

  /**
   * Pins a version for reading.
   *
   * @param query which version, columns and rows
   * @return a snapshot that the caller closes
   * @throws io.reverseetl.exceptions.TableReadException if there is no such table, version or
   *     column, or it cannot be read
   */
  TableSnapshot openSnapshot(SnapshotQuery query);

  /**
   * Looks for newer versions than a known one, without reading what is in them. Costs one listing
   * of the log from there on, however long the log is.
   *
   * @param known a version that was there, at least -1
   * @return the number of the newest version; {@code known} if there is none newer
   * @throws io.reverseetl.exceptions.ChangesUnavailableException if the known version's successor
   *     is cleaned, or the table now has fewer versions
   * @throws io.reverseetl.exceptions.TableReadException if there is no such table, or it cannot be
   *     read
   */
  long newestVersion(long known);

  /**
   * Opens the row changes of a range of commits.
   *
   * @param query which commits, and how
   * @return a cursor that the caller closes; at its end at once if there is no commit from the
   *     first version on yet
   * @throws io.reverseetl.exceptions.ChangesUnavailableException if the changes cannot be had; also
   *     thrown by the cursor, for what only shows on the way
   * @throws io.reverseetl.exceptions.TableReadException if the table cannot be read
   */
  ChangeCursor openChanges(ChangeQuery query);

  /** Frees what the source holds. May be called twice. */
  @Override
  void close();
}
