package io.reverseetl;

import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.SwitchOutcomeUnknownException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.WriteException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Polls again and again on a thread of its own. Thread-safe. */
final class PollLoop {
  private static final Logger log = LoggerFactory.getLogger(PollLoop.class);
  private static final long CLOSE_MILLIS = 30_000;

  /** Longer ones do not fit into nanoseconds, and nobody sees their end. */
  private static final Duration LONGEST_PAUSE = Duration.ofNanos(Long.MAX_VALUE);

  private final Pipeline pipeline;
  private final PollSettings settings;
  private final Supplier<PollReport> poll;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  private @Nullable Thread thread;
  private boolean paused;
  private boolean ended;
  private volatile boolean closed;
  private @Nullable Throwable failure;

  PollLoop(Pipeline pipeline, PollSettings settings, Supplier<PollReport> poll) {
    this.pipeline = pipeline;
    this.settings = settings;
    this.poll = poll;
  }

  boolean isClosed() {
    return closed;
  }

  void start() {
    lock.lock();
    try {
      if (thread != null || closed) {
        throw new IllegalStateException("A poller is started once, and before it is closed.");
      }
      thread = new Thread(this::run, "reverse-etl-" + pipeline.name() + "-poll");
      thread.setDaemon(true);
      thread.start();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    int failures = 0;
    try {
      while (awaitTurn()) {
        Duration pause = settings.interval();
        try {
          PollReport report = poll.get();
          failures = 0;
          if (report.outcome() == PollReport.Outcome.STOPPED) {
            return;
          }
          if (report.outcome() == PollReport.Outcome.SCHEMA_CHANGED) {
            log.warn(
                "Pipeline \"{}\" waits before a commit that changes mapped columns.",
                pipeline.name());
            pause = settings.maxBackoff();
          }
        } catch (CheckpointConflictException e) {
          // Another runner is at work. It may end, and then this one takes over.
          log.debug("Pipeline \"{}\" stands by.", pipeline.name(), e);
        } catch (RuntimeException e) {
          if (!isWorthAnotherTry(e)) {
            throw e;
          }
          pause = backoff(failures++);
          log.warn("Pipeline \"{}\" polls again in {}.", pipeline.name(), pause, e);
          pipeline.listener().onPollFailed(e, Optional.of(pause));
        }
        await(pause);
      }
    } catch (InterruptedException e) {
      // By close(), after it waited long enough.
    } catch (RuntimeException e) {
      if (!closed) {
        failure = e;
        pipeline.listener().onPollFailed(e, Optional.empty());
      }
    } catch (Error e) {
      failure = e;
      throw e;
    } finally {
      lock.lock();
      try {
        ended = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private static boolean isWorthAnotherTry(RuntimeException e) {
    return e instanceof WriteException
        || e instanceof CheckpointException
        || e instanceof SwitchOutcomeUnknownException
        || (e instanceof TableReadException read
            && (read.reason() == TableReadException.Reason.UNAVAILABLE
                || read.reason() == TableReadException.Reason.FILE_CHANGED));
  }

  private Duration backoff(int failures) {
    Duration longest = settings.maxBackoff();
    Duration pause = settings.interval();
    // Never beyond the longest, as twice an interval may be more than can be said.
    for (int i = 0; i < failures && pause.compareTo(longest) < 0; i++) {
      pause = pause.compareTo(longest.minus(pause)) < 0 ? pause.plus(pause) : longest;
    }
    return pause.compareTo(longest) < 0 ? pause : longest;
  }

  /** Waits while paused; false once it is closed. */
  private boolean awaitTurn() throws InterruptedException {
    boolean told = false;
    while (waitsIn(told)) {
      if (!told) {
        // Not with the lock held, as a listener may call the poller.
        pipeline.listener().onPollerPaused();
        told = true;
      }
    }
    if (closed) {
      return false;
    }
    if (told) {
      pipeline.listener().onPollerResumed();
    }
    return true;
  }

  /** Whether it is paused; waits for a change if that has been told. */
  @SuppressWarnings("WaitNotInLoop") // The caller looks again.
  private boolean waitsIn(boolean told) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (told && paused && !closed) {
        changed.await();
      }
      return paused && !closed;
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("WaitNotInLoop") // Waking early only means looking at the table early.
  private void await(Duration pause) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (!closed) {
        changed.awaitNanos(pause.compareTo(LONGEST_PAUSE) < 0 ? pause.toNanos() : Long.MAX_VALUE);
      }
    } finally {
      lock.unlock();
    }
  }

  void pause() {
    signal(() -> paused = true);
  }

  void resume() {
    signal(() -> paused = false);
  }

  /** Ends the wait between two polls. */
  void wake() {
    signal(() -> {});
  }

  private void signal(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void await() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (thread == null) {
        throw new IllegalStateException("The poller was not started.");
      }
      while (!ended) {
        changed.await();
      }
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure instanceof RuntimeException exception) {
        throw exception;
      }
    } finally {
      lock.unlock();
    }
  }

  void close() {
    signal(() -> closed = true);
    Thread running = thread;
    if (running == null || running == Thread.currentThread()) {
      return;
    }
    try {
      running.join(CLOSE_MILLIS);
      if (running.isAlive()) {
        running.interrupt();
        running.join(CLOSE_MILLIS);
      }
    } catch (InterruptedException e) {
      running.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
