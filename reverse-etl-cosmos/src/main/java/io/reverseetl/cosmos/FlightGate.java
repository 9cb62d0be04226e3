package io.reverseetl.cosmos;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Bounds what is in flight, by count and by bytes. Thread-safe; never blocks. */
final class FlightGate {
  private final int maxOperations;
  private final long maxBytes;
  private final int fewOperations;
  private final long fewBytes;
  private final SlowStart start;
  private final AtomicInteger operations = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  FlightGate(int maxOperations, long maxBytes, SlowStart start) {
    this.maxOperations = maxOperations;
    this.maxBytes = maxBytes;
    this.start = start;
    // Waking a writer for each single answer would cost more than the writing.
    this.fewOperations = maxOperations - Math.max(1, maxOperations / 16);
    this.fewBytes = maxBytes - maxBytes / 16;
  }

  /** Lets an operation in, if there is room; one that is larger than all room only when alone. */
  boolean tryEnter(int weight) {
    if (operations.incrementAndGet() <= Math.min(maxOperations, start.window())) {
      long before = bytes.getAndAdd(weight);
      if (before + weight <= maxBytes || before == 0) {
        return true;
      }
      bytes.addAndGet(-weight);
    }
    operations.decrementAndGet();
    return false;
  }

  /**
   * True if what is in flight has to leave without waiting for more, as no more is let in before
   * the first answers.
   */
  boolean shallLeaveNow() {
    return !start.isOver(maxOperations) && start.isFirstToFindItFull();
  }

  /** Lets an operation out; true if it is worth to wake who waits. */
  boolean leave(int weight) {
    long bytesLeft = bytes.addAndGet(-weight);
    int operationsLeft = operations.decrementAndGet();
    if (!start.isOver(maxOperations)) {
      start.ended();
      return true;
    }
    return operationsLeft <= fewOperations && (bytesLeft <= fewBytes || operationsLeft == 0);
  }

  int operations() {
    return operations.get();
  }
}
