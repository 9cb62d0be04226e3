package io.reverseetl.functions;

import io.reverseetl.ratelimit.WriteRateLimiter;
import io.reverseetl.testing.ManualClock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Lets each document take a tenth of a second of the test's clock, and does things in between. */
final class PacedLimiter implements WriteRateLimiter {
  private final ManualClock clock;
  private final AtomicLong documents = new AtomicLong();
  private final Map<Long, Runnable> actions = new ConcurrentHashMap<>();

  PacedLimiter(ManualClock clock) {
    this.clock = clock;
  }

  /** Does something before the nth document from now on is written. */
  void before(long nth, Runnable action) {
    actions.put(documents.get() + nth, action);
  }

  @Override
  public void acquire(double requestUnits) {
    clock.advance(Duration.ofMillis(100));
    Runnable action = actions.remove(documents.incrementAndGet());
    if (action != null) {
      action.run();
    }
  }

  @Override
  public void settle(double difference) {}

  @Override
  public void throttled(Duration pause) {}
}
