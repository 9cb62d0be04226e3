package io.reverseetl.delta;

import io.reverseetl.table.ChangeQuery;
import java.util.ArrayList;
import java.util.List;

/**
 * Which of a commit's reads belong to one share of it: every so many of them. Where rows of both
 * sides are compared, all of them are needed together, so all are in the first share.
 *
 * @param number which share, from 0
 * @param count how many there are
 * @param compares whether rows that are added are compared with those that are removed
 */
record ReadShare(int number, int count, boolean compares) {

  static ReadShare of(ChangeQuery query, boolean compares) {
    return new ReadShare(query.share(), query.shares(), compares);
  }

  /** The reads of this share, of those that give rows of the same columns. */
  List<PlannedRead> of(List<PlannedRead> reads) {
    if (count == 1) {
      return reads;
    }
    if (belongTogether(reads)) {
      return number == 0 ? reads : List.of();
    }
    List<PlannedRead> own = new ArrayList<>();
    for (int i = number; i < reads.size(); i += count) {
      own.add(reads.get(i));
    }
    return own;
  }

  /** Into how many shares reads can be divided at most. */
  int parts(List<PlannedRead> reads) {
    return belongTogether(reads) ? 1 : reads.size();
  }

  /** Whether rows must be compared; with rows on one side only there is nothing to compare. */
  boolean belongTogether(List<PlannedRead> reads) {
    if (!compares) {
      return false;
    }
    boolean removes = false;
    boolean adds = false;
    for (PlannedRead read : reads) {
      switch (read.kind()) {
        case REMOVED, NEWLY_MARKED -> removes = true;
        case ADDED, NO_LONGER_MARKED, CHANGE_FILE -> adds = true;
        case DIFFERENCE -> {
          removes = true;
          adds |= read.removed() != null;
        }
      }
    }
    return removes && adds;
  }
}
