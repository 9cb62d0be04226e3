package io.reverseetl.checkpoint;

import java.util.Objects;

/**
 * A checkpoint as a store holds it.
 *
 * @param checkpoint the checkpoint
 * @param tag changes with every save; a save must name the tag that it replaces
 */
public record StoredCheckpoint(Checkpoint checkpoint, String tag) {

  /** Checks that nothing is missing. */
  public StoredCheckpoint {
    Objects.requireNonNull(checkpoint, "checkpoint");
    Objects.requireNonNull(tag, "tag");
  }
}
