package io.reverseetl;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What reading a {@link ChangeUnit} came to. Says that all its changes were handed over, and that
 * rows which could not be mapped are set aside; whoever drives the plan keeps it until {@link
 * PollPlan#complete}.
 *
 * @param planId which plan the unit belongs to
 * @param index which unit of it
 * @param rowsRead how many row changes it has, preimages included
 * @param changes how many changes of documents were handed over
 * @param deadLetters how many rows were set aside
 * @param lastTimestamp when the last commit was made that changed a row; empty if none did
 */
public record ChangeUnitResult(
    String planId,
    int index,
    long rowsRead,
    long changes,
    long deadLetters,
    Optional<Instant> lastTimestamp) {

  /** Checks that nothing is missing. */
  public ChangeUnitResult {
    Objects.requireNonNull(planId, "planId");
    Objects.requireNonNull(lastTimestamp, "lastTimestamp");
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
  public static ChangeUnitResult ofJson(String json) {
    return PollPlanJson.unitResult(json);
  }
}
