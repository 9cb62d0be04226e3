package io.reverseetl.table;

/**
 * A piece of a part, from one byte of its file to another. What belongs to which piece is for the
 * snapshot to say; ranges that lie side by side and cover the part give each of its rows once.
 *
 * @param start the first byte, from 0
 * @param end the byte after the last one, greater than {@code start}
 */
public record PartRange(long start, long end) {

  /** Checks the order. */
  public PartRange {
    if (start < 0 || end <= start) {
      throw new IllegalArgumentException(
          "A range begins at 0 or later and ends after that, not from " + start + " to " + end);
    }
  }
}
