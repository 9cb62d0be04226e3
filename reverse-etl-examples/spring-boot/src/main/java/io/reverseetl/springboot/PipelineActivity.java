package io.reverseetl.springboot;

import io.reverseetl.LoadReport;
import io.reverseetl.LoadState;
import io.reverseetl.PipelineListener;
import io.reverseetl.PollReport;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.table.TableVersion;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Remembers what the pipeline did last, for the health indicator. Thread-safe. */
final class PipelineActivity implements PipelineListener {

  /** What the pipeline is doing. */
  enum Stage {
    /** Nothing yet. */
    STARTING,
    /** The initial load runs. */
    LOADING,
    /** Commits are followed. */
    POLLING,
    /** Another runner does the work. */
    STANDING_BY,
    /** It has failed, and tries again. */
    RETRYING,
    /** It has failed, and only a change of table or settings mends it. */
    STOPPED
  }

  /**
   * A moment's view.
   *
   * @param stage what the pipeline is doing
   * @param since when the target was last found up to date or brought forward; the start before
   * @param version the version that the target holds; null before the first poll
   * @param lagVersions how many commits the target is behind
   * @param lag how far it is behind in time, if that is known
   * @param deadLetters how many rows were set aside since the start
   * @param throttled how often the target asked to slow down since the start
   * @param problem what failed last; null when all is well
   */
  record View(
      Stage stage,
      Instant since,
      @Nullable Long version,
      long lagVersions,
      Optional<Duration> lag,
      long deadLetters,
      long throttled,
      @Nullable String problem) {

    View in(Stage newStage, @Nullable String newProblem) {
      return new View(
          newStage, since, version, lagVersions, lag, deadLetters, throttled, newProblem);
    }

    View counting(long moreDeadLetters, long moreThrottled) {
      return new View(
          stage,
          since,
          version,
          lagVersions,
          lag,
          deadLetters + moreDeadLetters,
          throttled + moreThrottled,
          problem);
    }

    View at(Instant now, long newVersion, long newLagVersions, Optional<Duration> newLag) {
      return new View(
          Stage.POLLING, now, newVersion, newLagVersions, newLag, deadLetters, throttled, null);
    }
  }

  private final InstantSource clock;
  private View view;

  PipelineActivity(InstantSource clock) {
    this.clock = clock;
    this.view = new View(Stage.STARTING, clock.instant(), null, 0, Optional.empty(), 0, 0, null);
  }

  synchronized View view() {
    return view;
  }

  private synchronized void change(UnaryOperator<View> by) {
    view = by.apply(view);
  }

  @Override
  public void onLoadStarted(TableVersion version, LoadState progress) {
    change(now -> now.in(Stage.LOADING, null));
  }

  @Override
  public void onLoadFinished(LoadReport report) {
    if (report.isLoaded()) {
      change(now -> now.at(clock.instant(), report.version(), 0, Optional.empty()));
    }
  }

  @Override
  public void onPollFinished(PollReport report) {
    change(now -> now.at(clock.instant(), report.toVersion(), report.lagVersions(), report.lag()));
  }

  @Override
  public void onDeadLetter(DeadLetter letter) {
    change(now -> now.counting(1, 0));
  }

  @Override
  public void onThrottled(Duration pause) {
    change(now -> now.counting(0, 1));
  }

  @Override
  public void onPollFailed(RuntimeException failure, Optional<Duration> pause) {
    failed(failure, pause.isPresent());
  }

  /** A load or poll failed. */
  void failed(Throwable failure, boolean triesAgain) {
    if (!triesAgain) {
      change(now -> now.in(Stage.STOPPED, failure.getMessage()));
    } else if (failure instanceof CheckpointConflictException) {
      change(now -> now.in(Stage.STANDING_BY, null));
    } else {
      change(now -> now.in(Stage.RETRYING, failure.getMessage()));
    }
  }
}
