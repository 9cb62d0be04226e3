package io.reverseetl;

import io.reverseetl.document.Generation;
import io.reverseetl.document.SnapshotPointer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Counts what a run of a switcher does, and makes its report. */
final class SwitchTally {
  private final Pipeline pipeline;
  private final Instant started;
  final List<String> discarded = new ArrayList<>();
  long rowsRead;
  long changesRead;
  long deadLetters;
  double requestUnits;
  Verifier.@Nullable Comparison comparison;

  SwitchTally(Pipeline pipeline) {
    this.pipeline = pipeline;
    this.started = pipeline.clock().instant();
  }

  void loaded(LoadReport report) {
    rowsRead += report.rowsRead();
    deadLetters += report.deadLetters();
    requestUnits += report.requestUnits();
  }

  void caughtUp(PollReport report) {
    changesRead += report.changesRead();
    deadLetters += report.deadLetters();
    requestUnits += report.requestUnits();
  }

  /** The report; {@code before} is what readers saw, if this run moved them. */
  SwitchReport report(
      SwitchReport.Outcome outcome, SnapshotPointer pointer, Optional<String> before) {
    Optional<Generation> active = pointer.served();
    boolean canGoBack =
        pointer.previous().isPresent()
            ? pointer
                .previous()
                .flatMap(pointer::generation)
                .filter(generation -> generation.state() == Generation.State.RETIRED)
                .isPresent()
            : pipeline.hasSink();
    SwitchReport report =
        new SwitchReport(
            pipeline.name(),
            outcome,
            active.map(Generation::id),
            before,
            pointer.staged().map(Generation::id),
            active.map(Generation::version).orElse(-1L),
            active.map(Generation::documents).orElse(0L),
            canGoBack ? pointer.rollbackUntil() : Optional.empty(),
            discarded,
            rowsRead,
            changesRead,
            deadLetters,
            requestUnits,
            Optional.ofNullable(comparison).map(Verifier.Comparison::report),
            Duration.between(started, pipeline.clock().instant()));
    pipeline.listener().onSwitchFinished(report);
    return report;
  }
}
