package io.reverseetl.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a run end well when the process is asked to end: SIGTERM and Ctrl-C stop it, and the process
 * leaves with 143 or 130 once the run has saved its progress.
 */
final class GracefulStop implements AutoCloseable {
  /** Below the 30 s after which Kubernetes kills. */
  private static final Duration PATIENCE = Duration.ofSeconds(25);

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;

  private GracefulStop(Runnable stop) {
    this.hook =
        new Thread(
            () -> {
              stop.run();
              awaitEnd();
            },
            "reverse-etl-stop");
  }

  /** Arranges that the end of the process stops a run; closing it says that the run has ended. */
  static GracefulStop on(Runnable stop) {
    GracefulStop graceful = new GracefulStop(stop);
    Runtime.getRuntime().addShutdownHook(graceful.hook);
    return graceful;
  }

  private void awaitEnd() {
    try {
      if (!ended.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        System.err.println(
            "reverse-etl: the run did not end within "
                + PATIENCE.toSeconds()
                + " s; it goes on from its last saved progress next time.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already, and the hook has just been told.
      return;
    }
  }
}
