package io.reverseetl;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What one run of {@link SnapshotSwitcher} did.
 *
 * @param pipeline the pipeline's name
 * @param outcome how the run ended
 * @param activeGeneration the generation that readers see now; empty if it is the target that the
 *     pipeline had before its first switch, or none
 * @param previousGeneration the one that they saw before this run, if this run moved them and it
 *     was one
 * @param stagedGeneration the one that is still being filled, if there is one
 * @param version the commit version of the active generation when it was activated; -1 without one
 * @param documents how many documents were counted in it; 0 without one
 * @param rollbackUntil until when readers can be pointed back; empty if they cannot
 * @param discarded the generations that were removed
 * @param rowsRead rows read for loading, in this run
 * @param changesRead row changes read for catching up, in this run
 * @param deadLetters rows and documents set aside in this run
 * @param requestUnits what loading and catching up cost in this run, in request units
 * @param verification what comparing the new generation with the table found; empty if the run did
 *     not get there
 * @param elapsed how long the run took
 */
public record SwitchReport(
    String pipeline,
    Outcome outcome,
    Optional<String> activeGeneration,
    Optional<String> previousGeneration,
    Optional<String> stagedGeneration,
    long version,
    long documents,
    Optional<Instant> rollbackUntil,
    List<String> discarded,
    long rowsRead,
    long changesRead,
    long deadLetters,
    double requestUnits,
    Optional<VerifyReport> verification,
    Duration elapsed) {

  /** How a run ended. */
  public enum Outcome {
    /** Readers see the new generation. */
    SWITCHED,
    /** Readers see what they saw before the last switch. */
    ROLLED_BACK,
    /** Readers had been pointed back before; nothing was done. */
    ALREADY_ROLLED_BACK,
    /** The new generation is not what the table is. It was given up; the next run begins anew. */
    NOT_VERIFIED,
    /** The deadline came first; the next run goes on from there. */
    DEADLINE_REACHED,
    /** Somebody asked to stop; the next run goes on from there. */
    STOPPED
  }

  /** Checks and copies. */
  public SwitchReport {
    Objects.requireNonNull(pipeline, "pipeline");
    Objects.requireNonNull(outcome, "outcome");
    Objects.requireNonNull(activeGeneration, "activeGeneration");
    Objects.requireNonNull(previousGeneration, "previousGeneration");
    Objects.requireNonNull(stagedGeneration, "stagedGeneration");
    Objects.requireNonNull(rollbackUntil, "rollbackUntil");
    Objects.requireNonNull(verification, "verification");
    Objects.requireNonNull(elapsed, "elapsed");
    discarded = List.copyOf(discarded);
  }
}
