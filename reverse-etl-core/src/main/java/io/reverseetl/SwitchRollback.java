package io.reverseetl;

import io.reverseetl.document.Generation;
import io.reverseetl.document.SnapshotPointer;
import io.reverseetl.document.SnapshotTarget;
import io.reverseetl.document.StoredPointer;
import io.reverseetl.exceptions.ConfigurationException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Points readers back, with one compare-and-set and without the switcher's lease. */
final class SwitchRollback {
  private static final Logger log = LoggerFactory.getLogger(SwitchRollback.class);

  private final Pipeline pipeline;
  private final SnapshotTarget target;
  private final Duration grace;

  SwitchRollback(Pipeline pipeline, SnapshotTarget target, Duration grace) {
    this.pipeline = pipeline;
    this.target = target;
    this.grace = grace;
  }

  SwitchReport run() {
    SwitchTally tally = new SwitchTally(pipeline);
    StoredPointer stored =
        target.read().orElseThrow(() -> nothing("readers were never pointed to a snapshot"));
    SnapshotPointer pointer = stored.pointer();
    pipeline.checkPointer(pointer);
    if (pointer.rolledBack()) {
      return tally.report(SwitchReport.Outcome.ALREADY_ROLLED_BACK, pointer, Optional.empty());
    }
    Instant now = pipeline.clock().instant();
    check(pointer, now);
    pipeline
        .listener()
        .onSwitchStep(SwitchStep.ACTIVATE, pointer.previous().orElse(pipeline.name()));
    // The claim takes the pointer from a switch that is under way.
    StoredPointer moved =
        target.save(pointer.claimed().rolledBack(now.plus(grace)), Optional.of(stored));
    log.info(
        "Pipeline \"{}\" points readers back to {}.",
        pipeline.name(),
        moved.pointer().served().map(Generation::id).orElse("the target before the first switch"));
    return tally.report(
        SwitchReport.Outcome.ROLLED_BACK, moved.pointer(), pointer.served().map(Generation::id));
  }

  private void check(SnapshotPointer pointer, Instant now) {
    Instant until =
        pointer.rollbackUntil().orElseThrow(() -> nothing("there was no switch before"));
    if (!now.isBefore(until)) {
      throw nothing("the grace period ended at " + until);
    }
    boolean isThere =
        pointer.previous().isPresent()
            ? pointer
                .previous()
                .flatMap(pointer::generation)
                .filter(generation -> generation.state() == Generation.State.RETIRED)
                .isPresent()
            : pipeline.hasSink();
    if (!isThere) {
      throw nothing("there was no snapshot before this one");
    }
  }

  private ConfigurationException nothing(String why) {
    return new ConfigurationException(
        "Pipeline \""
            + pipeline.name()
            + "\" cannot go back: "
            + why
            + ". Switch to another version with SnapshotSwitcher.switchToLatest.");
  }
}
