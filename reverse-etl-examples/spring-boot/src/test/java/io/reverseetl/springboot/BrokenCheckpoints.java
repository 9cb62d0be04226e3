package io.reverseetl.springboot;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.CheckpointStore;
import io.reverseetl.checkpoint.StoredCheckpoint;
import java.util.Optional;

/** A checkpoint store with a mistake in it. */
record BrokenCheckpoints(Runnable called) implements CheckpointStore {
  @Override
  public Optional<StoredCheckpoint> read(String pipeline) {
    called.run();
    throw new IllegalStateException("A mistake.");
  }

  @Override
  public StoredCheckpoint create(Checkpoint checkpoint) {
    throw new IllegalStateException("A mistake.");
  }

  @Override
  public StoredCheckpoint replace(Checkpoint checkpoint, StoredCheckpoint expected) {
    throw new IllegalStateException("A mistake.");
  }

  @Override
  public void remove(StoredCheckpoint expected) {
    throw new IllegalStateException("A mistake.");
  }
}
