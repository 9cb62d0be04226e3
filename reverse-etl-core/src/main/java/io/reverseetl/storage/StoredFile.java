package io.reverseetl.storage;

import java.time.Instant;
import java.util.Objects;

/**
 * A file, or a folder, of a {@link LakeStorage}.
 *
 * @param path where it is, in the form that {@link LakeStorage#resolve} gives
 * @param size its bytes; 0 for a folder
 * @param modified when it was written; the epoch for a folder
 */
public record StoredFile(String path, long size, Instant modified) {
  /** Checks that nothing is missing. */
  public StoredFile {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(modified, "modified");
    if (size < 0) {
      throw new IllegalArgumentException("A size is at least 0, but was " + size + ".");
    }
  }
}
