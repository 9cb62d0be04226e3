package io.reverseetl.document;

import java.util.Objects;

/**
 * A pointer as a {@link SnapshotTarget} holds it.
 *
 * @param pointer the pointer
 * @param tag changes with every save; a save must name the tag that it replaces
 */
public record StoredPointer(SnapshotPointer pointer, String tag) {

  /** Checks that nothing is missing. */
  public StoredPointer {
    Objects.requireNonNull(pointer, "pointer");
    Objects.requireNonNull(tag, "tag");
  }
}
