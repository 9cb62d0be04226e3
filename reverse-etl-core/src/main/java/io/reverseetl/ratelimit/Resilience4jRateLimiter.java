package io.reverseetl.ratelimit;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A limiter on Resilience4j: a budget of request units that is renewed ten times a second, so that
 * no more than a tenth of a second's budget can be spent at once.
 *
 * <p>Thread-safe. Fair only as far as Resilience4j is: waiting callers are served in the order in
 * which they reserved.
 */
public final class Resilience4jRateLimiter implements WriteRateLimiter {
  /** Permits are hundredths of a request unit, the precision that Cosmos DB charges in. */
  private static final double PERMITS_PER_REQUEST_UNIT = 100;

  private static final Duration PERIOD = Duration.ofMillis(100);
  private static final double PERIODS_PER_SECOND = 10;
  private static final double MAX_REQUEST_UNITS_PER_SECOND = 100_000_000;

  /** Resilience4j refuses a wait that is longer; a target's pause or a huge batch never is. */
  private static final Duration LONGEST_WAIT = Duration.ofDays(1);

  private final RateLimiter limiter;
  private final double requestUnitsPerSecond;

  /** Spent beyond estimates and not yet taken from a caller, in permits; negative is a credit. */
  private final AtomicLong debt = new AtomicLong();

  private final AtomicLong pausedUntilNanos = new AtomicLong(System.nanoTime());

  private Resilience4jRateLimiter(double requestUnitsPerSecond) {
    this.requestUnitsPerSecond = requestUnitsPerSecond;
    int permits =
        Math.max(
            1,
            (int)
                Math.round(requestUnitsPerSecond * PERMITS_PER_REQUEST_UNIT / PERIODS_PER_SECOND));
    this.limiter =
        RateLimiter.of(
            "request-units",
            RateLimiterConfig.custom()
                .limitRefreshPeriod(PERIOD)
                .limitForPeriod(permits)
                .timeoutDuration(LONGEST_WAIT)
                .build());
  }

  /**
   * A limiter with a fixed budget.
   *
   * @param requestUnitsPerSecond how much may be spent per second on average, 0.1 to 100,000,000
   * @return the limiter
   * @throws IllegalArgumentException if the budget is outside that range
   */
  public static Resilience4jRateLimiter requestUnitsPerSecond(double requestUnitsPerSecond) {
    if (!(requestUnitsPerSecond >= 0.1 && requestUnitsPerSecond <= MAX_REQUEST_UNITS_PER_SECOND)) {
      throw new IllegalArgumentException(
          "A budget is 0.1 to 100,000,000 request units per second, but was "
              + requestUnitsPerSecond
              + ".");
    }
    return new Resilience4jRateLimiter(requestUnitsPerSecond);
  }

  /**
   * The budget.
   *
   * @return request units per second
   */
  public double requestUnitsPerSecond() {
    return requestUnitsPerSecond;
  }

  @Override
  public void acquire(double requestUnits) throws InterruptedException {
    if (!(requestUnits >= 0)) {
      throw new IllegalArgumentException(
          "The estimated cost is at least 0, but was " + requestUnits + ".");
    }
    waitForPause();
    long needed = permits(requestUnits) + debt.getAndSet(0);
    if (needed <= 0) {
      debt.addAndGet(needed);
      return;
    }
    while (needed > 0) {
      int chunk = (int) Math.min(needed, Integer.MAX_VALUE / 2);
      if (!limiter.acquirePermission(chunk)) {
        giveBack(requestUnits);
        if (Thread.interrupted()) {
          throw new InterruptedException("Interrupted while waiting for request units.");
        }
        throw new IllegalStateException(
            requestUnits
                + " request units are more than "
                + LONGEST_WAIT.toDays()
                + " days of the budget of "
                + requestUnitsPerSecond
                + " per second.");
      }
      needed -= chunk;
    }
  }

  /** A reservation that was broken off has taken its permits all the same. */
  private void giveBack(double requestUnits) {
    debt.addAndGet(-permits(requestUnits));
  }

  private void waitForPause() throws InterruptedException {
    for (; ; ) {
      long nanos = pausedUntilNanos.get() - System.nanoTime();
      if (nanos <= 0) {
        return;
      }
      Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
    }
  }

  @Override
  public void settle(double difference) {
    if (!Double.isFinite(difference)) {
      throw new IllegalArgumentException("The difference is a number, but was " + difference + ".");
    }
    debt.addAndGet(permits(difference));
  }

  @Override
  public void throttled(Duration pause) {
    if (pause.isZero() || pause.isNegative()) {
      return;
    }
    long until = System.nanoTime() + pause.toNanos();
    pausedUntilNanos.accumulateAndGet(until, (a, b) -> a - b > 0 ? a : b);
  }

  private static long permits(double requestUnits) {
    return Math.round(requestUnits * PERMITS_PER_REQUEST_UNIT);
  }

  @Override
  public String toString() {
    return "Resilience4jRateLimiter(" + requestUnitsPerSecond + " RU/s)";
  }
}
