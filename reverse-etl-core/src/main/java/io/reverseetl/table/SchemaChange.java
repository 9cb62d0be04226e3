package io.reverseetl.table;

import java.util.List;
import java.util.Objects;

/**
 * A commit changed the table's columns.
 *
 * @param commitVersion which commit
 * @param before the columns before it
 * @param after the columns from it on
 * @param columns what changed, in the order of the columns
 */
public record SchemaChange(
    long commitVersion, StructType before, StructType after, List<ColumnChange> columns) {

  /** What happened to a column. */
  public enum Kind {
    /** It is new. */
    ADDED,
    /** It is gone. */
    DROPPED,
    /** It has another name and is the same column, which only column mapping can tell. */
    RENAMED,
    /** Its type is another one; a wider one, unless the table was replaced. */
    TYPE_CHANGED,
    /** It may now be null, or may no longer be. */
    NULLABILITY_CHANGED
  }

  /**
   * What happened to one column.
   *
   * @param kind what happened
   * @param path the column's name, or dotted path inside structs, before the commit; after it if
   *     the column is new
   * @param newPath the same after the commit; equal to {@code path} unless it was renamed
   */
  public record ColumnChange(Kind kind, String path, String newPath) {
    /** Checks that nothing is missing. */
    public ColumnChange {
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(path, "path");
      Objects.requireNonNull(newPath, "newPath");
    }
  }

  /** Checks and copies. */
  public SchemaChange {
    Objects.requireNonNull(before, "before");
    Objects.requireNonNull(after, "after");
    columns = List.copyOf(columns);
  }
}
