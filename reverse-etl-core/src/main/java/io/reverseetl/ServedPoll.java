package io.reverseetl;

import io.reverseetl.document.Generation;
import io.reverseetl.document.SnapshotPointer;
import io.reverseetl.document.SnapshotTarget;
import io.reverseetl.document.StoredPointer;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.WriteException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One poll of what readers see. Where snapshots are switched it keeps to the generation that is
 * served: it looks at the pointer when it begins and every few seconds, and when another one is
 * served it ends there and goes on with that one, at that one's own checkpoint. What it still had
 * in flight belongs to the generation that it began with.
 */
final class ServedPoll {
  private static final Logger log = LoggerFactory.getLogger(ServedPoll.class);
  private static final long LOOK_MILLIS = 2_000;

  private final Pipeline pipeline;
  private final PollSettings settings;
  private final String owner;
  private final BooleanSupplier stopRequested;
  private final BooleanSupplier deadlineReached;

  ServedPoll(
      Pipeline pipeline,
      PollSettings settings,
      String owner,
      BooleanSupplier stopRequested,
      BooleanSupplier deadlineReached) {
    this.pipeline = pipeline;
    this.settings = settings;
    this.owner = owner;
    this.stopRequested = stopRequested;
    this.deadlineReached = deadlineReached;
  }

  PollReport run(@Nullable Long until) {
    if (pipeline.snapshots().isEmpty()) {
      return new PollRun(pipeline, settings, owner, stopRequested, deadlineReached).run(until);
    }
    boolean switched = false;
    for (; ; ) {
      Look look = new Look(pipeline.snapshots().get());
      Pipeline served = pipeline.servedIfAny(look.first()).orElseGet(pipeline::served);
      PollRun run =
          new PollRun(
              served,
              settings,
              owner,
              stopRequested,
              () -> deadlineReached.getAsBoolean() || look.seesAnother());
      if (switched) {
        run.afterSwitch();
      }
      try {
        PollReport report = run.run(until);
        if (report.outcome() != PollReport.Outcome.DEADLINE_REACHED || !look.another) {
          return report;
        }
      } catch (ChangesUnavailableException gap) {
        if (switched || !PollRun.closesGapsBySwitching(served, settings)) {
          throw gap;
        }
        switched = true;
        PollReport.Outcome ended = closeBySwitching(gap);
        if (ended != null) {
          return run.ended(ended);
        }
      }
    }
  }

  /** Loads a new generation; null once readers see it. */
  private PollReport.@Nullable Outcome closeBySwitching(ChangesUnavailableException gap) {
    log.warn("Pipeline \"{}\" loads a new snapshot: {}", pipeline.name(), gap.getMessage());
    SwitchReport report =
        SnapshotSwitcher.builder(pipeline)
            .changes(settings.changes())
            .grace(settings.grace())
            .build()
            .switchToLatest(stopRequested, deadlineReached);
    return switch (report.outcome()) {
      case STOPPED -> PollReport.Outcome.STOPPED;
      case DEADLINE_REACHED -> PollReport.Outcome.DEADLINE_REACHED;
      case NOT_VERIFIED -> throw gap;
      default -> null;
    };
  }

  /** Looks from time to time whether another generation is served. */
  private final class Look {
    private final SnapshotTarget target;
    private final Optional<StoredPointer> first;
    private long lookedAt;
    private boolean another;

    Look(SnapshotTarget target) {
      this.target = target;
      this.first = target.read();
      this.lookedAt = pipeline.clock().millis();
    }

    Optional<SnapshotPointer> first() {
      return first.map(StoredPointer::pointer);
    }

    /** May be asked by several threads. */
    synchronized boolean seesAnother() {
      long now = pipeline.clock().millis();
      if (!another && now - lookedAt >= LOOK_MILLIS) {
        lookedAt = now;
        try {
          another = !served(target.read()).equals(served(first));
        } catch (WriteException e) {
          // What is polled stays right for as long as the look fails; the next one is soon.
          log.debug("Pipeline \"{}\" could not look at the pointer.", pipeline.name(), e);
        }
      }
      return another;
    }

    private Optional<String> served(Optional<StoredPointer> stored) {
      return stored.flatMap(found -> found.pointer().served()).map(Generation::id);
    }
  }
}
