package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.table.RetainingTableSource;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.TableSnapshot;
import io.reverseetl.table.TableVersion;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where a pipeline stands against its table.
 *
 * @param pipeline the pipeline's name
 * @param latest the table's newest version
 * @param checkpoint the pipeline's checkpoint; empty before the first load
 * @param lagVersions how many commits are not in the target yet; empty before the first load
 * @param lag the time between the commit that the target holds and the newest one; empty before the
 *     first load, and when the table has forgotten the version that the target holds
 * @param earliestChanges the earliest version whose changes can still be had; empty if the source
 *     does not tell. Polling cannot go on once it is above the checkpoint's version by more than
 *     one
 * @param retentionLeft for how long the table promises to keep the changes that are to be read
 *     next; zero or negative if they may be gone, empty if there are none, before the first load,
 *     and if the source does not tell
 */
public record PipelineStatus(
    String pipeline,
    TableVersion latest,
    Optional<Checkpoint> checkpoint,
    OptionalLong lagVersions,
    Optional<Duration> lag,
    OptionalLong earliestChanges,
    Optional<Duration> retentionLeft) {

  static PipelineStatus of(Pipeline pipeline) {
    TableVersion latest = pipeline.source().latestVersion();
    Optional<Checkpoint> checkpoint =
        pipeline.checkpoints().read(pipeline.name()).map(StoredCheckpoint::checkpoint);
    if (checkpoint.isEmpty()) {
      return new PipelineStatus(
          pipeline.name(),
          latest,
          checkpoint,
          OptionalLong.empty(),
          Optional.empty(),
          earliestChanges(pipeline),
          Optional.empty());
    }
    long version = checkpoint.get().version();
    return new PipelineStatus(
        pipeline.name(),
        latest,
        checkpoint,
        OptionalLong.of(latest.version() - version),
        timestampOf(pipeline, version, latest)
            .map(held -> Duration.between(held, latest.timestamp())),
        earliestChanges(pipeline),
        retentionLeft(pipeline, version));
  }

  private static OptionalLong earliestChanges(Pipeline pipeline) {
    return pipeline.source() instanceof RetainingTableSource source
        ? OptionalLong.of(source.earliestChanges())
        : OptionalLong.empty();
  }

  /** For how long the changes after a version are kept. */
  static Optional<Duration> retentionLeft(Pipeline pipeline, long version) {
    if (!(pipeline.source() instanceof RetainingTableSource source)) {
      return Optional.empty();
    }
    try {
      return source
          .retention(version)
          .safeUntil()
          .map(until -> Duration.between(pipeline.clock().instant(), until));
    } catch (ChangesUnavailableException e) {
      // Too late. Who reads on gets this very failure; who only looks gets the number for it.
      return Optional.of(Duration.ZERO);
    }
  }

  private static Optional<java.time.Instant> timestampOf(
      Pipeline pipeline, long version, TableVersion latest) {
    if (version == latest.version()) {
      return Optional.of(latest.timestamp());
    }
    try (TableSnapshot snapshot =
        pipeline.source().openSnapshot(SnapshotQuery.atVersion(version))) {
      return Optional.of(snapshot.version().timestamp());
    } catch (io.reverseetl.exceptions.TableReadException e) {
      if (e.reason() == io.reverseetl.exceptions.TableReadException.Reason.VERSION_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
