package io.reverseetl;

import io.reverseetl.reduce.KeyBuckets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A piece of what a {@link PollPlan} writes: one {@linkplain ChangeStep step} for one share of the
 * documents. Which documents a share has is for the engine to say; all changes of one document
 * belong to one share, the same one in every step. Immutable and thread-safe.
 *
 * <p>Its JSON form goes to whoever runs it; it holds no row value and no credential, but the row
 * filter.
 */
public final class ChangeTask {
  private final PollIdentity plan;
  private final ChangeStep step;
  private final int share;
  private final KeyBuckets refused;

  ChangeTask(PollIdentity plan, ChangeStep step, int share, KeyBuckets refused) {
    this.plan = plan;
    this.step = step;
    this.share = share;
    this.refused = refused;
  }

  /**
   * Which plan it belongs to.
   *
   * @return the plan's id
   */
  public String planId() {
    return plan.id();
  }

  /**
   * Which step it is.
   *
   * @return the step
   */
  public ChangeStep step() {
    return step;
  }

  /**
   * Which share of the documents it writes.
   *
   * @return from 0 to below {@link PollPlan#shares}
   */
  public int share() {
    return share;
  }

  PollIdentity plan() {
    return plan;
  }

  /** Where to look for what was refused. */
  KeyBuckets refused() {
    return refused;
  }

  /**
   * The form in which it goes to other processes, of format version 1.
   *
   * @return one JSON object
   */
  public String toJson() {
    return PollPlanJson.write(this);
  }

  /**
   * Reads the JSON form.
   *
   * @param json what {@link #toJson} gave; properties that are not known are passed over
   * @return the task
   * @throws io.reverseetl.exceptions.ConfigurationException if this is no task, or one of another
   *     format version
   */
  public static ChangeTask ofJson(String json) {
    return PollPlanJson.task(json);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ChangeTask that
        && plan.equals(that.plan)
        && step == that.step
        && share == that.share
        && refused.equals(that.refused);
  }

  @Override
  public int hashCode() {
    return Objects.hash(plan, step, share);
  }

  @Override
  public String toString() {
    return "ChangeTask(" + plan.id() + " " + step + " " + share + ")";
  }
}
