package io.reverseetl.cosmos;

/**
 * How many operations may be in flight until the first have been answered. A process that has just
 * started interprets everything it does; whoever fills the whole flight before anything leaves has
 * the readers and the client compete for its few processors, and the first answer comes late. So
 * the window begins small and grows fourfold as answers come, once for each sink. Thread-safe.
 */
final class SlowStart {
  static final int FIRST = 16;
  private static final int GROWTH = 4;

  private volatile int window = FIRST;
  private int answered;
  private boolean full;

  /** So many operations may be in flight now. */
  int window() {
    return window;
  }

  /** True from when the window is at least so large. */
  boolean isOver(int operations) {
    return window >= operations;
  }

  /** An operation has ended: half a window of them make it grow. */
  synchronized void ended() {
    answered++;
    if (answered >= window / 2 && window <= Integer.MAX_VALUE / GROWTH) {
      window *= GROWTH;
      answered = 0;
      full = false;
    }
  }

  /** True for the first who finds this window full: what is in it has to leave as it is. */
  synchronized boolean isFirstToFindItFull() {
    boolean first = !full;
    full = true;
    return first;
  }
}
