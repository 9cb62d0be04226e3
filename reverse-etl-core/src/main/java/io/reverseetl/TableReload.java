package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.PollProgress;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.ScannableDocumentSink;
import io.reverseetl.reduce.KeyState;
import io.reverseetl.reduce.Reduced;
import io.reverseetl.table.TableSnapshot;
import io.reverseetl.table.TableVersion;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings the target to the newest version of the table without its changes, after a gap: by writing
 * everything or what differs, and deleting what is too much and ours.
 */
final class TableReload {
  private final Pipeline pipeline;
  private final PollSettings settings;
  private final HeldCheckpoint held;
  private final WritePath writes;
  private final RejectedRows rejectedRows;
  private final List<String> partitionKeyPaths;
  private final KeyState.Duplicates duplicates;
  private final BooleanSupplier stopRequested;
  private final BooleanSupplier deadlineReached;

  private @Nullable RangeWriter writer;
  private long rows;

  TableReload(
      Pipeline pipeline,
      PollSettings settings,
      HeldCheckpoint held,
      WritePath writes,
      RejectedRows rejectedRows,
      List<String> partitionKeyPaths,
      KeyState.Duplicates duplicates,
      BooleanSupplier stopRequested,
      BooleanSupplier deadlineReached) {
    this.pipeline = pipeline;
    this.settings = settings;
    this.held = held;
    this.writes = writes;
    this.rejectedRows = rejectedRows;
    this.partitionKeyPaths = partitionKeyPaths;
    this.duplicates = duplicates;
    this.stopRequested = stopRequested;
    this.deadlineReached = deadlineReached;
  }

  /**
   * Reloads, and moves the checkpoint.
   *
   * @return whether it came to the end
   */
  boolean reload() throws InterruptedException {
    ScannableDocumentSink sink = TargetComparison.scannable(pipeline, "going on after a gap");
    try (TableSnapshot snapshot = pipeline.source().openSnapshot(pipeline.snapshotQuery(null));
        TargetComparison comparison =
            new TargetComparison(
                pipeline,
                snapshot,
                settings.memoryBudgetBytes(),
                settings.spillFolder(),
                document -> true,
                duplicates)) {
      TableVersion version = snapshot.version();
      boolean sameTable = version.tableId().equals(held.checkpoint().tableId());
      comparison.read(
          sink,
          () -> stopRequested.getAsBoolean() || Thread.currentThread().isInterrupted(),
          (location, e) ->
              rejectedRows.setAside(version.version(), location, "MAPPING", Optional.empty(), e));
      rows = comparison.rows();
      RangeWriter all =
          new RangeWriter(
              pipeline,
              comparison.reducer(),
              operations(sameTable),
              writes,
              rejectedRows,
              () -> begin(version, sameTable),
              done -> {},
              () ->
                  stopRequested.getAsBoolean()
                      || deadlineReached.getAsBoolean()
                      || Thread.currentThread().isInterrupted());
      writer = all;
      if (all.write(0) < RangeWriter.STEPS) {
        return false;
      }
      Checkpoint before = held.checkpoint();
      held.save(
          new Checkpoint(
              before.pipeline(),
              version.tableUri(),
              version.tableId(),
              before.targetIdentity(),
              Fingerprint.of(snapshot.tableSchema()),
              version.version(),
              Optional.empty(),
              before.savedAt()));
      return true;
    }
  }

  /**
   * Says that documents may now be of any version up to the new one, as a range that is being
   * written does.
   */
  private void begin(TableVersion version, boolean sameTable) {
    Checkpoint before = held.checkpoint();
    if (sameTable && version.version() > before.version()) {
      held.save(before.polling(new PollProgress(version.version(), RangeWriter.STEPS, 0)));
    }
  }

  private OperationMaker operations(boolean sameTable) {
    // Versions of another table say nothing about which of two documents is newer.
    boolean guarded = sameTable && pipeline.writeMode().isGuarded();
    return new OperationMaker(pipeline, partitionKeyPaths, guarded) {
      @Override
      boolean writesUnchanged() {
        return settings.gapPolicy() == GapPolicy.RESNAPSHOT;
      }

      @Override
      @Nullable DocumentOperation delete(Reduced result) {
        return TargetComparison.isOurs(pipeline, result) ? super.delete(result) : null;
      }
    };
  }

  /** What was written; null before it began. */
  @Nullable RangeWriter writer() {
    return writer;
  }

  long rows() {
    return rows;
  }
}
