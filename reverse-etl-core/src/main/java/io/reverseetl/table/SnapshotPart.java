package io.reverseetl.table;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A piece of a snapshot that is read by itself; for a Delta table, one data file.
 *
 * @param id names the part within its snapshot; the same at every reading of the same version
 * @param sizeInBytes how large it is in storage
 * @param rowCount how many rows it holds before any row filter, if the table tells
 * @param deletionVector which deletion vector says what rows of the file are not in the version;
 *     empty if there is none, so that the version holds all of them
 */
public record SnapshotPart(
    String id, long sizeInBytes, OptionalLong rowCount, Optional<String> deletionVector) {

  /** Checks that nothing is missing. */
  public SnapshotPart {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(rowCount, "rowCount");
    Objects.requireNonNull(deletionVector, "deletionVector");
  }

  /**
   * A part without a deletion vector.
   *
   * @param id names the part within its snapshot
   * @param sizeInBytes how large it is in storage
   * @param rowCount how many rows it holds before any row filter, if the table tells
   */
  public SnapshotPart(String id, long sizeInBytes, OptionalLong rowCount) {
    this(id, sizeInBytes, rowCount, Optional.empty());
  }
}
