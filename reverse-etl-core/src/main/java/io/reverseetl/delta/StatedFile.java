package io.reverseetl.delta;

import io.delta.kernel.utils.FileStatus;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file of which more is known than size and time, which may be those of the file that it
 * replaced: many storages tell times in whole seconds. Immutable.
 */
final class StatedFile extends FileStatus {
  private final @Nullable String state;

  StatedFile(String path, long size, long modificationTime, @Nullable String state) {
    super(path, size, modificationTime);
    this.state = state;
  }

  /** Whether two looks at a path saw the same file, as far as size, time and state tell. */
  static boolean isSame(FileStatus one, FileStatus other) {
    return one.getSize() == other.getSize()
        && one.getModificationTime() == other.getModificationTime()
        && Objects.equals(stateOf(one), stateOf(other));
  }

  /** What names the content of a file; null if it is not known. */
  private static @Nullable String stateOf(FileStatus file) {
    return file instanceof StatedFile stated ? stated.state : null;
  }
}
