package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.table.SchemaChange;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.TableVersion;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells all listeners; a listener that throws disturbs neither the others nor the work. */
final class SafeListener implements PipelineListener {
  private static final Logger log = LoggerFactory.getLogger(SafeListener.class);

  private final List<PipelineListener> listeners;

  SafeListener(List<PipelineListener> listeners) {
    this.listeners = List.copyOf(listeners);
  }

  /** Runs a load or a poll, and tells if it fails. */
  static <T> T telling(PipelineListener listener, Supplier<T> run) {
    try {
      return run.get();
    } catch (RuntimeException | Error e) {
      listener.onFailed(e);
      throw e;
    }
  }

  private void tell(Consumer<PipelineListener> event) {
    for (PipelineListener listener : listeners) {
      try {
        event.accept(listener);
      } catch (RuntimeException e) {
        log.warn("A pipeline listener failed: {}", listener.getClass().getName(), e);
      }
    }
  }

  @Override
  public void onLoadStarted(TableVersion version, LoadState progress) {
    tell(listener -> listener.onLoadStarted(version, progress));
  }

  @Override
  public void onLoadProgress(LoadState progress) {
    tell(listener -> listener.onLoadProgress(progress));
  }

  @Override
  public void onPartLoaded(SnapshotPart part, long rows) {
    tell(listener -> listener.onPartLoaded(part, rows));
  }

  @Override
  public void onCheckpointSaved(Checkpoint checkpoint) {
    tell(listener -> listener.onCheckpointSaved(checkpoint));
  }

  @Override
  public void onDeadLetter(DeadLetter letter) {
    tell(listener -> listener.onDeadLetter(letter));
  }

  @Override
  public void onLoadFinished(LoadReport report) {
    tell(listener -> listener.onLoadFinished(report));
  }

  @Override
  public void onRangeStarted(long fromVersion) {
    tell(listener -> listener.onRangeStarted(fromVersion));
  }

  @Override
  public void onRangePlanned(PollRange range) {
    tell(listener -> listener.onRangePlanned(range));
  }

  @Override
  public void onRangeReduced(PollRange range) {
    tell(listener -> listener.onRangeReduced(range));
  }

  @Override
  public void onRangeWritten(PollRange range) {
    tell(listener -> listener.onRangeWritten(range));
  }

  @Override
  public void onLag(long versions, Optional<Duration> lag) {
    tell(listener -> listener.onLag(versions, lag));
  }

  @Override
  public void onSchemaChange(SchemaChange change) {
    tell(listener -> listener.onSchemaChange(change));
  }

  @Override
  public void onGap(ChangesUnavailableException gap) {
    tell(listener -> listener.onGap(gap));
  }

  @Override
  public void onThrottled(Duration pause) {
    tell(listener -> listener.onThrottled(pause));
  }

  @Override
  public void onWriteProgress(WriteProgress since) {
    tell(listener -> listener.onWriteProgress(since));
  }

  @Override
  public void onFailed(Throwable failure) {
    tell(listener -> listener.onFailed(failure));
  }

  @Override
  public void onRetentionNear(Duration left) {
    tell(listener -> listener.onRetentionNear(left));
  }

  @Override
  public void onPollerPaused() {
    tell(PipelineListener::onPollerPaused);
  }

  @Override
  public void onPollerResumed() {
    tell(PipelineListener::onPollerResumed);
  }

  @Override
  public void onPollFinished(PollReport report) {
    tell(listener -> listener.onPollFinished(report));
  }

  @Override
  public void onSwitchStep(SwitchStep step, String generation) {
    tell(listener -> listener.onSwitchStep(step, generation));
  }

  @Override
  public void onSwitchFinished(SwitchReport report) {
    tell(listener -> listener.onSwitchFinished(report));
  }

  @Override
  public void onPollFailed(RuntimeException failure, Optional<Duration> pause) {
    tell(listener -> listener.onPollFailed(failure, pause));
  }
}
