package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.LoadProgress;
import io.reverseetl.checkpoint.PartSet;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.TableSnapshot;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The checkpoint with which every load begins, whoever carries it out. */
final class LoadStart {
  private LoadStart() {}

  static Checkpoint checkpoint(
      Pipeline pipeline,
      TableSnapshot snapshot,
      TargetDescription target,
      List<SnapshotPart> parts) {
    return new Checkpoint(
        pipeline.checkpointName(),
        snapshot.version().tableUri(),
        snapshot.version().tableId(),
        target.identity(),
        Fingerprint.of(snapshot.tableSchema()),
        snapshot.version().version(),
        Optional.of(
            new LoadProgress(
                parts.size(),
                Fingerprint.of(parts, pipeline.filter()),
                PartSet.empty(),
                new TreeMap<>(),
                0,
                0,
                0)),
        pipeline.clock().instant());
  }
}
