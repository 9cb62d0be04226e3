package io.reverseetl.springboot;

import io.reverseetl.CdcPoller;
import io.reverseetl.InitialLoader;
import io.reverseetl.Pipeline;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.ReverseEtlException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Loads and polls from the start of the service to its end. It starts after every other bean and
 * stops before them, and when it stops the chunk at hand is ended and saved first.
 */
final class PipelineLifecycle implements SmartLifecycle {
  /** Below the half minute that Kubernetes leaves, together with the poller's own end. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final InitialLoader loader;
  private final CdcPoller poller;
  private final PipelineActivity activity;
  private final Duration retryPause;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private volatile @Nullable Thread worker;

  PipelineLifecycle(
      Pipeline pipeline,
      @Nullable Long initialVersion,
      CdcPoller poller,
      PipelineActivity activity,
      Duration retryPause) {
    InitialLoader newest = InitialLoader.of(pipeline);
    this.loader = initialVersion == null ? newest : newest.atVersion(initialVersion);
    this.poller = poller;
    this.activity = activity;
    this.retryPause = retryPause;
  }

  @Override
  public synchronized void start() {
    if (worker == null) {
      Thread thread = new Thread(this::loadAndPoll, "reverse-etl");
      thread.setDaemon(true);
      worker = thread;
      thread.start();
    }
  }

  private void loadAndPoll() {
    try {
      while (stopping.getCount() > 0 && !loaded()) {
        if (stopping.await(retryPause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
      startPolling();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean loaded() {
    try {
      return loader.load().isLoaded();
    } catch (CheckpointConflictException e) {
      activity.failed(e, true); // another replica loads; look again later
    } catch (ConfigurationException e) {
      activity.failed(e, false);
      stopping.countDown();
    } catch (ReverseEtlException e) {
      activity.failed(e, true);
    } catch (RuntimeException | Error e) {
      // A mistake of somebody's, on a thread that nobody hears.
      activity.failed(e, false);
      throw e;
    }
    return false;
  }

  private synchronized void startPolling() {
    if (stopping.getCount() > 0) {
      poller.start();
    }
  }

  /** May be called twice. */
  @Override
  public void stop() {
    Thread thread;
    synchronized (this) {
      stopping.countDown();
      thread = worker;
      worker = null;
    }
    loader.requestStop();
    poller.close();
    if (thread != null) {
      try {
        thread.join(PATIENCE.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public boolean isRunning() {
    return worker != null;
  }
}
