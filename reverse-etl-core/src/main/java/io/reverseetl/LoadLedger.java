package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.LoadProgress;
import io.reverseetl.checkpoint.PartSet;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Keeps the books of a running load in its checkpoint: a part is entered when each of its documents
 * has ended, and dead letters are durable before that.
 *
 * <p>{@link #durable} may be called by any thread, everything else by the thread that runs the
 * load.
 */
final class LoadLedger {
  private final HeldCheckpoint held;
  private final RejectedRows rejectedRows;
  private final Queue<LoadPart> unsaved = new ConcurrentLinkedQueue<>();
  private LoadProgress progress;

  LoadLedger(HeldCheckpoint held, RejectedRows rejectedRows) {
    this.held = held;
    this.rejectedRows = rejectedRows;
    this.progress = held.checkpoint().load().orElseThrow();
  }

  LoadProgress progress() {
    return progress;
  }

  /** Enters a part whose documents have all ended; saved with the next save. */
  void durable(LoadPart part) {
    unsaved.add(part);
  }

  /** Saves the parts that became durable. */
  void save() {
    saveWith(List.of());
  }

  /**
   * Saves the parts that became durable, and how far others were read. Every document handed over
   * must have ended.
   */
  void saveStopped(Collection<LoadPart> unfinished) {
    saveWith(unfinished);
  }

  /** Saves that the load is complete. */
  void saveCompleted() {
    LoadProgress complete = entered(List.of());
    if (complete.finished().size() != complete.partCount()) {
      throw new IllegalStateException(
          "A load is complete when its "
              + complete.partCount()
              + " parts are durable, but only "
              + complete.finished().size()
              + " are.");
    }
    replace(complete, Optional.empty(), true);
  }

  private void saveWith(Collection<LoadPart> unfinished) {
    LoadProgress next = entered(unfinished);
    if (!next.equals(progress)) {
      replace(next, Optional.of(next), false);
    }
  }

  private LoadProgress entered(Collection<LoadPart> unfinished) {
    PartSet finished = progress.finished();
    TreeMap<Integer, Long> partial = new TreeMap<>(progress.partial());
    long rows = progress.rowsRead();
    long documents = progress.documentsWritten();
    for (LoadPart part = unsaved.poll(); part != null; part = unsaved.poll()) {
      finished = finished.with(part.index());
      partial.remove(part.index());
      rows += part.rows() - part.firstRow();
      documents += part.documents();
    }
    for (LoadPart part : unfinished) {
      if (part.rows() > part.firstRow()) {
        partial.put(part.index(), part.rows());
        rows += part.rows() - part.firstRow();
        documents += part.documents();
      }
    }
    return new LoadProgress(
        progress.partCount(),
        progress.partsHash(),
        finished,
        partial,
        rows,
        documents,
        rejectedRows.count());
  }

  private void replace(LoadProgress next, Optional<LoadProgress> load, boolean last) {
    rejectedRows.flush();
    progress = next;
    Checkpoint after = held.checkpoint().loading(load);
    if (last) {
      held.saveAndRelease(after);
    } else {
      held.save(after);
    }
  }
}
