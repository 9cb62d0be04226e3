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

  /** Frees what the source holds. May be called twice. */
  @Override
  void close();
}
