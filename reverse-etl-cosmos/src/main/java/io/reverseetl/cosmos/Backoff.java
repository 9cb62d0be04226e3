package io.reverseetl.cosmos;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before an attempt.
 *
 * @param first the wait before the second attempt, on average three quarters of it
 * @param most the wait that doubling stops at
 */
record Backoff(Duration first, Duration most) {

  /**
   * The wait before the next attempt. Operations that failed together do not come back together.
   *
   * @param failed how many attempts have failed, from 1
   * @param asked what the service asked for
   */
  Duration before(int failed, Duration asked) {
    double doubled = first.toNanos() * Math.pow(2, failed - 1);
    long limit = (long) Math.min(doubled, most.toNanos());
    long random = limit / 2 + ThreadLocalRandom.current().nextLong(limit / 2 + 1);
    Duration own = Duration.ofNanos(random);
    return own.compareTo(asked) >= 0 ? own : asked.plus(own.dividedBy(4));
  }
}
