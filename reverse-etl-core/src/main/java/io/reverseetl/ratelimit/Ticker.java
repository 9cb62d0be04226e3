package io.reverseetl.ratelimit;

import java.util.concurrent.TimeUnit;

/** The time that a limiter lives in. Thread-safe. */
interface Ticker {
  /** The time of the machine. */
  Ticker SYSTEM =
      new Ticker() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public void sleep(long nanos) throws InterruptedException {
          TimeUnit.NANOSECONDS.sleep(nanos);
        }
      };

  /** As {@link System#nanoTime()}: only differences mean something. */
  long nanos();

  /** Lets time pass; returns at once if {@code nanos} is not positive. */
  void sleep(long nanos) throws InterruptedException;
}
