package io.reverseetl;

import io.reverseetl.exceptions.MappingException;
import java.time.Instant;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;

/** What all units and tasks of a plan did together. */
final class PollTotals {
  private final Collection<ChangeUnitResult> reads;
  private final Collection<ChangeWriteResult> writes;
  private final Collection<ChangeWriteResult> upserts;

  PollTotals(Collection<ChangeUnitResult> reads, Collection<ChangeWriteResult> writes) {
    this.reads = reads;
    this.writes = writes;
    // Every step sees the same documents, and the first one all of them.
    this.upserts = writes.stream().filter(w -> w.step() == ChangeStep.UPSERTS).toList();
  }

  long rows() {
    return PollPlan.sum(reads, ChangeUnitResult::rowsRead);
  }

  long changes() {
    return PollPlan.sum(reads, ChangeUnitResult::changes);
  }

  long upserts() {
    return PollPlan.sum(upserts, ChangeWriteResult::upserts);
  }

  long deletes() {
    return PollPlan.sum(upserts, ChangeWriteResult::deletes);
  }

  long unchanged() {
    return PollPlan.sum(upserts, ChangeWriteResult::unchanged);
  }

  long deadLetters() {
    return PollPlan.sum(reads, ChangeUnitResult::deadLetters)
        + PollPlan.sum(writes, ChangeWriteResult::deadLetters);
  }

  Optional<Instant> lastTimestamp() {
    return reads.stream()
        .map(read -> read.lastTimestamp().orElse(null))
        .filter(Objects::nonNull)
        .max(Instant::compareTo);
  }

  /**
   * Looks at all dead letters together.
   *
   * @throws MappingException if there are more than the pipeline allows
   */
  void checkDeadLetters(Pipeline pipeline) {
    long letters = deadLetters();
    if (letters > pipeline.maxDeadLetters()) {
      throw new MappingException(
          null,
          letters
              + " rows of pipeline \""
              + pipeline.name()
              + "\" became dead letters in all units and tasks together, and "
              + pipeline.maxDeadLetters()
              + " are allowed. The checkpoint did not move. See what is wrong with them, or allow"
              + " more.");
    }
    new RejectedRows(pipeline, 0).checkShare(letters, rows());
  }

  PollRange range(PollIdentity plan) {
    return new PollRange(
        plan.fromVersion(),
        plan.toVersion(),
        rows(),
        changes(),
        upserts(),
        deletes(),
        unchanged(),
        false,
        false);
  }

  PollReport report(
      Pipeline pipeline,
      PollPlan plan,
      Optional<java.time.Duration> lag,
      java.time.Duration elapsed) {
    return new PollReport(
        pipeline.name(),
        plan.identity().tableUri(),
        plan.pausedAt().isPresent()
            ? PollReport.Outcome.SCHEMA_CHANGED
            : PollReport.Outcome.UP_TO_DATE,
        plan.fromVersion() - 1,
        plan.toVersion(),
        Math.max(plan.newestVersion(), plan.toVersion()),
        false,
        plan.isUpToDate() ? 0 : 1,
        rows(),
        Math.max(0, changes() - upserts() - deletes() - unchanged()),
        unchanged(),
        PollPlan.sum(writes, ChangeWriteResult::documentsWritten),
        PollPlan.sum(writes, ChangeWriteResult::documentsDeleted),
        PollPlan.sum(writes, ChangeWriteResult::bytesWritten),
        deadLetters(),
        writes.stream().mapToDouble(ChangeWriteResult::requestUnits).sum(),
        writes.stream().mapToDouble(ChangeWriteResult::requestUnitsSaved).sum(),
        PollPlan.sum(writes, ChangeWriteResult::throttled),
        PollPlan.sum(writes, ChangeWriteResult::retried),
        Math.max(0, plan.newestVersion() - plan.toVersion()),
        lag,
        Optional.empty(),
        elapsed,
        Optional.empty(),
        Optional.empty());
  }
}
