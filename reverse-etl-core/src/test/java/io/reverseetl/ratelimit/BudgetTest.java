package io.reverseetl.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How well a budget is kept, and used, in a time that a test makes pass. */
class BudgetTest {
  private static final double SECOND = 1e9;

  /** Time passes only while somebody sleeps. */
  private static final class VirtualTime implements Ticker {
    private long now = 17;

    @Override
    public long nanos() {
      return now;
    }

    @Override
    public void sleep(long nanos) {
      now += Math.max(0, nanos);
    }
  }

  private final VirtualTime time = new VirtualTime();

  /** One answer that is still under way. */
  private record Charge(long at, double estimated, double actual) {}

  /**
   * Writes for some seconds: estimates are off by up to a half and mostly too low, answers take 20
   * ms, and now and then the writer pauses for up to 40 ms.
   */
  private double[] spend(Resilience4jRateLimiter limiter, int seconds, long seed) throws Exception {
    Random random = new Random(seed);
    double[] spent = new double[seconds];
    long begin = time.nanos();
    Deque<Charge> underWay = new ArrayDeque<>();
    while (true) {
      double actual = 2 + random.nextDouble() * 12;
      double estimate = actual * (0.5 + 0.7 * random.nextDouble());
      if (random.nextInt(500) == 0) {
        time.sleep(random.nextInt(40_000_000));
      }
      limiter.acquire(estimate);
      int second = (int) ((time.nanos() - begin) / SECOND);
      if (second >= seconds) {
        return spent;
      }
      spent[second] += actual;
      underWay.add(new Charge(time.nanos() + 20_000_000, estimate, actual));
      while (!underWay.isEmpty() && underWay.peek().at() <= time.nanos()) {
        Charge charge = underWay.poll();
        limiter.settle(charge.actual() - charge.estimated());
      }
    }
  }

  private static void assertKept(double[] spent, double budget) {
    double mean = Arrays.stream(spent).average().orElseThrow();
    assertThat(mean).isBetween(0.95 * budget, 1.05 * budget);
    assertThat(Arrays.stream(spent).max().orElseThrow()).isLessThan(1.1 * budget);
  }

  @Test
  void isKeptAndUsedOverThirtySeconds() throws Exception {
    for (double budget : new double[] {400, 2_000, 40_000}) {
      Resilience4jRateLimiter limiter = Resilience4jRateLimiter.on(time, budget);

      double[] spent = spend(limiter, 30, 7);

      assertKept(spent, budget);
    }
  }

  @Test
  void followsAChangeInTheSameSecond() throws Exception {
    Resilience4jRateLimiter limiter = Resilience4jRateLimiter.on(time, 1_000);
    spend(limiter, 5, 1);

    limiter.changeTo(4_000);
    double[] raised = spend(limiter, 10, 2);
    limiter.changeTo(500);
    double[] lowered = spend(limiter, 10, 3);

    assertThat(limiter.requestUnitsPerSecond()).isEqualTo(500);
    assertKept(raised, 4_000);
    assertKept(lowered, 500);
  }

  @Test
  void isNotSavedUpWhileNobodyWrites() throws Exception {
    Resilience4jRateLimiter limiter = Resilience4jRateLimiter.on(time, 1_000);
    limiter.acquire(1);

    time.sleep(3_600_000_000_000L);
    double[] spent = spend(limiter, 3, 5);

    assertKept(spent, 1_000);
  }
}
