package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.TableVersion;

/**
 * Is told what a pipeline does: for progress bars, metrics and alerts.
 *
 * <p>Calls come from the pipeline's threads, several at once for parts and dead letters, and hold
 * the work up until they return. An exception is logged and changes nothing.
 */
public interface PipelineListener {

  /**
   * An initial load begins, or goes on after a stop or crash.
   *
   * @param version the version that is loaded
   * @param progress what earlier runs have done
   */
  default void onLoadStarted(TableVersion version, LoadState progress) {}

  /**
   * A load's counts, about once a second.
   *
   * @param progress the counts
   */
  default void onLoadProgress(LoadState progress) {}

  /**
   * All documents of one part are durable.
   *
   * @param part the part
   * @param rows how many rows were read from it, in this run
   */
  default void onPartLoaded(SnapshotPart part, long rows) {}

  /**
   * A checkpoint was saved.
   *
   * @param checkpoint the checkpoint
   */
  default void onCheckpointSaved(Checkpoint checkpoint) {}

  /**
   * A row was set aside. It may hold row values: keep it out of logs.
   *
   * @param letter the dead letter
   */
  default void onDeadLetter(DeadLetter letter) {}

  /**
   * A load ended: it is complete, or it stopped with its progress saved. Not called when it fails.
   *
   * @param report what it did
   */
  default void onLoadFinished(LoadReport report) {}
}
