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
 * @param poll the range of commits after {@code version} that is being written; empty between
 *     ranges
 * @param lease who may write; empty if nobody ever took a lease
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
    Optional<PollProgress> poll,
    Optional<Lease> lease,
    Instant savedAt) {

  /** Checks that nothing is missing. */
  public Checkpoint {
    Objects.requireNonNull(pipeline, "pipeline");
    Objects.requireNonNull(tableUri, "tableUri");
    Objects.requireNonNull(tableId, "tableId");
    Objects.requireNonNull(targetIdentity, "targetIdentity");
    Objects.requireNonNull(schemaHash, "schemaHash");
    Objects.requireNonNull(load, "load");
    Objects.requireNonNull(poll, "poll");
    Objects.requireNonNull(lease, "lease");
    Objects.requireNonNull(savedAt, "savedAt");
  }

  /**
   * A checkpoint between ranges, without a lease.
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
  public Checkpoint(
      String pipeline,
      String tableUri,
      String tableId,
      String targetIdentity,
      String schemaHash,
      long version,
      Optional<LoadProgress> load,
      Instant savedAt) {
    this(
        pipeline,
        tableUri,
        tableId,
        targetIdentity,
        schemaHash,
        version,
        load,
        Optional.empty(),
        Optional.empty(),
        savedAt);
  }

  /**
   * The same checkpoint with another progress of the initial load.
   *
   * @param progress how far it is; empty once it is complete
   * @return a new checkpoint
   */
  public Checkpoint loading(Optional<LoadProgress> progress) {
    return new Checkpoint(
        pipeline,
        tableUri,
        tableId,
        targetIdentity,
        schemaHash,
        version,
        progress,
        poll,
        lease,
        savedAt);
  }

  /**
   * The same checkpoint while a range is being written.
   *
   * @param progress the range, and how far it is
   * @return a new checkpoint
   */
  public Checkpoint polling(PollProgress progress) {
    return new Checkpoint(
        pipeline,
        tableUri,
        tableId,
        targetIdentity,
        schemaHash,
        version,
        load,
        Optional.of(progress),
        lease,
        savedAt);
  }

  /**
   * A checkpoint of the same pipeline, table and target at another version, between ranges.
   *
   * @param newVersion the version that the target holds now
   * @param newSchemaHash a hash of the table's schema at that version
   * @return a new checkpoint
   */
  public Checkpoint movedTo(long newVersion, String newSchemaHash) {
    return new Checkpoint(
        pipeline,
        tableUri,
        tableId,
        targetIdentity,
        newSchemaHash,
        newVersion,
        load,
        Optional.empty(),
        lease,
        savedAt);
  }

  /**
   * The same checkpoint with a lease, saved now.
   *
   * @param holder who may write
   * @param now when it is saved
   * @return a new checkpoint
   */
  public Checkpoint leased(Lease holder, Instant now) {
    return new Checkpoint(
        pipeline,
        tableUri,
        tableId,
        targetIdentity,
        schemaHash,
        version,
        load,
        poll,
        Optional.of(holder),
        now);
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
