package io.reverseetl;

import io.reverseetl.table.ChangeMethod;
import java.time.Duration;

/** How a switcher works; the setters of {@link SnapshotSwitcher.Builder} say what they mean. */
record SwitchSettings(
    Duration grace, int verifyOneIn, long maxDeadLetters, boolean catchUp, ChangeMethod changes) {
  static final Duration GRACE = Duration.ofMinutes(10);

  static Duration checkedGrace(Duration grace) {
    if (grace.isZero() || grace.isNegative()) {
      throw new IllegalArgumentException("A grace period is positive, but was " + grace + ".");
    }
    return grace;
  }
}
