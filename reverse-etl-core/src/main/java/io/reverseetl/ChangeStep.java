package io.reverseetl;

/**
 * The steps in which a {@link PollPlan} writes. Each begins when the one before it is done in every
 * share.
 */
public enum ChangeStep {
  /** Documents that stand after the range are written. */
  UPSERTS,
  /** Documents that do not are deleted; so one that moved is never absent. */
  DELETES,
  /**
   * What the target refused because another document held a unique value is tried once more, and
   * then set aside. Only needed where something was refused.
   */
  REFUSED
}
