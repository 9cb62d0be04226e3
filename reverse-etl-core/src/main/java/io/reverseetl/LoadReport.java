package io.reverseetl;

import java.time.Duration;
import java.util.Optional;

/**
 * What one run of {@link InitialLoader} did.
 *
 * @param pipeline the pipeline's name
 * @param tableUri where the table is, without credentials
 * @param version the commit version that is loaded; of {@link Outcome#ALREADY_LOADED} the one that
 *     the checkpoint stands at
 * @param outcome how the run ended
 * @param resumed whether it went on from an earlier run
 * @param partCount how many parts the snapshot has
 * @param partsFinished how many of them are durable, over all runs
 * @param rowsRead rows read in this run
 * @param documentsWritten documents made durable in this run
 * @param documentsDeleted documents deleted in this run, see {@link InitialLoader#removeOrphans};
 *     and those of which none of several rows counts
 * @param bytesWritten their JSON bytes
 * @param deadLetters rows set aside in this run
 * @param requestUnits the cost of this run in request units
 * @param throttled answers of the target that asked to slow down
 * @param retried attempts beyond the first of an operation
 * @param elapsed how long the run took
 * @param firstDocument how long it took until the first document was durable; empty if none was
 */
public record LoadReport(
    String pipeline,
    String tableUri,
    long version,
    Outcome outcome,
    boolean resumed,
    int partCount,
    int partsFinished,
    long rowsRead,
    long documentsWritten,
    long documentsDeleted,
    long bytesWritten,
    long deadLetters,
    double requestUnits,
    long throttled,
    long retried,
    Duration elapsed,
    Optional<Duration> firstDocument) {

  /** How a run of a load ended. */
  public enum Outcome {
    /** The target holds the version; change polling goes on at the next one. */
    COMPLETED,
    /**
     * An earlier run had completed the load; nothing was done. Polling may have taken the target to
     * a later version since.
     */
    ALREADY_LOADED,
    /** The deadline came first; progress is saved, and the next run goes on from there. */
    DEADLINE_REACHED,
    /** Somebody asked to stop; progress is saved, and the next run goes on from there. */
    STOPPED
  }

  /**
   * Whether the load is complete, so that polling can go on.
   *
   * @return true for {@link Outcome#COMPLETED} and {@link Outcome#ALREADY_LOADED}
   */
  public boolean isLoaded() {
    return outcome == Outcome.COMPLETED || outcome == Outcome.ALREADY_LOADED;
  }
}
