package io.reverseetl;

import io.reverseetl.checkpoint.LoadProgress;
import io.reverseetl.reduce.KeyFingerprints;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.TableSnapshot;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What a load does when every row is written, as it only shows in all of them together. */
final class LoadFinish implements AutoCloseable {
  private final Pipeline pipeline;
  private final TableSnapshot snapshot;
  private final List<SnapshotPart> parts;
  private final List<String> partitionKeyPaths;
  private final LoadOptions options;
  private final LoadProgress before;
  private final @Nullable KeyFingerprints keys;

  LoadFinish(
      Pipeline pipeline,
      TableSnapshot snapshot,
      List<SnapshotPart> parts,
      List<String> partitionKeyPaths,
      LoadOptions options,
      LoadProgress before) {
    this.pipeline = pipeline;
    this.snapshot = snapshot;
    this.parts = parts;
    this.partitionKeyPaths = partitionKeyPaths;
    this.options = options;
    this.before = before;
    this.keys =
        options.checksKeys()
            ? new KeyFingerprints(options.spillFolder(), KeyFingerprints.BUDGET)
            : null;
  }

  /** Where the keys of this run's documents go; null if nobody wants to know. */
  @Nullable KeyFingerprints keys() {
    return keys;
  }

  boolean isNeeded() {
    return keys != null || options.removesOrphans();
  }

  /**
   * Does it.
   *
   * @throws InterruptedException if it must stop; then it has to be done again
   */
  void run(WritePath writes, RejectedRows rejectedRows, BooleanSupplier mustStop)
      throws InterruptedException {
    if (keys != null) {
      new DuplicateCheck(
              pipeline,
              snapshot,
              parts,
              partitionKeyPaths,
              options,
              keys,
              writes,
              rejectedRows,
              mustStop)
          .run(before);
    }
    if (options.removesOrphans()) {
      new OrphanRemoval(pipeline, snapshot, partitionKeyPaths, options, writes, mustStop).run();
    }
  }

  @Override
  public void close() {
    if (keys != null) {
      keys.close();
    }
  }
}
