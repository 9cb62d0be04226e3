package io.reverseetl;

import java.util.Objects;

/**
 * What a run of a {@link WorkUnit} did. Says that every document of the unit is durable or set
 * aside; whoever drives the plan keeps it until {@link LoadPlan#complete}.
 *
 * @param planId which plan the unit belongs to
 * @param index which unit of it
 * @param rowsRead how many rows it has
 * @param documentsWritten how many documents became durable
 * @param bytesWritten their JSON bytes
 * @param deadLetters how many rows or documents were set aside
 * @param requestUnits what it cost, in request units
 * @param throttled answers of the target that asked to slow down
 * @param retried attempts beyond the first of an operation
 */
public record UnitResult(
    String planId,
    int index,
    long rowsRead,
    long documentsWritten,
    long bytesWritten,
    long deadLetters,
    double requestUnits,
    long throttled,
    long retried) {

  /** Checks that nothing is missing. */
  public UnitResult {
    Objects.requireNonNull(planId, "planId");
  }

  /**
   * The form in which it goes to other processes, of format version 1.
   *
   * @return one JSON object
   */
  public String toJson() {
    return PlanJson.write(this);
  }

  /**
   * Reads the JSON form.
   *
   * @param json what {@link #toJson} gave; properties that are not known are passed over
   * @return the result
   * @throws io.reverseetl.exceptions.ConfigurationException if this is no result, or one of another
   *     format version
   */
  public static UnitResult ofJson(String json) {
    return PlanJson.result(json);
  }
}
