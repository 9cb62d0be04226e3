package io.reverseetl.functions;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.CheckpointStore;
import io.reverseetl.checkpoint.StoredCheckpoint;
import java.util.Optional;
import java.util.function.Supplier;

/** A checkpoint store that connects when it is first used. */
final class LazyCheckpoints implements CheckpointStore {
  private final Supplier<? extends CheckpointStore> store;

  LazyCheckpoints(Supplier<? extends CheckpointStore> store) {
    this.store = store;
  }

  @Override
  public Optional<StoredCheckpoint> read(String pipeline) {
    return store.get().read(pipeline);
  }

  @Override
  public StoredCheckpoint create(Checkpoint checkpoint) {
    return store.get().create(checkpoint);
  }

  @Override
  public StoredCheckpoint replace(Checkpoint checkpoint, StoredCheckpoint expected) {
    return store.get().replace(checkpoint, expected);
  }

  @Override
  public void remove(StoredCheckpoint expected) {
    store.get().remove(expected);
  }
}
