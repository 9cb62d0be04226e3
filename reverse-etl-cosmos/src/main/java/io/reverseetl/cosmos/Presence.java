package io.reverseetl.cosmos;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whether documents tend to stand there already, so that the request that is likely to fail need
 * not come first. A wrong guess costs a request and does no harm. Thread-safe.
 */
final class Presence {
  private static final int MOST = 32;

  private final AtomicInteger score = new AtomicInteger();

  void there() {
    score.updateAndGet(before -> Math.min(before + 1, MOST));
  }

  void missing() {
    score.updateAndGet(before -> Math.max(before - 1, -MOST));
  }

  boolean isLikely() {
    return score.get() > MOST / 4;
  }
}
