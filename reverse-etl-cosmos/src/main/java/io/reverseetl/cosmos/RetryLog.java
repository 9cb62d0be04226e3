package io.reverseetl.cosmos;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;

/** Logs retries, but for each kind of answer at most one line in ten seconds. Thread-safe. */
final class RetryLog {
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Logger log;
  private final ConcurrentHashMap<String, Long> loggedAt = new ConcurrentHashMap<>();
  private final LongAdder retries = new LongAdder();

  RetryLog(Logger log) {
    this.log = log;
  }

  void retried(Answer answer) {
    retries.increment();
    long now = System.nanoTime();
    String code = answer.code();
    Long last = loggedAt.get(code);
    if ((last == null && loggedAt.putIfAbsent(code, now) == null)
        || (last != null && now - last > PERIOD_NANOS && loggedAt.replace(code, last, now))) {
      log.info(
          "Trying operations again after the answer {} (activity id {}); {} retries so far.",
          code,
          answer.activityId(),
          retries.sum());
    }
  }
}
