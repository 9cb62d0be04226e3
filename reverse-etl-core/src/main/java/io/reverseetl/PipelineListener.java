package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.table.SchemaChange;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.TableVersion;
import java.time.Duration;
import java.util.Optional;

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

  /**
   * A range of commits begins to be read. Told again with the same commit if the range turned out
   * too long and is read anew.
   *
   * @param fromVersion its first commit
   */
  default void onRangeStarted(long fromVersion) {}

  /**
   * A range of commits was read; now it is written. Counts of operations are zero still.
   *
   * @param range the range
   */
  default void onRangePlanned(PollRange range) {}

  /**
   * A range was reduced and handed over; what it came to is known.
   *
   * @param range the range
   */
  default void onRangeReduced(PollRange range) {}

  /**
   * All documents of a range are durable; the checkpoint moves next.
   *
   * @param range the range
   */
  default void onRangeWritten(PollRange range) {}

  /**
   * How far the target is behind the table; told after each range.
   *
   * @param versions how many commits
   * @param lag how long ago the commit was made that the target holds; zero if it is the newest,
   *     empty if that is not known
   */
  default void onLag(long versions, Optional<Duration> lag) {}

  /**
   * A commit changed the table's columns. Told whether or not the poll goes on.
   *
   * @param change what it changed
   */
  default void onSchemaChange(SchemaChange change) {}

  /**
   * Changes cannot be had, so that reading on would skip some.
   *
   * @param gap why
   */
  default void onGap(ChangesUnavailableException gap) {}

  /**
   * The target asked to slow down.
   *
   * @param pause how long it asked to wait; zero if it did not say
   */
  default void onThrottled(Duration pause) {}

  /**
   * What was written since this was told last: by a load or a poll, at most four times a second
   * while operations are sent, and at the end, also of a run that fails. So the sum of all of them
   * is what the pipeline has written. Never told with nothing.
   *
   * @param since the increase of each count
   */
  default void onWriteProgress(WriteProgress since) {}

  /**
   * A load or a poll failed, at whatever point; the call throws next.
   *
   * @param failure what it throws
   */
  default void onFailed(Throwable failure) {}

  /**
   * The pipeline is so far behind its table that changes will soon be gone; told by a poll that
   * begins, see {@link CdcPoller.Builder#retentionWarning}.
   *
   * @param left for how long the table promises to keep the changes that are to be read next; zero
   *     or negative if they may be gone
   */
  default void onRetentionNear(Duration left) {}

  /** A poller that polls by itself has come to rest, as {@link CdcPoller#pause} asked it to. */
  default void onPollerPaused() {}

  /** A paused poller goes on, as {@link CdcPoller#resume} asked it to. */
  default void onPollerResumed() {}

  /**
   * A poll ended. Not called when it fails.
   *
   * @param report what it did
   */
  default void onPollFinished(PollReport report) {}

  /**
   * A switch of snapshots begins a step, or repeats it after a stop or crash.
   *
   * @param step the step
   * @param generation the generation that it is about
   */
  default void onSwitchStep(SwitchStep step, String generation) {}

  /**
   * A switch of snapshots, or a way back, ended. Not called when it fails.
   *
   * @param report what it did
   */
  default void onSwitchFinished(SwitchReport report) {}

  /**
   * A poll of a poller that polls by itself failed.
   *
   * @param failure why
   * @param pause how long it waits before it tries again; empty if it has stopped
   */
  default void onPollFailed(RuntimeException failure, Optional<Duration> pause) {}
}
