package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.LoadProgress;
import io.reverseetl.checkpoint.PartSet;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.exceptions.CheckpointException;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Enters the parts of a plan whose units are done into the checkpoint, and lets an {@link
 * InitialLoader} end the load.
 */
final class PlanCompletion {
  private final Pipeline pipeline;
  private final PlanIdentity plan;
  private final int partCount;
  private final boolean checksKeys;

  PlanCompletion(Pipeline pipeline, PlanIdentity plan, int partCount, boolean checksKeys) {
    this.pipeline = pipeline;
    this.plan = plan;
    this.partCount = partCount;
    this.checksKeys = checksKeys;
  }

  LoadReport run(Collection<UnitResult> results, boolean waits) throws InterruptedException {
    plan.checkTarget(pipeline.sink().describe());
    StoredCheckpoint stored = stored();
    InitialLoader loader = InitialLoader.of(pipeline).atVersion(plan.version());
    if (stored.checkpoint().load().isEmpty()) {
      return loader.load();
    }
    try (HeldCheckpoint held =
        HeldCheckpoint.take(pipeline, stored, RunnerIdentity.create(), pipeline.lease())) {
      if (waits) {
        // The heart of the lease beats meanwhile.
        Stragglers.await(plan.leaseMillis(), () -> false);
      }
      held.save(held.checkpoint().loading(Optional.of(finished(results))));
    }
    return withUnits((checksKeys ? loader : loader.trustKeys()).load(), results);
  }

  private StoredCheckpoint stored() {
    StoredCheckpoint stored =
        pipeline.checkpoints().read(plan.checkpoint()).orElseThrow(() -> another("is gone"));
    Checkpoint checkpoint = stored.checkpoint();
    if (!checkpoint.tableId().equals(plan.tableId())
        || !checkpoint.tableUri().equals(plan.tableUri())
        || checkpoint.version() != plan.version()
        || !checkpoint.targetIdentity().equals(plan.target())) {
      throw another("is of another table, version or target");
    }
    Optional<LoadProgress> load = checkpoint.load();
    if (load.isPresent()
        && (load.get().partCount() != partCount
            || !load.get().partsHash().equals(plan.partsHash()))) {
      throw another("is of a load of other files or rows");
    }
    return stored;
  }

  private CheckpointException another(String what) {
    return new CheckpointException(
        "The checkpoint of pipeline \""
            + plan.checkpoint()
            + "\" "
            + what
            + ", so the plan "
            + plan.id()
            + " cannot be completed. Make another plan, and run its units.");
  }

  private LoadProgress finished(Collection<UnitResult> results) {
    PartSet all = PartSet.parse(partCount == 0 ? "" : "0-" + (partCount - 1));
    return new LoadProgress(
        partCount,
        plan.partsHash(),
        all,
        new TreeMap<>(),
        results.stream().mapToLong(UnitResult::rowsRead).sum(),
        results.stream().mapToLong(UnitResult::documentsWritten).sum(),
        results.stream().mapToLong(UnitResult::deadLetters).sum());
  }

  private static LoadReport withUnits(LoadReport end, Collection<UnitResult> results) {
    return new LoadReport(
        end.pipeline(),
        end.tableUri(),
        end.version(),
        end.outcome(),
        end.resumed(),
        end.partCount(),
        end.partsFinished(),
        end.rowsRead() + results.stream().mapToLong(UnitResult::rowsRead).sum(),
        end.documentsWritten() + results.stream().mapToLong(UnitResult::documentsWritten).sum(),
        end.documentsDeleted(),
        end.bytesWritten() + results.stream().mapToLong(UnitResult::bytesWritten).sum(),
        end.deadLetters() + results.stream().mapToLong(UnitResult::deadLetters).sum(),
        end.requestUnits() + results.stream().mapToDouble(UnitResult::requestUnits).sum(),
        end.throttled() + results.stream().mapToLong(UnitResult::throttled).sum(),
        end.retried() + results.stream().mapToLong(UnitResult::retried).sum(),
        end.elapsed(),
        end.firstDocument());
  }
}
