package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.PollProgress;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.document.WriteStatistics;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.reduce.Digest;
import io.reverseetl.reduce.Reducer;
import io.reverseetl.table.SchemaChange;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One poll: takes range after range of commits into the target until it holds the version to reach.
 *
 * <p>The order that makes a crash harmless: the lease, then the range's end into the checkpoint,
 * then the writes, then the dead letters, then the checkpoint over the range. A run after a crash
 * finds the range's end and reduces the same commits to the same operations, so that what counted
 * as unchanged then still does.
 */
final class PollRun {
  private static final Logger log = LoggerFactory.getLogger(PollRun.class);

  private final Pipeline pipeline;
  private final PollSettings settings;
  private final String owner;
  private final Instant started;
  private final BooleanSupplier stopRequested;
  private final BooleanSupplier deadlineReached;
  private final RejectedRows rejectedRows;

  private String tableUri = "";
  private long newest;
  private long goal;
  private long tooFar;
  private boolean reloaded;
  private int ranges;
  private long changesRead;
  private long reduced;
  private long unchanged;
  private double saved;
  private @Nullable Instant lastTimestamp;
  private @Nullable SchemaChange schemaChange;
  private Optional<Duration> retentionLeft = Optional.empty();
  private boolean interrupted;
  private PollReport.@Nullable Outcome outcome;

  PollRun(
      Pipeline pipeline,
      PollSettings settings,
      String owner,
      BooleanSupplier stopRequested,
      BooleanSupplier deadlineReached) {
    this.pipeline = pipeline;
    this.settings = settings;
    this.owner = owner;
    this.started = pipeline.clock().instant();
    this.stopRequested = stopRequested;
    this.deadlineReached = deadlineReached;
    this.rejectedRows = new RejectedRows(pipeline, 0);
  }

  PollReport run(@Nullable Long until) {
    try {
      StoredCheckpoint stored = CheckpointChecks.loaded(pipeline);
      Checkpoint checkpoint = stored.checkpoint();
      tableUri = checkpoint.tableUri();
      boolean gap = plan(checkpoint, until);
      if (!gap && goal <= checkpoint.version()) {
        outcome =
            stopRequested.getAsBoolean()
                ? PollReport.Outcome.STOPPED
                : PollReport.Outcome.UP_TO_DATE;
        return finished(checkpoint.version(), checkpoint.version(), null);
      }
      if (!gap) {
        lookAtRetention(checkpoint);
      }
      TargetDescription target = pipeline.sink().describe();
      CheckpointChecks.partitionKey(pipeline, target);
      CheckpointChecks.target(pipeline, checkpoint, target);
      try (HeldCheckpoint held = HeldCheckpoint.take(pipeline, stored, owner, pipeline.lease());
          WritePath writes = new WritePath(pipeline, held::checkMayWrite)) {
        OperationMaker operations = new OperationMaker(pipeline, target.partitionKeyPaths());
        awaitStragglers(held);
        while (outcome == null) {
          if (gap || !tryRange(held, writes, operations)) {
            reload(held, writes, target);
          }
        }
        return finished(checkpoint.version(), held.checkpoint().version(), writes);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * A range that a {@link PollPlan} began may have tasks that nobody sees any more. They are over
   * now, but notice only after a while; until then the checkpoint says whose range it is, so that a
   * poller that ends here is followed by one that waits, too.
   */
  private void awaitStragglers(HeldCheckpoint held) {
    Optional<PollProgress> planned = held.checkpoint().poll().filter(Stragglers::mayBeIn);
    if (planned.isEmpty()) {
      return;
    }
    try {
      if (!pipeline.writeMode().isGuarded()
          && !Stragglers.await(pipeline.lease().toMillis(), stopRequested)) {
        outcome = PollReport.Outcome.STOPPED;
        return;
      }
    } catch (InterruptedException e) {
      interrupted = true;
      outcome = PollReport.Outcome.STOPPED;
      return;
    }
    long end = planned.get().toVersion();
    held.save(held.checkpoint().polling(new PollProgress(end, RangeWriter.STEPS, 0)));
  }

  /** Finds the version to reach; true if there is a gap before it, and it is to be closed. */
  private boolean plan(Checkpoint checkpoint, @Nullable Long until) {
    boolean gap = false;
    try {
      newest = pipeline.source().newestVersion(checkpoint.version());
    } catch (ChangesUnavailableException e) {
      failUnlessReloading(e);
      newest = pipeline.source().latestVersion().version();
      gap = true;
    }
    goal = until == null ? newest : Math.min(until, newest);
    // What was begun is finished, or the target would hold no version at all.
    goal = Math.max(goal, checkpoint.poll().map(PollProgress::toVersion).orElse(-1L));
    return gap;
  }

  private void lookAtRetention(Checkpoint checkpoint) {
    retentionLeft = PipelineStatus.retentionLeft(pipeline, checkpoint.version());
    if (retentionLeft.isEmpty()
        || retentionLeft.get().compareTo(settings.retentionWarning()) >= 0) {
      return;
    }
    Duration left = retentionLeft.get();
    log.warn(
        "Pipeline \"{}\" is so far behind that the table keeps its next changes, after version {},"
            + " for {} only. Poll more often, or lengthen the table's retention.",
        pipeline.name(),
        checkpoint.version(),
        left);
    pipeline.listener().onRetentionNear(left);
  }

  /** False if there is a gap, and it is to be closed. */
  private boolean tryRange(HeldCheckpoint held, WritePath writes, OperationMaker operations) {
    try {
      range(held, writes, operations);
      return true;
    } catch (ChangesUnavailableException e) {
      failUnlessReloading(e);
      return false;
    }
  }

  private void failUnlessReloading(ChangesUnavailableException e) {
    pipeline.listener().onGap(e);
    if (settings.gapPolicy() == GapPolicy.FAIL || closesGapsBySwitching(pipeline, settings)) {
      throw e;
    }
    log.warn(
        "Pipeline \"{}\" loads the table anew ({}): {}",
        pipeline.name(),
        settings.gapPolicy(),
        e.getMessage());
  }

  /** Whether whoever polls loads a new snapshot after a gap, beside the one that is polled. */
  static boolean closesGapsBySwitching(Pipeline pipeline, PollSettings settings) {
    return settings.gapPolicy() == GapPolicy.RESNAPSHOT && pipeline.isOfSnapshots();
  }

  /** The poll follows a switch that closed a gap. */
  PollRun afterSwitch() {
    reloaded = true;
    return this;
  }

  /** The report of a poll that found a gap and ended before it was closed. */
  PollReport ended(PollReport.Outcome how) {
    outcome = how;
    long version = CheckpointChecks.loaded(pipeline).checkpoint().version();
    return finished(version, version, null);
  }

  private void reload(HeldCheckpoint held, WritePath writes, TargetDescription target) {
    schemaChange = null;
    TableReload reload =
        new TableReload(
            pipeline,
            settings,
            held,
            writes,
            rejectedRows,
            target.partitionKeyPaths(),
            rejectedRows::duplicates,
            stopRequested,
            deadlineReached);
    boolean complete = false;
    try {
      complete = reload.reload();
    } catch (InterruptedException e) {
      interrupted = Thread.currentThread().isInterrupted();
    }
    changesRead += reload.rows();
    RangeWriter writer = reload.writer();
    if (writer != null) {
      interrupted |= writer.wasInterrupted();
      unchanged += writer.unchanged();
      saved += writes.estimateUpserts(writer.unchanged(), writer.unchangedBytes());
    }
    if (complete) {
      reloaded = true;
      newest = Math.max(newest, held.checkpoint().version());
      outcome = PollReport.Outcome.UP_TO_DATE;
    } else {
      outcome =
          stopRequested.getAsBoolean() || interrupted
              ? PollReport.Outcome.STOPPED
              : PollReport.Outcome.DEADLINE_REACHED;
    }
  }

  private void range(HeldCheckpoint held, WritePath writes, OperationMaker operations) {
    Checkpoint before = held.checkpoint();
    Optional<PollProgress> pending = before.poll();
    if (pending.isEmpty() && stopsBetweenRanges()) {
      return;
    }
    long last = pending.map(PollProgress::toVersion).orElse(goal);
    try {
      while (!range(held, writes, operations, last, pending.isPresent())) {
        last = tooFar - 1;
      }
    } catch (RangeReader.StoppedException e) {
      outcome = PollReport.Outcome.STOPPED;
    } catch (TableReadException e) {
      if (e.reason() != TableReadException.Reason.INTERRUPTED) {
        throw e;
      }
      interrupted = true;
      outcome = PollReport.Outcome.STOPPED;
    }
  }

  /** Reads and writes a range; false if it was read too far and must be read again. */
  private boolean range(
      HeldCheckpoint held, WritePath writes, OperationMaker operations, long last, boolean exact) {
    Checkpoint before = held.checkpoint();
    long from = before.version() + 1;
    long letters = rejectedRows.count();
    try (Reducer reducer =
        new Reducer(
            settings.memoryBudgetBytes(),
            settings.spillFolder(),
            pipeline.needsImages(),
            Digest.ofBytes(),
            rejectedRows::duplicates)) {
      RangeReader reader = reader(before, reducer);
      pipeline.listener().onRangeStarted(from);
      long end;
      try {
        end = reader.read(from, last, exact);
      } catch (RangeReader.TooFarException e) {
        tooFar = e.commit();
        if (tooFar > from && !exact) {
          return false;
        }
        end = tooFar - 1;
      } finally {
        changesRead += reader.rows();
      }
      if (exact && end < last) {
        throw cutShort(before, reader, last, end);
      }
      lastTimestamp = reader.lastTimestamp() == null ? lastTimestamp : reader.lastTimestamp();
      if (end >= from) {
        reducer.complete();
        rejectedRows.checkShare(reader.mappingFailures(), reader.rows());
        write(held, writes, operations, reducer, reader, end, letters);
      }
      if (outcome == null) {
        endAtSchemaChange(reader, end);
      }
      return true;
    }
  }

  /** Why a range that was begun cannot be finished. */
  private RuntimeException cutShort(Checkpoint before, RangeReader reader, long last, long end) {
    if (reader.isMisfit()) {
      return reader.misfit();
    }
    return CheckpointChecks.cutShort(pipeline, before, last, end);
  }

  private boolean stopsBetweenRanges() {
    if (stopRequested.getAsBoolean()) {
      outcome = PollReport.Outcome.STOPPED;
    } else if (ranges > 0 && deadlineReached.getAsBoolean()) {
      outcome = PollReport.Outcome.DEADLINE_REACHED;
    }
    return outcome != null;
  }

  private RangeReader reader(Checkpoint before, Reducer reducer) {
    return new RangeReader(
        pipeline,
        settings,
        before.tableId(),
        rejectedRows,
        reducer,
        () -> stopRequested.getAsBoolean() || Thread.currentThread().isInterrupted(),
        deadlineReached);
  }

  private void write(
      HeldCheckpoint held,
      WritePath writes,
      OperationMaker operations,
      Reducer reducer,
      RangeReader reader,
      long end,
      long lettersBefore) {
    Checkpoint before = held.checkpoint();
    long from = before.version() + 1;
    int first =
        before
            .poll()
            .filter(p -> p.steps() == RangeWriter.STEPS)
            .map(PollProgress::stepsDone)
            .orElse(0);
    RangeWriter writer =
        new RangeWriter(
            pipeline,
            reducer,
            operations,
            writes,
            rejectedRows,
            () -> held.save(before.polling(new PollProgress(end, RangeWriter.STEPS, first))),
            done -> held.save(before.polling(new PollProgress(end, RangeWriter.STEPS, done))),
            () ->
                stopRequested.getAsBoolean()
                    || deadlineReached.getAsBoolean()
                    || Thread.currentThread().isInterrupted());
    boolean resumed = before.poll().isPresent();
    pipeline.listener().onRangePlanned(described(from, end, reader, reducer, null, resumed));
    int done = writer.write(first);
    interrupted |= writer.wasInterrupted();
    PollRange range = described(from, end, reader, reducer, writer, resumed);
    pipeline.listener().onRangeReduced(range);
    unchanged += writer.unchanged();
    saved += writes.estimateUpserts(writer.unchanged(), writer.unchangedBytes());
    rejectedRows.checkShare(rejectedRows.count() - lettersBefore, reader.rows());
    if (done < RangeWriter.STEPS) {
      held.save(before.polling(new PollProgress(end, RangeWriter.STEPS, done)));
      outcome =
          stopRequested.getAsBoolean() || interrupted
              ? PollReport.Outcome.STOPPED
              : PollReport.Outcome.DEADLINE_REACHED;
      return;
    }
    pipeline.listener().onRangeWritten(range);
    if (first == 0) {
      reduced += reducer.changes() - writer.upserts() - writer.deletes() - writer.unchanged();
    }
    ranges++;
    String schemaHash =
        reader.schema() == null ? before.schemaHash() : Fingerprint.of(reader.schema());
    Checkpoint after = before.movedTo(end, schemaHash);
    if (end >= goal) {
      outcome = PollReport.Outcome.UP_TO_DATE;
      held.saveAndRelease(after);
    } else {
      held.save(after);
    }
    pipeline.listener().onLag(newest - end, lag(end));
    log.debug(
        "Pipeline \"{}\" took in commits {}..{}: {} changes, {} upserts, {} deletes, {} unchanged.",
        pipeline.name(),
        from,
        end,
        range.changes(),
        range.upserts(),
        range.deletes(),
        range.unchanged());
  }

  private static PollRange described(
      long from,
      long end,
      RangeReader reader,
      Reducer reducer,
      @Nullable RangeWriter writer,
      boolean resumed) {
    return new PollRange(
        from,
        end,
        reader.rows(),
        reducer.changes(),
        writer == null ? 0 : writer.upserts(),
        writer == null ? 0 : writer.deletes(),
        writer == null ? 0 : writer.unchanged(),
        reducer.isSpilled(),
        resumed);
  }

  /** Ends the poll where the columns change, now that everything before is saved. */
  private void endAtSchemaChange(RangeReader reader, long end) {
    SchemaChange change = reader.blockedBy();
    if (change != null && change.commitVersion() == end + 1) {
      schemaChange = change;
      if (settings.schemaPolicy() == SchemaPolicy.FAIL) {
        throw SchemaChanges.incompatible(pipeline, change);
      }
      outcome = PollReport.Outcome.SCHEMA_CHANGED;
    } else if (reader.isMisfit()) {
      throw reader.misfit();
    }
  }

  private Optional<Duration> lag(long version) {
    return version >= newest
        ? Optional.of(Duration.ZERO)
        : Optional.ofNullable(lastTimestamp)
            .map(time -> Duration.between(time, pipeline.clock().instant()));
  }

  private PollReport finished(long from, long to, @Nullable WritePath writes) {
    WriteStatistics statistics = writes == null ? WriteStatistics.NONE : writes.statistics();
    PollReport report =
        new PollReport(
            pipeline.name(),
            tableUri,
            Objects.requireNonNull(outcome),
            from,
            to,
            newest,
            reloaded,
            ranges,
            changesRead,
            reduced,
            unchanged,
            statistics.upserted(),
            statistics.deleted(),
            writes == null ? 0 : writes.bytesWritten(),
            rejectedRows.count(),
            statistics.requestUnits(),
            saved,
            statistics.throttled(),
            statistics.retried(),
            Math.max(0, newest - to),
            lag(to),
            retentionLeft,
            Duration.between(started, pipeline.clock().instant()),
            writes == null
                ? Optional.empty()
                : writes.firstWritten().map(first -> Duration.between(started, first)),
            Optional.ofNullable(schemaChange));
    pipeline.listener().onPollFinished(report);
    return report;
  }
}
