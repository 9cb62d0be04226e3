package io.reverseetl.checkpoint;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a pipeline stands: of which table, in which target, everything up to which version is
 * durable.
 *
 * <p>While {@link #load} is there, the initial load of {@link #version} is under way and not
 * complete. When it is empty, the target holds version {@link #version}, and change polling goes on
 * at the next one.
 *
 * @param pipeline the pipeline's name
 * @param tableUri where the table is, without credentials
 * @param tableId the identity of the table
 * @param targetIdentity the identity of the target
 * @param schemaHash a hash of the table's schema at {@code version}
 * @param version the commit version
 * @param load how far the initial load is; empty once it is complete
 * @param savedAt when this was saved; for display only
 */
public record Checkpoint(
    String pipeline,
    String tableUri,
    String tableId,
    String targetIdentity,
    String schemaHash,
    long version,
    Optional<LoadProgress> load,
    Instant savedAt) {

  /** Checks that nothing is missing. */
  public Checkpoint {
    Objects.requireNonNull(pipeline, "pipeline");
    Objects.requireNonNull(tableUri, "tableUri");
    Objects.requireNonNull(tableId, "tableId");
    Objects.requireNonNull(targetIdentity, "targetIdentity");
    Objects.requireNonNull(schemaHash, "schemaHash");
    Objects.requireNonNull(load, "load");
    Objects.requireNonNull(savedAt, "savedAt");
  }

  /**
   * The stored form, the same in every store.
   *
   * @return one JSON object in UTF-8
   */
  public byte[] toJson() {
    return CheckpointJson.write(this);
  }

  /**
   * Reads the stored form.
   *
   * @param json what {@link #toJson} gave; properties it does not know are passed over
   * @return the checkpoint
   * @throws io.reverseetl.exceptions.CheckpointException if this is no checkpoint, or one of a
   *     newer format
   */
  public static Checkpoint ofJson(byte[] json) {
    return CheckpointJson.read(json);
  }
}
