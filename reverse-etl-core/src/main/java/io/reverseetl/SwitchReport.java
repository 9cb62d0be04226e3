package io.reverseetl;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What one run of {@link SnapshotSwitcher} did.
 *
 * @param pipeline the pipeline's name
 * @param activeGeneration the generation that readers see now
 * @param previousGeneration the one that they saw before, if there was one
 * @param version the commit version of the active generation
 * @param documents how many documents it holds
 * @param elapsed how long the run took
 */
public record SwitchReport(
    String pipeline,
    String activeGeneration,
    Optional<String> previousGeneration,
    long version,
    long documents,
    Duration elapsed) {

  /** Checks that nothing is missing. */
  public SwitchReport {
    Objects.requireNonNull(pipeline, "pipeline");
    Objects.requireNonNull(activeGeneration, "activeGeneration");
    Objects.requireNonNull(previousGeneration, "previousGeneration");
    Objects.requireNonNull(elapsed, "elapsed");
  }
}
