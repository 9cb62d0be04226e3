package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.StoredCheckpoint;
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
 */
public record PipelineStatus(
    String pipeline,
    TableVersion latest,
    Optional<Checkpoint> checkpoint,
    OptionalLong lagVersions,
    Optional<Duration> lag) {

  static PipelineStatus of(Pipeline parts) {
    TableVersion latest = parts.source().latestVersion();
    Pipeline pipeline = parts.servedIfAny().orElse(parts);
    Optional<Checkpoint> checkpoint =
        pipeline.checkpoints().read(pipeline.checkpointName()).map(StoredCheckpoint::checkpoint);
    if (checkpoint.isEmpty()) {
      return new PipelineStatus(
          pipeline.name(), latest, checkpoint, OptionalLong.empty(), Optional.empty());
    }
    long version = checkpoint.get().version();
    return new PipelineStatus(
        pipeline.name(),
        latest,
        checkpoint,
        OptionalLong.of(latest.version() - version),
        timestampOf(pipeline, version, latest)
            .map(held -> Duration.between(held, latest.timestamp())));
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
