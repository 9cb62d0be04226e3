package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * By what a worker knows that its plan is still being carried out.
 *
 * @param id names the plan
 * @param owner whom the checkpoint names meanwhile
 * @param checkpoint what the checkpoint is saved under
 * @param leaseMillis the lease of the pipeline that planned
 * @param whyOver says why a checkpoint shows that the plan is over, as the end of a sentence; null
 *     if it does not
 */
record PlanClaim(
    String id,
    String owner,
    String checkpoint,
    long leaseMillis,
    Function<Checkpoint, @Nullable String> whyOver) {

  static PlanClaim of(PlanIdentity plan) {
    return new PlanClaim(
        plan.id(),
        plan.owner(),
        plan.checkpoint(),
        plan.leaseMillis(),
        checkpoint -> checkpoint.load().isEmpty() ? "says that a load is complete" : null);
  }

  static PlanClaim of(PollIdentity plan) {
    return new PlanClaim(
        plan.id(),
        plan.owner(),
        plan.checkpoint(),
        plan.leaseMillis(),
        checkpoint -> plan.isInside(checkpoint) ? null : "is not inside the range any more");
  }
}
