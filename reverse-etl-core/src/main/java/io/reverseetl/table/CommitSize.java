package io.reverseetl.table;

import java.util.Objects;
import java.util.Optional;

/**
 * What the log tells of one commit's row changes, before any of them is read.
 *
 * @param version which commit
 * @param parts in how many shares its changes can be read at most; 1 if only as a whole, 0 if it
 *     changes no row
 * @param bytes about how much there is to read, in storage; 0 if that is not known
 * @param oldColumns the columns of the rows that come before {@code schemaChange}; empty if there
 *     are none
 * @param schemaChange what the commit does to the columns; empty for nothing
 * @param newColumns the columns of the rows that come after {@code schemaChange}; empty if there
 *     are none
 */
public record CommitSize(
    long version,
    int parts,
    long bytes,
    Optional<StructType> oldColumns,
    Optional<SchemaChange> schemaChange,
    Optional<StructType> newColumns) {

  /** Checks that nothing is missing or negative. */
  public CommitSize {
    Objects.requireNonNull(oldColumns, "oldColumns");
    Objects.requireNonNull(schemaChange, "schemaChange");
    Objects.requireNonNull(newColumns, "newColumns");
    if (version < 0 || parts < 0 || bytes < 0) {
      throw new IllegalArgumentException(
          "Version, parts and bytes are not negative, but were "
              + version
              + ", "
              + parts
              + " and "
              + bytes
              + ".");
    }
  }
}
