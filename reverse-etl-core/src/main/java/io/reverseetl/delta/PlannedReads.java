package io.reverseetl.delta;

import java.util.List;

/**
 * A stream that can be told which bytes will be wanted, and then has them read before they are. For
 * one thread.
 */
interface PlannedReads {
  /** Some bytes of the file. */
  record Range(long start, long length) {
    long end() {
      return start + length;
    }
  }

  /**
   * Says what will be read, group after group. Begins to read the first.
   *
   * @param groups the ranges of each group, in the order in which the groups are wanted
   * @param ahead whether a group may be held while the one before it is used
   */
  void plan(List<List<Range>> groups, boolean ahead);

  /** The bytes of this group are wanted now. */
  void begin(int group);

  /** The bytes of this group are not wanted any more. */
  void finish(int group);
}
