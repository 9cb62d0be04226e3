package io.reverseetl.cosmos.emulator;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * One partition range's request units per second, and the book of what was used.
 *
 * <p>An operation is let through while anything is left of the second, as in the service; what it
 * takes too much is owed by the next second, so the average never exceeds the provision. Guarded by
 * the range's lock.
 */
final class ThroughputBudget {
  /** No limit. */
  static final double UNLIMITED = Double.POSITIVE_INFINITY;

  private final String rangeId;
  private final InstantSource clock;
  private final List<Entry> ledger = new ArrayList<>();
  private double perSecond = UNLIMITED;
  private Entry current;
  private double used;

  ThroughputBudget(String rangeId, InstantSource clock) {
    this.rangeId = rangeId;
    this.clock = clock;
  }

  void perSecond(double requestUnits) {
    perSecond = requestUnits;
  }

  /** Returns -1 when the operation may run, else for how many milliseconds it has to wait. */
  long admit() {
    Instant now = clock.instant();
    turnPage(now.getEpochSecond());
    if (used < perSecond) {
      return -1;
    }
    current.throttled++;
    double secondsOfDebt = Math.floor(used / perSecond);
    long toNextSecond = 1_000L - now.getNano() / 1_000_000;
    return toNextSecond + (long) (Math.min(secondsOfDebt - 1, 60) * 1_000);
  }

  /** Books what a let-through operation cost. */
  void charge(double requestUnits, int operations) {
    turnPage(clock.instant().getEpochSecond());
    used += requestUnits;
    current.requestUnits += requestUnits;
    current.operations += operations;
  }

  private void turnPage(long second) {
    if (current != null && current.epochSecond == second) {
      return;
    }
    if (current != null && used > 0) {
      used = Math.max(0, used - perSecond * Math.max(0, second - current.epochSecond));
    }
    current = new Entry(second);
    ledger.add(current);
  }

  List<RequestUnitSecond> ledger() {
    List<RequestUnitSecond> copy = new ArrayList<>(ledger.size());
    for (Entry entry : ledger) {
      if (entry.operations > 0 || entry.throttled > 0) {
        copy.add(
            new RequestUnitSecond(
                entry.epochSecond, rangeId, entry.requestUnits, entry.operations, entry.throttled));
      }
    }
    return copy;
  }

  private static final class Entry {
    final long epochSecond;
    double requestUnits;
    long operations;
    long throttled;

    Entry(long epochSecond) {
      this.epochSecond = epochSecond;
    }
  }
}
