package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.exceptions.CheckpointException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Moves the checkpoint over a range that a plan has written. */
final class PollCompletion {
  private final Pipeline pipeline;
  private final PollPlan plan;
  private final PollIdentity identity;
  private final PollTotals totals;

  PollCompletion(Pipeline pipeline, PollPlan plan, PollTotals totals) {
    this.pipeline = pipeline;
    this.plan = plan;
    this.identity = plan.identity();
    this.totals = totals;
  }

  PollReport run(boolean waits) throws InterruptedException {
    Instant started = pipeline.clock().instant();
    identity.checkTarget(pipeline.sink().describe());
    StoredCheckpoint stored =
        pipeline.checkpoints().read(identity.checkpoint()).orElseThrow(() -> another("is gone"));
    Checkpoint before = stored.checkpoint();
    if (!before.tableId().equals(identity.tableId())
        || !before.tableUri().equals(identity.tableUri())
        || !before.targetIdentity().equals(identity.target())) {
      throw another("is of another table or target");
    }
    if (before.version() < identity.toVersion()) {
      if (!identity.isInside(before)) {
        throw another("is not inside the plan's range of commits");
      }
      move(stored, waits);
    }
    return finished(started);
  }

  private void move(StoredCheckpoint stored, boolean waits) throws InterruptedException {
    try (HeldCheckpoint held =
        HeldCheckpoint.take(pipeline, stored, RunnerIdentity.create(), pipeline.lease())) {
      if (waits) {
        // The heart of the lease beats meanwhile.
        Stragglers.await(identity.leaseMillis(), () -> false);
      }
      held.saveAndRelease(held.checkpoint().movedTo(identity.toVersion(), identity.schemaHash()));
    }
    pipeline.listener().onRangeWritten(totals.range(identity));
  }

  private PollReport finished(Instant started) {
    Instant now = pipeline.clock().instant();
    long behind = Math.max(0, plan.newestVersion() - plan.toVersion());
    Optional<Duration> lag =
        behind == 0
            ? Optional.of(Duration.ZERO)
            : totals.lastTimestamp().map(time -> Duration.between(time, now));
    PollReport report = totals.report(pipeline, plan, lag, Duration.between(started, now));
    pipeline.listener().onLag(behind, lag);
    pipeline.listener().onPollFinished(report);
    return report;
  }

  private CheckpointException another(String what) {
    return new CheckpointException(
        "The checkpoint of pipeline \""
            + identity.checkpoint()
            + "\" "
            + what
            + ", so the plan "
            + identity.id()
            + " cannot be completed. Poll, or make another plan and run it.");
  }
}
