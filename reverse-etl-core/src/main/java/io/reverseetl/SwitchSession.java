package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.document.SnapshotPointer;
import io.reverseetl.document.SnapshotTarget;
import io.reverseetl.document.StoredPointer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The right to switch: a lease under a name of its own in the checkpoint store, so that one
 * switcher works at a time, and a claim on the pointer, so that one which slept past its lease can
 * move it no more. The lease's checkpoint also names the generation that is worked on, until a run
 * has told that readers see it.
 */
final class SwitchSession implements AutoCloseable {
  private final SnapshotTarget target;
  private final HeldCheckpoint held;
  private @Nullable StoredPointer stored;

  private SwitchSession(SnapshotTarget target, HeldCheckpoint held) {
    this.target = target;
    this.held = held;
  }

  /**
   * Takes the lease and claims the pointer.
   *
   * @throws io.reverseetl.exceptions.CheckpointConflictException if another switcher is at work
   */
  static SwitchSession open(Pipeline pipeline, SnapshotTarget target) {
    Pipeline switching = pipeline.switching();
    String owner = RunnerIdentity.create();
    Optional<StoredCheckpoint> found = pipeline.checkpoints().read(switching.checkpointName());
    HeldCheckpoint held =
        found.isPresent()
            ? HeldCheckpoint.take(switching, found.get(), owner, pipeline.lease())
            : HeldCheckpoint.create(switching, idle(switching), owner, pipeline.lease());
    SwitchSession session = new SwitchSession(target, held);
    try {
      session.stored = target.read().orElse(null);
      SnapshotPointer pointer =
          session.stored == null
              ? SnapshotPointer.empty(pipeline.name())
              : session.stored.pointer();
      pipeline.checkPointer(pointer);
      session.save(pointer.claimed());
      return session;
    } catch (RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  private static Checkpoint idle(Pipeline switching) {
    return new Checkpoint(
        switching.checkpointName(),
        "",
        "",
        "",
        "",
        0,
        Optional.empty(),
        switching.clock().instant());
  }

  SnapshotPointer pointer() {
    if (stored == null) {
      throw new IllegalStateException("The pointer was not claimed.");
    }
    return stored.pointer();
  }

  /** Throws once another switcher is at work. */
  void checkMayWrite() {
    held.checkMayWrite();
  }

  /** Moves the pointer, unless another run has claimed it since. */
  void save(SnapshotPointer next) {
    checkMayWrite();
    stored = target.save(next, Optional.ofNullable(stored));
  }

  /** The generation that a run began with and did not tell to be served. */
  Optional<String> worksOn() {
    String generation = held.checkpoint().targetIdentity();
    return generation.isEmpty() ? Optional.empty() : Optional.of(generation);
  }

  void beginWorkOn(String generation) {
    if (!worksOn().equals(Optional.of(generation))) {
      held.save(naming(generation));
    }
  }

  /** The result is known, and about to be told. Gives the lease back. */
  void end() {
    held.saveAndRelease(naming(""));
  }

  private Checkpoint naming(String generation) {
    Checkpoint now = held.checkpoint();
    return new Checkpoint(
        now.pipeline(),
        now.tableUri(),
        now.tableId(),
        generation,
        now.schemaHash(),
        now.version(),
        now.load(),
        now.savedAt());
  }

  @Override
  public void close() {
    held.close();
  }
}
