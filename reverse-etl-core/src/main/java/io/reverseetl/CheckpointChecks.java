package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.TableReadException;
import java.util.List;

/** Refuses a checkpoint, a target or a table that does not belong to the pipeline. */
final class CheckpointChecks {
  private CheckpointChecks() {}

  /** The checkpoint of a pipeline whose initial load is complete. */
  static StoredCheckpoint loaded(Pipeline pipeline) {
    StoredCheckpoint stored =
        pipeline
            .checkpoints()
            .read(pipeline.checkpointName())
            .orElseThrow(
                () ->
                    new ConfigurationException(
                        "Pipeline \""
                            + pipeline.name()
                            + "\" has no checkpoint, so there is no version to go on from. Load"
                            + " the table with InitialLoader first."));
    if (stored.checkpoint().load().isPresent()) {
      throw new ConfigurationException(
          "The initial load of pipeline \""
              + pipeline.name()
              + "\" is not complete. Run InitialLoader again; it goes on where it stopped.");
    }
    return stored;
  }

  /**
   * Refuses a checkpoint inside a range: some documents may be of the range's end already.
   *
   * @param what what cannot be done then
   */
  static void betweenRanges(Pipeline pipeline, Checkpoint checkpoint, String what) {
    if (checkpoint.poll().isPresent()) {
      throw new ConfigurationException(
          "A poll of pipeline \""
              + pipeline.name()
              + "\" stopped inside a range of commits, so the target holds no version, and "
              + what
              + ". Poll first.");
    }
  }

  /**
   * What to throw where the table ends before a range that was begun. Documents may be of the
   * range's end already, and its done steps are not done again, so it cannot become a shorter one.
   */
  static TableReadException cutShort(Pipeline pipeline, Checkpoint before, long last, long end) {
    return new TableReadException(
        TableReadException.Reason.VERSION_NOT_FOUND,
        "Pipeline \""
            + pipeline.name()
            + "\" is inside a range of commits up to "
            + last
            + ", but table "
            + before.tableUri()
            + " has commits up to "
            + end
            + " here. Look whether this process sees the same storage. If the table was put back,"
            + " remove the checkpoint and load again.");
  }

  static void partitionKey(Pipeline pipeline, TargetDescription target) {
    List<String> mapped = pipeline.mapper().partitionKeyPaths();
    if (!mapped.isEmpty() && !mapped.equals(target.partitionKeyPaths())) {
      throw new ConfigurationException(
          "The mapper of pipeline \""
              + pipeline.name()
              + "\" writes the partition key "
              + mapped
              + ", but the target "
              + target.identity()
              + " is partitioned by "
              + target.partitionKeyPaths()
              + ". Change the mapper, or write to a container with that key.");
    }
  }

  static void target(Pipeline pipeline, Checkpoint checkpoint, TargetDescription target) {
    if (!checkpoint.targetIdentity().equals(target.identity())) {
      throw new CheckpointException(
          "The checkpoint of pipeline \""
              + pipeline.name()
              + "\" belongs to the target "
              + checkpoint.targetIdentity()
              + ", but the sink writes to "
              + target.identity()
              + ". Give this pipeline another name, or remove the checkpoint and load again.");
    }
  }
}
