package io.reverseetl.table;

/** How a change feed goes over commits that changed the table's schema. */
public enum SchemaMode {
  /** Refuses a range where Spark's {@code readChangeFeed} does, with a typed error. */
  STRICT,
  /**
   * Reads each commit with the schema in force at it, and tells of each change of the schema before
   * the first row that has it.
   */
  PER_COMMIT
}
