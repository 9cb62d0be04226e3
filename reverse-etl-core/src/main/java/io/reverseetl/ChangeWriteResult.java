package io.reverseetl;

import java.util.Objects;

/**
 * What a run of a {@link ChangeTask} did. Says that every operation of it is durable, set aside, or
 * refused and to be tried again; whoever drives the plan keeps it until {@link PollPlan#complete}.
 *
 * @param planId which plan the task belongs to
 * @param step which step
 * @param share which share of it
 * @param changes how many changes were handed to it
 * @param upserts documents of the share to write, once reduced
 * @param deletes documents of the share to delete, once reduced
 * @param unchanged documents of the share that need no write, once reduced
 * @param documentsWritten documents made durable, soft deletes included
 * @param documentsDeleted documents deleted, those that were not there included
 * @param bytesWritten JSON bytes made durable
 * @param deadLetters how many rows or documents were set aside
 * @param requestUnits what it cost, in request units
 * @param requestUnitsSaved what unchanged documents would have cost, estimated
 * @param throttled answers of the target that asked to slow down
 * @param retried attempts beyond the first of an operation
 * @param refused tells which documents are to be tried again; empty for none
 */
public record ChangeWriteResult(
    String planId,
    ChangeStep step,
    int share,
    long changes,
    long upserts,
    long deletes,
    long unchanged,
    long documentsWritten,
    long documentsDeleted,
    long bytesWritten,
    long deadLetters,
    double requestUnits,
    double requestUnitsSaved,
    long throttled,
    long retried,
    String refused) {

  /** Checks that nothing is missing. */
  public ChangeWriteResult {
    Objects.requireNonNull(planId, "planId");
    Objects.requireNonNull(step, "step");
    Objects.requireNonNull(refused, "refused");
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
   * @return the result
   * @throws io.reverseetl.exceptions.ConfigurationException if this is no result, or one of another
   *     format version
   */
  public static ChangeWriteResult ofJson(String json) {
    return PollPlanJson.writeResult(json);
  }
}
