package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import java.util.Optional;

/**
 * Asked before each write of a work unit or task: whether its plan is still being carried out.
 * Looks into the checkpoint every sixth of the lease, and lets nothing be written once that did not
 * work for a quarter of it. Completing a plan waits longer than that. Thread-safe.
 */
final class UnitGuard {
  private final Pipeline pipeline;
  private final PlanClaim plan;

  /** In milliseconds: from when on to look again, and from when on nothing is written. */
  private volatile long lookAt;

  private volatile long unsafeAt;

  /**
   * Looks for the first time.
   *
   * @throws CheckpointConflictException if the plan is over
   */
  UnitGuard(Pipeline pipeline, PlanClaim plan) {
    this.pipeline = pipeline;
    this.plan = plan;
    look(pipeline.clock().millis());
  }

  /** How long after the checkpoint has another owner a unit may still hand something over. */
  static long quietAfterMillis(long leaseMillis) {
    return leaseMillis / 3;
  }

  void checkMayWrite() {
    long now = pipeline.clock().millis();
    if (now >= lookAt) {
      lookAgain(now);
    }
  }

  private synchronized void lookAgain(long now) {
    if (now < lookAt) {
      return; // Another thread just did it.
    }
    try {
      look(now);
    } catch (CheckpointConflictException e) {
      throw e;
    } catch (CheckpointException e) {
      if (pipeline.clock().millis() >= unsafeAt) {
        throw e;
      }
      // There is time left to try again.
      lookAt = now + Math.max(1, plan.leaseMillis() / 24);
    }
    // The look itself may have taken too long.
    if (pipeline.clock().millis() >= unsafeAt) {
      throw over("could not be looked at in time");
    }
  }

  private void look(long now) {
    Optional<StoredCheckpoint> stored = pipeline.checkpoints().read(plan.checkpoint());
    if (stored.isEmpty()) {
      throw over("is gone");
    }
    Checkpoint checkpoint = stored.get().checkpoint();
    String why = plan.whyOver().apply(checkpoint);
    if (why != null) {
      throw over(why);
    }
    if (checkpoint.lease().filter(lease -> lease.owner().equals(plan.owner())).isEmpty()) {
      throw over("belongs to somebody else now");
    }
    lookAt = now + Math.max(1, plan.leaseMillis() / 6);
    unsafeAt = now + plan.leaseMillis() / 4;
  }

  private CheckpointConflictException over(String what) {
    return new CheckpointConflictException(
        "The checkpoint of pipeline \""
            + plan.checkpoint()
            + "\" "
            + what
            + ", so nothing of the plan "
            + plan.id()
            + " is written any more. Drop this run; if the plan is not complete, make a plan"
            + " again.");
  }
}
