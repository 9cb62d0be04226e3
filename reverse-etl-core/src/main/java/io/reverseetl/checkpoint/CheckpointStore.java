package io.reverseetl.checkpoint;

import java.util.Optional;

/**
 * Keeps the checkpoints of pipelines, one each. Thread-safe.
 *
 * <p>A name is that of a pipeline; for a generation of a snapshot target, {@code @} and the
 * generation's id follow it, and {@code @switch} for the switcher.
 *
 * <p>Every save is a compare-and-set, so that of two runners only one goes on. Implementations:
 * {@code FileCheckpointStore}, {@code io.reverseetl.cosmos.CosmosCheckpointStore}, and {@code
 * io.reverseetl.testing.InMemoryCheckpointStore} for unit tests. A new one extends the contract
 * test {@code CheckpointStoreContract} of the core's {@code tests} jar.
 */
public interface CheckpointStore {

  /**
   * Reads a pipeline's checkpoint.
   *
   * @param pipeline the pipeline's name
   * @return the checkpoint as last saved; empty if there is none
   * @throws io.reverseetl.exceptions.CheckpointException if the store cannot be read, or what it
   *     holds is no checkpoint
   */
  Optional<StoredCheckpoint> read(String pipeline);

  /**
   * Saves the first checkpoint of a pipeline. Durable when it returns.
   *
   * @param checkpoint what to save
   * @return the checkpoint with its tag
   * @throws io.reverseetl.exceptions.CheckpointConflictException if the pipeline has one already
   * @throws io.reverseetl.exceptions.CheckpointException if the store cannot be written; whether it
   *     was is then unknown
   */
  StoredCheckpoint create(Checkpoint checkpoint);

  /**
   * Replaces a pipeline's checkpoint. Durable when it returns.
   *
   * @param checkpoint what to save, for the same pipeline
   * @param expected what the store must still hold
   * @return the checkpoint with its new tag
   * @throws io.reverseetl.exceptions.CheckpointConflictException if the store holds another one, or
   *     none
   * @throws io.reverseetl.exceptions.CheckpointException if the store cannot be written; whether it
   *     was is then unknown
   */
  StoredCheckpoint replace(Checkpoint checkpoint, StoredCheckpoint expected);

  /**
   * Removes a pipeline's checkpoint, so that it starts from the beginning.
   *
   * @param expected what the store must still hold
   * @throws io.reverseetl.exceptions.CheckpointConflictException if the store holds another one, or
   *     none
   * @throws io.reverseetl.exceptions.CheckpointException if the store cannot be written; whether it
   *     was is then unknown
   */
  void remove(StoredCheckpoint expected);
}
