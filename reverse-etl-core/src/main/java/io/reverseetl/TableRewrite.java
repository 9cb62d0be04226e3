package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.document.WriteStatistics;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.reduce.Digest;
import io.reverseetl.reduce.OrderValue;
import io.reverseetl.reduce.Reduced;
import io.reverseetl.reduce.Reducer;
import io.reverseetl.table.Row;
import io.reverseetl.table.TableSnapshot;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes documents again, as the table makes them at the checkpoint's version, under the pipeline's
 * lease. For one run.
 */
final class TableRewrite {
  private static final long MEMORY_BUDGET_BYTES = 64L << 20;
  private static final byte[] NOTHING = "{}".getBytes(StandardCharsets.US_ASCII);
  private static final String REPAIRING = "replaying rows that could not be mapped";

  /**
   * What was done.
   *
   * @param version the version of the table that the documents are from
   * @param rows rows read
   * @param statistics what was written
   */
  record Result(long version, long rows, WriteStatistics statistics) {}

  private final Pipeline pipeline;
  private final RejectedRows rejectedRows;
  private final Consumer<DocumentKey> gone;

  /**
   * A rewrite.
   *
   * @param gone is told of each document asked for that the table does not make
   */
  TableRewrite(Pipeline pipeline, RejectedRows rejectedRows, Consumer<DocumentKey> gone) {
    this.pipeline = pipeline.served();
    this.rejectedRows = rejectedRows;
    this.gone = gone;
  }

  /**
   * Writes.
   *
   * @param keys the documents to write, or to delete if the table does not make them
   * @param repair whether to write also what is missing in the target, or different
   */
  Result run(Set<DocumentKey> keys, boolean repair) throws InterruptedException {
    StoredCheckpoint stored = CheckpointChecks.loaded(pipeline);
    Checkpoint checkpoint = stored.checkpoint();
    // Else documents of the range's end would be put back, and the range's next run, which goes on
    // after the steps that are done, would not write them again.
    CheckpointChecks.betweenRanges(pipeline, checkpoint, "documents cannot be written again");
    TargetDescription target = pipeline.sink().describe();
    CheckpointChecks.partitionKey(pipeline, target);
    CheckpointChecks.target(pipeline, checkpoint, target);
    if (repair) {
      TargetComparison.scannable(pipeline, REPAIRING);
    }
    if (keys.isEmpty() && !repair) {
      return new Result(checkpoint.version(), 0, WriteStatistics.NONE);
    }
    long rows = 0;
    try (HeldCheckpoint held =
            HeldCheckpoint.take(pipeline, stored, RunnerIdentity.create(), pipeline.lease());
        TableSnapshot snapshot =
            pipeline.source().openSnapshot(pipeline.snapshotQuery(checkpoint.version()));
        WritePath writes = new WritePath(pipeline, held::checkMayWrite)) {
      if (!keys.isEmpty()) {
        rows += reload(keys, snapshot, target, writes);
      }
      if (repair) {
        rows += repair(snapshot, target, writes);
      }
      return new Result(checkpoint.version(), rows, writes.statistics());
    }
  }

  private long reload(
      Set<DocumentKey> keys, TableSnapshot snapshot, TargetDescription target, WritePath writes)
      throws InterruptedException {
    long version = snapshot.version().version();
    SnapshotDocuments table = new SnapshotDocuments(pipeline, snapshot);
    try (Reducer reducer =
        new Reducer(MEMORY_BUDGET_BYTES, null, false, Digest.ofBytes(), rejectedRows::duplicates)) {
      keys.forEach(key -> reducer.gone(version, Document.ofJson(key, NOTHING)));
      String order = pipeline.duplicateKeys().column();
      table.forEach(
          Thread.currentThread()::isInterrupted,
          new SnapshotDocuments.Taker() {
            @Override
            public void document(Document document, Row row) {
              if (keys.contains(document.key())) {
                int column = order == null ? -1 : row.type().indexOf(order);
                reducer.live(version, document, column < 0 ? null : OrderValue.of(row, column));
              }
            }

            @Override
            public void unmappable(String location, MappingException e) {
              // Whether it is one of those asked for cannot be known; it was set aside before.
            }
          });
      reducer.complete();
      write(reducer, tellsOfDeletes(target), writes);
    }
    return table.rows();
  }

  private long repair(TableSnapshot snapshot, TargetDescription target, WritePath writes)
      throws InterruptedException {
    long version = snapshot.version().version();
    try (TargetComparison comparison =
        new TargetComparison(
            pipeline,
            snapshot,
            MEMORY_BUDGET_BYTES,
            null,
            document -> true,
            rejectedRows::duplicates)) {
      comparison.read(
          TargetComparison.scannable(pipeline, REPAIRING),
          Thread.currentThread()::isInterrupted,
          (location, e) ->
              rejectedRows.setAside(version, location, "MAPPING", Optional.empty(), e));
      OperationMaker deletesNothing =
          new OperationMaker(pipeline, target.partitionKeyPaths()) {
            @Override
            @Nullable DocumentOperation delete(Reduced result) {
              return null;
            }
          };
      write(comparison.reducer(), deletesNothing, writes);
      return comparison.rows();
    }
  }

  private OperationMaker tellsOfDeletes(TargetDescription target) {
    return new OperationMaker(pipeline, target.partitionKeyPaths()) {
      @Override
      @Nullable DocumentOperation delete(Reduced result) {
        gone.accept(result.key());
        return super.delete(result);
      }
    };
  }

  private void write(Reducer reducer, OperationMaker operations, WritePath writes)
      throws InterruptedException {
    RangeWriter writer =
        new RangeWriter(
            pipeline,
            reducer,
            operations,
            writes,
            rejectedRows,
            () -> {},
            done -> {},
            Thread.currentThread()::isInterrupted);
    if (writer.write(0) < RangeWriter.STEPS || writer.wasInterrupted()) {
      throw new InterruptedException("The thread was interrupted while documents were written.");
    }
  }
}
