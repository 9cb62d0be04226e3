package io.reverseetl.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link WriteRateLimiter} promises. */
@Timeout(60)
public abstract class WriteRateLimiterContract {

  /**
   * The limiter under test.
   *
   * @param requestUnitsPerSecond its budget
   * @return a new limiter
   */
  protected abstract WriteRateLimiter limiter(double requestUnitsPerSecond);

  @Test
  void grantsNothingForFree() throws Exception {
    WriteRateLimiter limiter = limiter(1);

    limiter.acquire(0);
    limiter.acquire(0);
  }

  @Test
  void refusesANegativeCost() {
    WriteRateLimiter limiter = limiter(1);

    assertThatThrownBy(() -> limiter.acquire(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void holdsACallerBackThatWantsMoreThanTheBudget() throws Exception {
    WriteRateLimiter limiter = limiter(1);

    Waiting waiting = Waiting.on(() -> limiter.acquire(1_000));

    assertThat(waiting.isHeldBack()).isTrue();
    waiting.interrupt();
  }

  @Test
  void throwsWhenTheWaitIsInterrupted() throws Exception {
    WriteRateLimiter limiter = limiter(1);
    Waiting waiting = Waiting.on(() -> limiter.acquire(1_000));
    assertThat(waiting.isHeldBack()).isTrue();

    waiting.interrupt();

    assertThat(waiting.failure()).isInstanceOf(InterruptedException.class);
  }

  @Test
  void takesNothingForAnInterruptedWait() throws Exception {
    WriteRateLimiter limiter = limiter(1_000);
    Waiting waiting = Waiting.on(() -> limiter.acquire(3_600_000));
    assertThat(waiting.isHeldBack()).isTrue();
    waiting.interrupt();
    assertThat(waiting.failure()).isInstanceOf(InterruptedException.class);

    // An hour's budget would be owed if the broken-off wait had taken it: the test would time out.
    limiter.acquire(1);
  }

  @Test
  void paysBackWhatWasNotSpent() throws Exception {
    WriteRateLimiter limiter = limiter(1);

    limiter.settle(-1_000_000);

    // A million request units at one a second would take eleven days.
    limiter.acquire(999_000);
  }

  @Test
  void takesFromLaterCallersWhatWasSpentBeyondTheEstimate() throws Exception {
    WriteRateLimiter limiter = limiter(1);
    limiter.settle(1_000);

    Waiting waiting = Waiting.on(() -> limiter.acquire(0.01));

    assertThat(waiting.isHeldBack()).isTrue();
    waiting.interrupt();
  }

  @Test
  void grantsNothingDuringAPauseThatTheTargetAskedFor() throws Exception {
    WriteRateLimiter limiter = limiter(1_000_000);
    limiter.throttled(Duration.ofHours(1));

    Waiting waiting = Waiting.on(() -> limiter.acquire(1));

    assertThat(waiting.isHeldBack()).isTrue();
    waiting.interrupt();
  }

  @Test
  void aPauseOfNothingChangesNothing() throws Exception {
    WriteRateLimiter limiter = limiter(1_000_000);
    limiter.throttled(Duration.ZERO);
    limiter.throttled(Duration.ofHours(-1));

    limiter.acquire(1);
  }

  @Test
  void aShorterPauseDoesNotEndALongerOne() throws Exception {
    WriteRateLimiter limiter = limiter(1_000_000);
    limiter.throttled(Duration.ofHours(1));
    limiter.throttled(Duration.ofNanos(1));

    Waiting waiting = Waiting.on(() -> limiter.acquire(1));

    assertThat(waiting.isHeldBack()).isTrue();
    waiting.interrupt();
  }

  /** A call on a thread of its own that is expected to wait. */
  private static final class Waiting {
    private final Thread thread;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    interface Call {
      void run() throws Exception;
    }

    private Waiting(Call call) throws InterruptedException {
      CountDownLatch begun = new CountDownLatch(1);
      thread =
          new Thread(
              () -> {
                begun.countDown();
                try {
                  call.run();
                } catch (Exception e) {
                  failure.set(e);
                }
              });
      thread.setDaemon(true);
      thread.start();
      begun.await();
    }

    static Waiting on(Call call) throws InterruptedException {
      return new Waiting(call);
    }

    /** Waits until the thread waits; false if it ended instead. */
    boolean isHeldBack() {
      while (thread.getState() != Thread.State.TIMED_WAITING
          && thread.getState() != Thread.State.WAITING) {
        if (thread.getState() == Thread.State.TERMINATED) {
          return false;
        }
        Thread.onSpinWait();
      }
      return true;
    }

    void interrupt() {
      thread.interrupt();
    }

    Throwable failure() throws InterruptedException {
      thread.join(TimeUnit.SECONDS.toMillis(30));
      return failure.get();
    }
  }
}
