package io.reverseetl;

import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.document.Generation;
import io.reverseetl.document.SnapshotPointer;
import io.reverseetl.document.SnapshotTarget;
import io.reverseetl.exceptions.CheckpointConflictException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes generations, in an order that lets a crash at any point be followed by another run: the
 * pointer says that the generation is discarded, so that nobody is pointed to it any more; its
 * lease is taken, so that no poll writes to it any more; it is removed, its documents first where
 * they lie among others; its checkpoint is; and at last the pointer forgets it.
 */
final class ExpiredGenerations {
  private static final Logger log = LoggerFactory.getLogger(ExpiredGenerations.class);

  private final Pipeline pipeline;
  private final SnapshotTarget target;
  private final SwitchSession session;
  private final BooleanSupplier mustStop;

  ExpiredGenerations(
      Pipeline pipeline, SnapshotTarget target, SwitchSession session, BooleanSupplier mustStop) {
    this.pipeline = pipeline;
    this.target = target;
    this.session = session;
    this.mustStop = mustStop;
  }

  void discard(List<String> discarded) {
    Instant now = pipeline.clock().instant();
    SnapshotPointer pointer = session.pointer();
    for (Generation generation : pointer.generations()) {
      if (generation.keepUntil().isPresent() && !now.isBefore(generation.keepUntil().get())) {
        pointer = pointer.with(generation.discarded());
      }
    }
    if (!pointer.equals(session.pointer())) {
      session.save(pointer);
    }
    for (Generation generation : pointer.generations()) {
      if (generation.state() == Generation.State.DISCARDED && discard(generation)) {
        discarded.add(generation.id());
      }
    }
  }

  private boolean discard(Generation generation) {
    pipeline.listener().onSwitchStep(SwitchStep.DISCARD, generation.id());
    Pipeline its = pipeline.generation(generation, target.open(generation));
    Optional<StoredCheckpoint> stored = pipeline.checkpoints().read(its.checkpointName());
    GenerationDeletion documents = new GenerationDeletion(its, generation.id(), mustStop);
    if (stored.isEmpty()) {
      if (!documents.run(session::checkMayWrite)) {
        return false;
      }
      target.discard(generation);
    } else {
      try (HeldCheckpoint held =
          HeldCheckpoint.take(its, stored.get(), RunnerIdentity.create(), pipeline.lease())) {
        held.checkMayWrite();
        if (!documents.run(held::checkMayWrite)) {
          return false;
        }
        target.discard(generation);
      } catch (CheckpointConflictException e) {
        log.info(
            "Pipeline \"{}\" keeps generation {} until the runner that writes to it has ended.",
            pipeline.name(),
            generation.id(),
            e);
        return false;
      }
      pipeline.checkpoints().read(its.checkpointName()).ifPresent(pipeline.checkpoints()::remove);
    }
    session.save(session.pointer().without(generation.id()));
    return true;
  }
}
