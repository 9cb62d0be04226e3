package io.reverseetl.storage;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file, or a folder, of a {@link LakeStorage}.
 *
 * @param path where it is, in the form that {@link LakeStorage#resolve} gives
 * @param size its bytes; 0 for a folder
 * @param modified when it was written; the epoch for a folder
 * @param state names the file's content, as {@link StoredRange#state} does. Null for a folder, and
 *     if the storage cannot tell; a file that is replaced by one of the same size and time then
 *     goes unnoticed
 */
public record StoredFile(String path, long size, Instant modified, @Nullable String state) {
  /** Checks that nothing is missing. */
  public StoredFile {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(modified, "modified");
    if (size < 0) {
      throw new IllegalArgumentException("A size is at least 0, but was " + size + ".");
    }
  }

  /**
   * A folder, or a file of a storage that cannot tell its state.
   *
   * @param path as above
   * @param size as above
   * @param modified as above
   */
  public StoredFile(String path, long size, Instant modified) {
    this(path, size, modified, null);
  }
}
