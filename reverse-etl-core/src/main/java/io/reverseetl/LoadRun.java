package io.reverseetl;

import io.reverseetl.checkpoint.LoadProgress;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.Rejection;
import io.reverseetl.document.WriteStatistics;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.TableSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of an initial load: threads that read parts and hand documents over, and the calling
 * thread, which watches them, saves progress and ends the run.
 */
final class LoadRun implements LoadPart.Listener {
  private static final Logger log = LoggerFactory.getLogger(LoadRun.class);

  /** How soon a deadline, a stop or an interrupt is noticed. */
  private static final long WATCH_MILLIS = 100;

  private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(1);
  private static final Duration SAVE_INTERVAL = Duration.ofSeconds(5);

  /** How long reading threads may take to end by themselves before they are interrupted. */
  private static final long GRACE_MILLIS = 5_000;

  private final Pipeline pipeline;
  private final List<String> partitionKeyPaths;
  private final TableSnapshot snapshot;
  private final List<SnapshotPart> parts;
  private final OptionalLong rowsTotal;
  private final ReadAhead readAhead;
  private final boolean resumed;
  private final BooleanSupplier stopRequested;
  private final Instant started;
  private final @Nullable Instant deadline;
  private final LoadFinish finish;
  private final RejectedRows rejectedRows;
  private final long deadLettersBefore;
  private final long rowsBefore;
  private final LoadLedger ledger;
  private final WritePath writes;

  private final Queue<LoadPart> waiting = new ConcurrentLinkedQueue<>();

  /** Parts that a thread has begun to read and that are not durable yet. */
  private final Set<LoadPart> begun = ConcurrentHashMap.newKeySet();

  /** Parts whose last row has not been handed over yet. */
  private final AtomicInteger unread = new AtomicInteger();

  private final LongAdder rowsRead = new LongAdder();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean stopping;

  /** Touched by the calling thread only. */
  private LoadReport.Outcome outcome = LoadReport.Outcome.COMPLETED;

  private boolean interrupted;

  LoadRun(
      Pipeline pipeline,
      List<String> partitionKeyPaths,
      TableSnapshot snapshot,
      List<SnapshotPart> parts,
      ReadAhead readAhead,
      HeldCheckpoint held,
      boolean resumed,
      LoadOptions options,
      BooleanSupplier stopRequested,
      Instant started,
      @Nullable Instant deadline) {
    this.pipeline = pipeline;
    this.partitionKeyPaths = partitionKeyPaths;
    this.snapshot = snapshot;
    this.parts = parts;
    this.readAhead = readAhead;
    this.rowsTotal = InitialLoader.rowCount(parts);
    this.resumed = resumed;
    this.stopRequested = stopRequested;
    this.started = started;
    this.deadline = deadline;
    LoadProgress progress = held.checkpoint().load().orElseThrow();
    this.finish = new LoadFinish(pipeline, snapshot, parts, partitionKeyPaths, options, progress);
    this.deadLettersBefore = progress.deadLetters();
    this.rowsBefore = progress.rowsRead();
    this.rejectedRows = new RejectedRows(pipeline, deadLettersBefore);
    this.ledger = new LoadLedger(held, rejectedRows);
    this.writes = new WritePath(pipeline, held::checkMayWrite);
    for (int i = 0; i < parts.size(); i++) {
      if (!progress.finished().contains(i)) {
        waiting.add(new LoadPart(i, parts.get(i), progress.partial().getOrDefault(i, 0L), this));
      }
    }
    unread.set(waiting.size());
  }

  LoadReport run() {
    try (writes) {
      log.info(
          "Pipeline \"{}\" {} version {} of {}: {} of {} files are left.",
          pipeline.name(),
          resumed ? "goes on loading" : "loads",
          snapshot.version().version(),
          snapshot.version().tableUri(),
          waiting.size(),
          parts.size());
      pipeline.listener().onLoadStarted(snapshot.version(), state());
      readAll();
      finish();
      LoadReport report = report();
      log.info(
          "Pipeline \"{}\": load of version {} ended as {}, {} documents in {}.",
          pipeline.name(),
          report.version(),
          report.outcome(),
          report.documentsWritten(),
          report.elapsed());
      pipeline.listener().onLoadProgress(state());
      pipeline.listener().onLoadFinished(report);
      return report;
    } finally {
      finish.close();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  // ---- the calling thread ----

  private void readAll() {
    int threads = Math.min(pipeline.readThreads(), waiting.size());
    CountDownLatch ended = new CountDownLatch(threads);
    List<Thread> readers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Thread reader =
          new Thread(() -> readParts(ended), "reverse-etl-" + pipeline.name() + "-read-" + i);
      reader.setDaemon(true);
      readers.add(reader);
      reader.start();
    }
    watch(ended);
    if (!await(ended, GRACE_MILLIS)) {
      do {
        // A reader ends at an interrupt wherever it waits. Going on without one that does not
        // could save progress that it still adds to.
        log.warn("Pipeline \"{}\" interrupts reading threads to end them.", pipeline.name());
        readers.forEach(Thread::interrupt);
      } while (!await(ended, GRACE_MILLIS));
    }
    if (unread.get() > 0) {
      outcome = stopped();
    }
  }

  private LoadReport.Outcome stopped() {
    return stopRequested.getAsBoolean() || interrupted
        ? LoadReport.Outcome.STOPPED
        : LoadReport.Outcome.DEADLINE_REACHED;
  }

  private void watch(CountDownLatch ended) {
    Instant nextProgress = started.plus(PROGRESS_INTERVAL);
    Instant nextSave = pipeline.clock().instant().plus(SAVE_INTERVAL);
    while (!stopping && !await(ended, WATCH_MILLIS)) {
      Instant now = pipeline.clock().instant();
      if (interrupted || mustStop()) {
        stopping = true;
      } else if (!now.isBefore(nextSave)) {
        nextSave = now.plus(SAVE_INTERVAL);
        try {
          ledger.save();
        } catch (ReverseEtlException e) {
          fail(e);
        }
      }
      if (!now.isBefore(nextProgress)) {
        nextProgress = now.plus(PROGRESS_INTERVAL);
        pipeline.listener().onLoadProgress(state());
      }
    }
  }

  /** Whether reading ends before the last row; asked for every row. */
  private boolean mustStop() {
    return stopping || stopRequested.getAsBoolean() || deadlineReached();
  }

  private boolean deadlineReached() {
    return deadline != null && pipeline.clock().millis() >= deadline.toEpochMilli();
  }

  private void fail(Throwable cause) {
    if (!failure.compareAndSet(null, cause)) {
      Throwable first = failure.get();
      if (first != null && first != cause) {
        first.addSuppressed(cause);
      }
    }
    stopping = true;
  }

  /** Waits; an interrupt ends the wait and is remembered. */
  private boolean await(CountDownLatch latch, long millis) {
    try {
      return latch.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
      return false;
    }
  }

  /** Waits for what was sent and saves how far the load came; throws what made it fail. */
  private void finish() {
    // After a lost compare-and-set another runner is at work: nothing more is written or saved.
    throwIfConflict();
    try {
      flush();
      if (failure.get() == null && outcome == LoadReport.Outcome.COMPLETED) {
        putRight();
      }
    } catch (RuntimeException e) {
      fail(e);
      throwIfConflict();
    }
    Throwable failed = failure.get();
    if (failed == null) {
      if (outcome == LoadReport.Outcome.COMPLETED) {
        ledger.saveCompleted();
      } else {
        ledger.saveStopped(begun);
      }
      return;
    }
    try {
      ledger.save();
    } catch (ReverseEtlException e) {
      fail(e);
    }
    if (failed instanceof RuntimeException e) {
      throw e;
    }
    throw (Error) failed;
  }

  /** All rows are read and written; now what can only be seen of all of them together. */
  private void putRight() {
    if (!finish.isNeeded()) {
      return;
    }
    ledger.save();
    try {
      finish.run(writes, rejectedRows, this::mustStopOrIsInterrupted);
    } catch (InterruptedException e) {
      endPuttingRight();
    } catch (TableReadException e) {
      if (e.reason() != TableReadException.Reason.INTERRUPTED) {
        throw e;
      }
      endPuttingRight();
    }
  }

  /** It will be done from its beginning by the next run. */
  private void endPuttingRight() {
    // A thrown interrupt clears the flag of the thread; it is set again when the run ends.
    interrupted |= !mustStop();
    outcome = stopped();
    flush();
  }

  private boolean mustStopOrIsInterrupted() {
    if (Thread.interrupted()) {
      interrupted = true;
    }
    return interrupted || mustStop();
  }

  private void throwIfConflict() {
    if (failure.get() instanceof CheckpointConflictException conflict) {
      throw conflict;
    }
  }

  private void flush() {
    for (; ; ) {
      try {
        writes.flush();
        return;
      } catch (InterruptedException e) {
        // What is on its way decides what may be saved, so the wait goes on.
        interrupted = true;
      }
    }
  }

  private LoadState state() {
    WriteStatistics statistics = writes.statistics();
    return new LoadState(
        parts.size(),
        parts.size() - waiting.size() - begun.size(),
        rowsTotal,
        rowsBefore + rowsRead.sum(),
        statistics.upserted(),
        writes.bytesWritten(),
        rejectedRows.count(),
        statistics.throttled(),
        statistics.requestUnits(),
        Duration.between(started, pipeline.clock().instant()));
  }

  private LoadReport report() {
    WriteStatistics statistics = writes.statistics();
    return new LoadReport(
        pipeline.name(),
        snapshot.version().tableUri(),
        snapshot.version().version(),
        outcome,
        resumed,
        parts.size(),
        ledger.progress().finished().size(),
        rowsRead.sum(),
        statistics.upserted(),
        statistics.deleted(),
        writes.bytesWritten(),
        rejectedRows.count() - deadLettersBefore,
        statistics.requestUnits(),
        statistics.throttled(),
        statistics.retried(),
        Duration.between(started, pipeline.clock().instant()),
        writes.firstWritten().map(first -> Duration.between(started, first)));
  }

  // ---- the reading threads ----

  private void readParts(CountDownLatch ended) {
    try {
      PartReader reader =
          new PartReader(
              pipeline,
              partitionKeyPaths,
              snapshot,
              writes,
              rejectedRows,
              rowsRead,
              readAhead,
              finish.keys(),
              this::mustStop);
      for (LoadPart part = next(); part != null; part = next()) {
        if (reader.read(part)) {
          unread.decrementAndGet();
        }
      }
    } catch (InterruptedException e) {
      endedByInterrupt(e);
    } catch (TableReadException e) {
      if (e.reason() == TableReadException.Reason.INTERRUPTED) {
        endedByInterrupt(e);
      } else {
        fail(e);
      }
    } catch (RuntimeException | Error e) {
      fail(e);
    } finally {
      ended.countDown();
    }
  }

  private @Nullable LoadPart next() {
    LoadPart part = mustStop() ? null : waiting.poll();
    if (part != null) {
      begun.add(part);
    }
    return part;
  }

  private void endedByInterrupt(Exception e) {
    if (!mustStop()) {
      fail(
          new TableReadException(
              TableReadException.Reason.INTERRUPTED,
              "A reading thread of pipeline \""
                  + pipeline.name()
                  + "\" was interrupted, and nobody had asked it to stop. Run the load again; it"
                  + " goes on from there.",
              e));
    }
  }

  // ---- the sink's threads ----

  @Override
  public void partDurable(LoadPart part) {
    begun.remove(part);
    ledger.durable(part);
    pipeline.listener().onPartLoaded(part.part(), part.rows() - part.firstRow());
  }

  @Override
  public boolean rejected(LoadPart part, DocumentOperation operation, Rejection rejection) {
    try {
      rejectedRows.setAside(
          operation, "a document of " + part.name(), snapshot.version().tableUri(), rejection);
      return true;
    } catch (ReverseEtlException e) {
      fail(e);
      return false;
    }
  }
}
