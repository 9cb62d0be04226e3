package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.document.WriteStatistics;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.table.Row;
import io.reverseetl.table.TableSnapshot;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes chosen documents again, as the table makes them at the checkpoint's version: after the
 * data, the mapper or the target was mended, or somebody changed documents by hand. Never an older
 * state than the target stands at, so it may be run at any time and again.
 *
 * <pre>{@code
 * Reloader.of(pipeline).replay(FileDeadLetterSink.read(file));
 * }</pre>
 *
 * <p>Takes the pipeline's lease, as a poll does. Immutable and thread-safe.
 */
public final class Reloader {
  private static final long MEMORY_BUDGET_BYTES = 64L << 20;
  private static final byte[] NOTHING = "{}".getBytes(StandardCharsets.US_ASCII);

  private final Pipeline pipeline;

  private Reloader(Pipeline pipeline) {
    this.pipeline = pipeline;
  }

  /**
   * A reloader.
   *
   * @param pipeline the parts
   * @return the reloader
   */
  public static Reloader of(Pipeline pipeline) {
    return new Reloader(pipeline);
  }

  /**
   * Writes documents again. Reads the whole table once. A document that the table does not make is
   * deleted, as {@link Pipeline.Builder#deletes} says.
   *
   * @param keys which documents
   * @return what was done
   * @throws InterruptedException if the thread is interrupted; what was written stays
   * @throws io.reverseetl.exceptions.ReverseEtlException as {@link CdcPoller#pollOnce} does
   */
  public ReloadReport reload(Collection<DocumentKey> keys) throws InterruptedException {
    return run(new HashSet<>(keys), false);
  }

  /**
   * Writes what became dead letters: the documents of letters that hold one, by their keys; and
   * where a letter holds none, as its row could not be mapped, every document that the table makes
   * now and that is missing in the target or different. The latter needs a sink that is a {@link
   * io.reverseetl.document.ScannableDocumentSink}. What fails again becomes a dead letter again.
   *
   * @param letters the dead letters, of this pipeline; others are passed over
   * @return what was done
   * @throws InterruptedException if the thread is interrupted; what was written stays
   * @throws io.reverseetl.exceptions.ConfigurationException if the sink cannot be scanned
   * @throws io.reverseetl.exceptions.ReverseEtlException as {@link CdcPoller#pollOnce} does
   */
  public ReloadReport replay(Collection<DeadLetter> letters) throws InterruptedException {
    Set<DocumentKey> keys = new HashSet<>();
    boolean unmapped = false;
    for (DeadLetter letter : letters) {
      if (letter.pipeline().equals(pipeline.name())) {
        letter.document().map(Document::key).ifPresent(keys::add);
        unmapped |= letter.document().isEmpty();
      }
    }
    return run(keys, unmapped);
  }

  private ReloadReport run(Set<DocumentKey> keys, boolean repair) throws InterruptedException {
    if (pipeline.snapshots().isPresent()) {
      return new Reloader(pipeline.served()).run(keys, repair);
    }
    Instant started = pipeline.clock().instant();
    StoredCheckpoint stored = CheckpointChecks.loaded(pipeline);
    Checkpoint checkpoint = stored.checkpoint();
    TargetDescription target = pipeline.sink().describe();
    CheckpointChecks.partitionKey(pipeline, target);
    CheckpointChecks.target(pipeline, checkpoint, target);
    if (repair) {
      TargetComparison.scannable(pipeline, "replaying rows that could not be mapped");
    }
    RejectedRows rejectedRows = new RejectedRows(pipeline, 0);
    long rows = 0;
    if (keys.isEmpty() && !repair) {
      return report(checkpoint, rows, rejectedRows, WriteStatistics.NONE, started);
    }
    try (HeldCheckpoint held =
            HeldCheckpoint.take(pipeline, stored, RunnerIdentity.create(), pipeline.lease());
        TableSnapshot snapshot =
            pipeline.source().openSnapshot(pipeline.snapshotQuery(checkpoint.version()));
        WritePath writes = new WritePath(pipeline, held::checkMayWrite)) {
      if (!keys.isEmpty()) {
        rows += reload(keys, snapshot, target, writes, rejectedRows);
      }
      if (repair) {
        rows += repair(snapshot, target, writes, rejectedRows);
      }
      return report(checkpoint, rows, rejectedRows, writes.statistics(), started);
    }
  }

  private long reload(
      Set<DocumentKey> keys,
      TableSnapshot snapshot,
      TargetDescription target,
      WritePath writes,
      RejectedRows rejectedRows)
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
      write(
          reducer, new OperationMaker(pipeline, target.partitionKeyPaths()), writes, rejectedRows);
    }
    return table.rows();
  }

  private long repair(
      TableSnapshot snapshot, TargetDescription target, WritePath writes, RejectedRows rejectedRows)
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
          TargetComparison.scannable(pipeline, "replaying rows that could not be mapped"),
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
      write(comparison.reducer(), deletesNothing, writes, rejectedRows);
      return comparison.rows();
    }
  }

  private void write(
      Reducer reducer, OperationMaker operations, WritePath writes, RejectedRows rejectedRows)
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

  private ReloadReport report(
      Checkpoint checkpoint,
      long rows,
      RejectedRows rejectedRows,
      WriteStatistics statistics,
      Instant started) {
    return new ReloadReport(
        pipeline.name(),
        checkpoint.version(),
        rows,
        statistics.upserted(),
        statistics.deleted(),
        rejectedRows.count(),
        statistics.requestUnits(),
        Duration.between(started, pipeline.clock().instant()));
  }
}
