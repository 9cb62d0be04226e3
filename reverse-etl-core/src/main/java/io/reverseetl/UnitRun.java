package io.reverseetl;

import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.Rejection;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.document.WriteStatistics;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.TableSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** One run of one work unit, on the calling thread. */
final class UnitRun implements LoadPart.Listener {
  private final Pipeline pipeline;
  private final WorkUnit unit;
  private final TableSnapshot snapshot;
  private final TargetDescription target;
  private final RejectedRows rejectedRows;
  private final LongAdder rowsRead = new LongAdder();
  private final AtomicInteger durable = new AtomicInteger();
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

  UnitRun(Pipeline pipeline, WorkUnit unit, TableSnapshot snapshot, TargetDescription target) {
    this.pipeline = pipeline;
    this.unit = unit;
    this.snapshot = snapshot;
    this.target = target;
    this.rejectedRows = new RejectedRows(pipeline, 0);
  }

  UnitResult run() throws InterruptedException {
    List<LoadPart> parts = parts();
    UnitGuard guard = new UnitGuard(pipeline, PlanClaim.of(unit.plan()));
    try (WritePath writes = new WritePath(pipeline, guard::checkMayWrite)) {
      PartReader reader =
          new PartReader(
              pipeline,
              target.partitionKeyPaths(),
              snapshot,
              writes,
              rejectedRows,
              rowsRead,
              ReadAhead.nothing(),
              null,
              this::mustStop);
      for (LoadPart part : parts) {
        if (!read(reader, part)) {
          break;
        }
      }
      throwIfFailed();
      writes.flush();
      throwIfFailed();
      if (durable.get() != parts.size()) {
        throw new IllegalStateException(
            "A unit is done when its " + parts.size() + " pieces are durable, not " + durable);
      }
      rejectedRows.flush();
      return result(writes);
    }
  }

  private boolean read(PartReader reader, LoadPart part) throws InterruptedException {
    try {
      return reader.read(part);
    } catch (TableReadException e) {
      if (e.reason() != TableReadException.Reason.INTERRUPTED) {
        throw e;
      }
      Thread.interrupted();
      InterruptedException interrupted = new InterruptedException("Reading was interrupted.");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  private List<LoadPart> parts() {
    Map<String, SnapshotPart> found = new HashMap<>();
    snapshot.parts().forEach(part -> found.put(part.id(), part));
    List<LoadPart> parts = new ArrayList<>();
    for (WorkUnit.Piece piece : unit.pieces()) {
      SnapshotPart part = found.get(piece.part().id());
      if (part == null || !piece.part().equals(part)) {
        throw new ConfigurationException(
            "File "
                + piece.part().id()
                + " of version "
                + unit.plan().version()
                + " of table "
                + unit.plan().tableUri()
                + " is not what it was when the plan was made: its size or its deletion vector is"
                + " another one, so this is another table. Make another plan.");
      }
      parts.add(new LoadPart(parts.size(), part, piece.range(), 0, this));
    }
    return parts;
  }

  private boolean mustStop() {
    return failure.get() != null;
  }

  private void throwIfFailed() {
    RuntimeException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }

  private UnitResult result(WritePath writes) {
    WriteStatistics statistics = writes.statistics();
    return new UnitResult(
        unit.planId(),
        unit.index(),
        rowsRead.sum(),
        statistics.upserted(),
        writes.bytesWritten(),
        rejectedRows.count(),
        statistics.requestUnits(),
        statistics.throttled(),
        statistics.retried());
  }

  // ---- the sink's threads ----

  @Override
  public void partDurable(LoadPart part) {
    durable.incrementAndGet();
    pipeline.listener().onPartLoaded(part.part(), part.rows());
  }

  @Override
  public boolean rejected(LoadPart part, DocumentOperation operation, Rejection rejection) {
    try {
      rejectedRows.setAside(
          operation, "a document of " + part.name(), unit.plan().tableUri(), rejection);
      return true;
    } catch (ReverseEtlException e) {
      failure.compareAndSet(null, e);
      return false;
    }
  }
}
