package io.reverseetl.ratelimit;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.internal.AtomicRateLimiter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A limiter on Resilience4j: a budget of request units that is renewed twenty times a second, so
 * that no more than a twentieth of a second's budget can be spent at once. The budget can be
 * changed while it is in use.
 *
 * <p>Thread-safe. Fair only as far as Resilience4j is: waiting callers are served in the order in
 * which they reserved.
 */
public final class Resilience4jRateLimiter implements WriteRateLimiter {
  private static final double MIN_REQUEST_UNITS_PER_SECOND = 0.1;
  private static final double MAX_REQUEST_UNITS_PER_SECOND = 100_000_000;

  /**
   * A permit is a 200th of a request unit: finer than the hundredths that Cosmos DB charges in, and
   * coarse enough for the largest budget.
   */
  private static final double PERMITS_PER_REQUEST_UNIT = 200;

  /**
   * Shorter would lose budget whenever the writing threads pause for a moment, as what is not taken
   * in a period is gone; longer would let a second get noticeably more than its budget.
   */
  private static final Duration PERIOD = Duration.ofMillis(50);

  private static final double PERIODS_PER_SECOND = 20;

  /** Resilience4j refuses a wait that is longer; a target's pause or a huge batch never is. */
  private static final Duration LONGEST_WAIT = Duration.ofDays(1);

  private final Ticker ticker;
  private final RateLimiter limiter;
  private volatile double budget;

  /** Spent beyond estimates and not yet taken from a caller, in permits; negative is a credit. */
  private final AtomicLong debt = new AtomicLong();

  private final AtomicLong pausedUntilNanos;

  private Resilience4jRateLimiter(double requestUnitsPerSecond, Ticker ticker) {
    this.ticker = ticker;
    this.budget = checked(requestUnitsPerSecond);
    this.pausedUntilNanos = new AtomicLong(ticker.nanos());
    this.limiter =
        new AtomicRateLimiter(
            "request-units",
            RateLimiterConfig.custom()
                .limitRefreshPeriod(PERIOD)
                .limitForPeriod(permitsPerPeriod(requestUnitsPerSecond))
                .timeoutDuration(LONGEST_WAIT)
                .build(),
            ticker::nanos);
  }

  /**
   * A limiter with a budget.
   *
   * @param requestUnitsPerSecond how much may be spent per second on average, 0.1 to 100,000,000
   * @return the limiter
   * @throws IllegalArgumentException if the budget is outside that range
   */
  public static Resilience4jRateLimiter requestUnitsPerSecond(double requestUnitsPerSecond) {
    return on(Ticker.SYSTEM, requestUnitsPerSecond);
  }

  /** A limiter that lives in the time of a ticker. */
  static Resilience4jRateLimiter on(Ticker ticker, double requestUnitsPerSecond) {
    return new Resilience4jRateLimiter(requestUnitsPerSecond, ticker);
  }

  /**
   * The budget in force.
   *
   * @return request units per second
   */
  @Override
  public double requestUnitsPerSecond() {
    return budget;
  }

  /**
   * Puts another budget into force, for whoever comes from now on; who waits already waits as long
   * as before. What was spent beyond the old budget is still owed.
   *
   * @param requestUnitsPerSecond how much may be spent per second on average, 0.1 to 100,000,000
   * @throws IllegalArgumentException if the budget is outside that range
   */
  public void changeTo(double requestUnitsPerSecond) {
    limiter.changeLimitForPeriod(permitsPerPeriod(checked(requestUnitsPerSecond)));
    budget = requestUnitsPerSecond;
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
      long nanos = limiter.reservePermission(chunk);
      if (nanos < 0) {
        giveBack(requestUnits);
        throw new IllegalStateException(
            requestUnits
                + " request units are more than "
                + LONGEST_WAIT.toDays()
                + " days of the budget of "
                + budget
                + " per second.");
      }
      try {
        ticker.sleep(nanos);
      } catch (InterruptedException e) {
        giveBack(requestUnits);
        throw e;
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
      long nanos = pausedUntilNanos.get() - ticker.nanos();
      if (nanos <= 0) {
        return;
      }
      ticker.sleep(nanos);
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
    long until = ticker.nanos() + pause.toNanos();
    pausedUntilNanos.accumulateAndGet(until, (a, b) -> a - b > 0 ? a : b);
  }

  private static double checked(double requestUnitsPerSecond) {
    if (!(requestUnitsPerSecond >= MIN_REQUEST_UNITS_PER_SECOND
        && requestUnitsPerSecond <= MAX_REQUEST_UNITS_PER_SECOND)) {
      throw new IllegalArgumentException(
          "A budget is 0.1 to 100,000,000 request units per second, but was "
              + requestUnitsPerSecond
              + ".");
    }
    return requestUnitsPerSecond;
  }

  private static int permitsPerPeriod(double requestUnitsPerSecond) {
    return (int) Math.max(1, permits(requestUnitsPerSecond / PERIODS_PER_SECOND));
  }

  private static long permits(double requestUnits) {
    return Math.round(requestUnits * PERMITS_PER_REQUEST_UNIT);
  }

  @Override
  public String toString() {
    return "Resilience4jRateLimiter(" + budget + " RU/s)";
  }
}
