package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.PollProgress;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.document.DocumentSink;
import io.reverseetl.document.Generation;
import io.reverseetl.document.SnapshotPointer;
import io.reverseetl.document.SnapshotTarget;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.table.TableSnapshot;
import io.reverseetl.table.TableVersion;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a switcher. What it needs to go on after a crash is in three places: the pointer lists
 * the generation, the generation's own checkpoint says how far loading and catching up are, and the
 * session's checkpoint says whether the flip was told.
 */
final class SwitchRun {
  private static final Logger log = LoggerFactory.getLogger(SwitchRun.class);

  private final Pipeline pipeline;
  private final SnapshotTarget target;
  private final SwitchSettings settings;
  private final BooleanSupplier stopRequested;
  private final BooleanSupplier deadlineReached;
  private final SwitchTally tally;

  /** What readers see, or an upper bound of it. */
  private record Seen(String tableId, long version) {}

  SwitchRun(
      Pipeline pipeline,
      SnapshotTarget target,
      SwitchSettings settings,
      BooleanSupplier stopRequested,
      BooleanSupplier deadlineReached) {
    this.pipeline = pipeline;
    this.target = target;
    this.settings = settings;
    this.stopRequested = stopRequested;
    this.deadlineReached = deadlineReached;
    this.tally = new SwitchTally(pipeline);
  }

  List<String> discardExpired() {
    try (SwitchSession session = SwitchSession.open(pipeline, target)) {
      new ExpiredGenerations(pipeline, target, session, this::mustStop).discard(tally.discarded);
    }
    return List.copyOf(tally.discarded);
  }

  SwitchReport switchTo(@Nullable Long version) {
    try (SwitchSession session = SwitchSession.open(pipeline, target)) {
      Optional<Generation> untold =
          session
              .pointer()
              .served()
              .filter(served -> session.worksOn().equals(Optional.of(served.id())));
      if (untold.isPresent() && (version == null || untold.get().sourceVersion() == version)) {
        // An earlier run moved the pointer, and crashed or lost the answer before it could tell.
        return switched(session, session.pointer().previous());
      }
      new ExpiredGenerations(pipeline, target, session, this::mustStop).discard(tally.discarded);
      for (; ; ) {
        boolean resumes = resumes(session, version);
        try {
          return fill(session, version);
        } catch (ChangesUnavailableException | TableReadException e) {
          if (!isGone(e)) {
            throw e;
          }
          giveUp(session);
          if (!resumes || version != null) {
            throw e;
          }
          log.warn(
              "Pipeline \"{}\" begins a new snapshot, as the one begun earlier cannot be"
                  + " completed: {}",
              pipeline.name(),
              e.getMessage());
        }
      }
    }
  }

  /** Whether what a generation needs of the table is there no more. */
  private static boolean isGone(ReverseEtlException e) {
    return e instanceof ChangesUnavailableException
        || (e instanceof TableReadException read
            && (read.reason() == TableReadException.Reason.VERSION_NOT_FOUND
                || read.reason() == TableReadException.Reason.FILE_NOT_FOUND));
  }

  private void giveUp(SwitchSession session) {
    Optional<Generation> staged = session.pointer().staged();
    if (staged.isPresent()) {
      session.save(session.pointer().with(staged.get().discarded()));
    }
  }

  /** Whether an earlier run's generation can be gone on with; gives up one that cannot. */
  private boolean resumes(SwitchSession session, @Nullable Long version) {
    Optional<Generation> staged = session.pointer().staged();
    if (staged.isEmpty()) {
      return false;
    }
    boolean fits =
        (version == null || staged.get().sourceVersion() == version)
            && staged.get().tableId().equals(pipeline.source().latestVersion().tableId());
    if (!fits) {
      giveUp(session);
    }
    return fits;
  }

  private SwitchReport fill(SwitchSession session, @Nullable Long version) {
    if (mustStop()) {
      return ended(session);
    }
    Generation generation = stage(session, version);
    session.beginWorkOn(generation.id());
    DocumentSink sink = target.stage(generation);
    Pipeline filled = pipeline.generation(generation, sink);
    boolean toNewest = version == null && settings.catchUp();
    if (!load(filled, generation) || !catchUp(session, filled, generation, toNewest)) {
      return ended(session);
    }
    Optional<Boolean> verified = verify(filled, generation);
    if (verified.isEmpty()) {
      return ended(session);
    }
    if (!verified.get()) {
      return notVerified(session);
    }
    long setAside = tally.deadLetters;
    // Comparing may have taken long, and readers must not go back.
    if (!catchUp(session, filled, generation, toNewest)) {
      return ended(session);
    }
    if (tally.deadLetters - setAside > settings.maxDeadLetters()) {
      return notVerified(session);
    }
    return activate(session, filled, generation);
  }

  // ---- stage ----

  private Generation stage(SwitchSession session, @Nullable Long version) {
    Optional<Generation> staged = session.pointer().staged();
    if (staged.isPresent()) {
      pipeline.listener().onSwitchStep(SwitchStep.STAGE, staged.get().id());
      return staged.get();
    }
    TableVersion table = version == null ? pipeline.source().latestVersion() : look(version);
    Optional<Seen> seen = seen(session);
    if (seen.isPresent()
        && seen.get().tableId().equals(table.tableId())
        && seen.get().version() > table.version()) {
      throw backwards(table.version(), seen.get().version());
    }
    SnapshotPointer pointer = session.pointer();
    Generation generation =
        Generation.staged(
            newId(pointer.sequence() + 1),
            table.tableUri(),
            table.tableId(),
            table.version(),
            pipeline.clock().instant());
    pipeline.listener().onSwitchStep(SwitchStep.STAGE, generation.id());
    session.save(pointer.staging(generation));
    log.info(
        "Pipeline \"{}\" loads version {} into generation {}.",
        pipeline.name(),
        table.version(),
        generation.id());
    return generation;
  }

  private TableVersion look(long version) {
    try (TableSnapshot snapshot = pipeline.source().openSnapshot(pipeline.snapshotQuery(version))) {
      return snapshot.version();
    }
  }

  /** The random part keeps ids apart even if somebody removed the pointer and began anew. */
  private static String newId(long number) {
    int random = ThreadLocalRandom.current().nextInt(0x10000);
    return number + "-" + Integer.toHexString(0x10000 | random).substring(1);
  }

  private Optional<Seen> seen(SwitchSession session) {
    Optional<Generation> served = session.pointer().served();
    Optional<Seen> byCheckpoint =
        pipeline
            .servedIfAny(Optional.of(session.pointer()))
            .flatMap(polled -> pipeline.checkpoints().read(polled.checkpointName()))
            .map(StoredCheckpoint::checkpoint)
            .filter(checkpoint -> checkpoint.load().isEmpty())
            .map(checkpoint -> new Seen(checkpoint.tableId(), reached(checkpoint)));
    return byCheckpoint.isPresent()
        ? byCheckpoint
        : served.map(generation -> new Seen(generation.tableId(), generation.version()));
  }

  /** The latest version that documents may be of. */
  private static long reached(Checkpoint checkpoint) {
    return Math.max(
        checkpoint.version(), checkpoint.poll().map(PollProgress::toVersion).orElse(-1L));
  }

  private ConfigurationException backwards(long version, long seen) {
    return new ConfigurationException(
        "Version "
            + version
            + " would take readers of pipeline \""
            + pipeline.name()
            + "\" back, as they see version "
            + seen
            + ". Switch to that one or a later one, or go back with SnapshotSwitcher.rollback.");
  }

  // ---- load ----

  private boolean load(Pipeline filled, Generation generation) {
    Optional<Checkpoint> before = checkpoint(filled);
    if (before.isPresent() && before.get().load().isEmpty()) {
      return true;
    }
    if (mustStop()) {
      return false;
    }
    pipeline.listener().onSwitchStep(SwitchStep.LOAD, generation.id());
    LoadReport report =
        InitialLoader.of(filled).atVersion(generation.sourceVersion()).load(this::mustStop);
    tally.loaded(report);
    return report.isLoaded();
  }

  private Optional<Checkpoint> checkpoint(Pipeline filled) {
    return pipeline.checkpoints().read(filled.checkpointName()).map(StoredCheckpoint::checkpoint);
  }

  // ---- catch up ----

  /** Takes commits in until the generation is not behind what readers see; false if stopped. */
  private boolean catchUp(
      SwitchSession session, Pipeline filled, Generation generation, boolean toNewest) {
    boolean told = false;
    boolean newest = toNewest;
    try (CdcPoller poller =
        CdcPoller.builder(filled)
            .changes(settings.changes())
            .onSchemaChange(SchemaPolicy.FAIL)
            .build()) {
      for (; ; ) {
        Checkpoint at = checkpoint(filled).orElseThrow();
        long needed = needed(session, at);
        long goal = newest ? Math.max(needed, newestVersion(at)) : needed;
        newest = false;
        if (at.poll().isEmpty() && goal <= at.version()) {
          return true;
        }
        if (mustStop()) {
          return false;
        }
        if (!told) {
          pipeline.listener().onSwitchStep(SwitchStep.CATCH_UP, generation.id());
          told = true;
        }
        PollReport report;
        try {
          report = poller.poll(goal, this::mustStop);
        } catch (ChangesUnavailableException e) {
          Checkpoint stands = checkpoint(filled).orElseThrow();
          if (stands.poll().isPresent() || needed(session, stands) > stands.version()) {
            throw e;
          }
          log.warn(
              "Pipeline \"{}\" serves version {} without later commits: {}",
              pipeline.name(),
              stands.version(),
              e.getMessage());
          return true;
        }
        tally.caughtUp(report);
        if (report.outcome() != PollReport.Outcome.UP_TO_DATE) {
          return false;
        }
        if (report.toVersion() < needed) {
          throw backwards(report.toVersion(), needed);
        }
      }
    }
  }

  /** The version that the generation must hold at least, as readers have seen it. */
  private long needed(SwitchSession session, Checkpoint at) {
    long version =
        seen(session)
            .filter(seen -> seen.tableId().equals(at.tableId()))
            .map(Seen::version)
            .orElse(-1L);
    return Math.max(version, reached(at));
  }

  private long newestVersion(Checkpoint at) {
    try {
      return pipeline.source().newestVersion(at.version());
    } catch (ChangesUnavailableException e) {
      pipeline.listener().onGap(e);
      throw e;
    }
  }

  // ---- verify ----

  /** Whether the generation is what the table is; empty if stopped. */
  private Optional<Boolean> verify(Pipeline filled, Generation generation) {
    if (mustStop()) {
      return Optional.empty();
    }
    pipeline.listener().onSwitchStep(SwitchStep.VERIFY, generation.id());
    Verifier.Comparison found;
    try {
      found = Verifier.of(filled).oneIn(settings.verifyOneIn()).compare();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
    tally.comparison = found;
    VerifyReport report = found.report();
    // Documents of rows that went stay where deletes are ignored.
    boolean mayHaveMore = pipeline.deletes().areIgnored();
    long setAside =
        report.unmappable() + Math.max(report.missing(), found.mapped() - found.found());
    boolean same =
        report.different() == 0
            && (mayHaveMore || (report.extra() == 0 && found.found() <= found.mapped()))
            && setAside <= settings.maxDeadLetters();
    if (!same) {
      log.warn(
          "Generation {} of pipeline \"{}\" is not what version {} of the table is: {} documents"
              + " of {}, {} missing, {} different, {} too many, {} rows that cannot be mapped.",
          generation.id(),
          pipeline.name(),
          report.version(),
          found.found(),
          found.mapped(),
          report.missing(),
          report.different(),
          report.extra(),
          report.unmappable());
    }
    return Optional.of(same);
  }

  private SwitchReport notVerified(SwitchSession session) {
    giveUp(session);
    session.end();
    return tally.report(SwitchReport.Outcome.NOT_VERIFIED, session.pointer(), Optional.empty());
  }

  // ---- activate ----

  private SwitchReport activate(SwitchSession session, Pipeline filled, Generation generation) {
    if (mustStop()) {
      return ended(session);
    }
    Checkpoint at = checkpoint(filled).orElseThrow();
    long needed = needed(session, at);
    if (at.version() < needed) {
      throw backwards(at.version(), needed);
    }
    pipeline.listener().onSwitchStep(SwitchStep.ACTIVATE, generation.id());
    Optional<String> before = session.pointer().served().map(Generation::id);
    long documents = tally.comparison == null ? 0 : tally.comparison.found();
    session.save(
        session
            .pointer()
            .flippedTo(
                generation.served(at.version(), documents),
                pipeline.clock().instant().plus(settings.grace())));
    return switched(session, before);
  }

  private SwitchReport switched(SwitchSession session, Optional<String> before) {
    session.end();
    SwitchReport report = tally.report(SwitchReport.Outcome.SWITCHED, session.pointer(), before);
    log.info(
        "Pipeline \"{}\" serves generation {}, version {}, {} documents.",
        pipeline.name(),
        report.activeGeneration().orElse(""),
        report.version(),
        report.documents());
    return report;
  }

  // ---- stops ----

  private boolean mustStop() {
    return stopRequested.getAsBoolean()
        || deadlineReached.getAsBoolean()
        || Thread.currentThread().isInterrupted();
  }

  private SwitchReport ended(SwitchSession session) {
    boolean stopped = stopRequested.getAsBoolean() || Thread.currentThread().isInterrupted();
    return tally.report(
        stopped ? SwitchReport.Outcome.STOPPED : SwitchReport.Outcome.DEADLINE_REACHED,
        session.pointer(),
        Optional.empty());
  }
}
