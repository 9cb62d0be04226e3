package io.reverseetl.cosmos.emulator;

import java.util.Arrays;

/**
 * A partition range's writes in order, each document at its latest position only. Guarded by the
 * range's lock.
 */
final class ChangeLog {
  private static final int COMPACT_FROM = 1_024;

  private long[] lsns = new long[64];
  private Slot[] slots = new Slot[64];
  private int size;

  void append(long lsn, Slot slot) {
    if (size == lsns.length) {
      lsns = Arrays.copyOf(lsns, size * 2);
      slots = Arrays.copyOf(slots, size * 2);
    }
    lsns[size] = lsn;
    slots[size++] = slot;
  }

  int size() {
    return size;
  }

  /** Forgets everything that was appended after the given size, for a rolled-back batch. */
  void truncate(int toSize) {
    Arrays.fill(slots, toSize, size, null);
    size = toSize;
  }

  /** Index of the first entry with a higher lsn. */
  int indexAfter(long lsn) {
    int found = Arrays.binarySearch(lsns, 0, size, lsn);
    return found >= 0 ? found + 1 : -found - 1;
  }

  long lsn(int index) {
    return lsns[index];
  }

  /** The document written at an index, or null if it was written again or deleted since. */
  Slot.Version liveVersion(int index) {
    Slot.Version version = slots[index].version;
    return version != null && version.lsn() == lsns[index] ? version : null;
  }

  Slot slot(int index) {
    return slots[index];
  }

  /** Drops outdated entries once they are more than the live ones. */
  void compact(int liveDocuments) {
    if (size < COMPACT_FROM || size < 2 * liveDocuments) {
      return;
    }
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (liveVersion(i) != null) {
        lsns[kept] = lsns[i];
        slots[kept++] = slots[i];
      }
    }
    truncate(kept);
  }
}
