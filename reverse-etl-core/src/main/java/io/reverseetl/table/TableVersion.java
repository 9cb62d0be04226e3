package io.reverseetl.table;

import java.time.Instant;
import java.util.Objects;

/**
 * A version of one table: the state after a commit.
 *
 * @param tableUri where the table is, without credentials
 * @param tableId the identity that the table got when it was created; a table re-created at the
 *     same place has another one
 * @param version the commit version, from 0
 * @param timestamp when the commit was made; for display only, positions are versions
 */
public record TableVersion(String tableUri, String tableId, long version, Instant timestamp) {

  /** Checks that nothing is missing. */
  public TableVersion {
    Objects.requireNonNull(tableUri, "tableUri");
    Objects.requireNonNull(tableId, "tableId");
    Objects.requireNonNull(timestamp, "timestamp");
    if (version < 0) {
      throw new IllegalArgumentException("A version is not negative, but was " + version + ".");
    }
  }
}
