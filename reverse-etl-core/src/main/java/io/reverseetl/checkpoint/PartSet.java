package io.reverseetl.checkpoint;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * A set of part positions, small to store when most are next to each other: {@code "0-17,19"}.
 *
 * <p>Immutable and thread-safe.
 */
public final class PartSet {
  private static final PartSet EMPTY = new PartSet(new BitSet());

  private final BitSet bits;

  private PartSet(BitSet bits) {
    this.bits = bits;
  }

  /**
   * No part.
   *
   * @return the empty set
   */
  public static PartSet empty() {
    return EMPTY;
  }

  /**
   * Reads the text form.
   *
   * @param text positions and ranges of positions from 0, for example {@code "0-17,19"}, or empty
   * @return the set
   * @throws IllegalArgumentException if the text has another form
   */
  public static PartSet parse(String text) {
    BitSet bits = new BitSet();
    if (!text.isEmpty()) {
      for (String range : text.split(",", -1)) {
        String[] ends = range.split("-", -1);
        try {
          int first = Integer.parseInt(ends[0]);
          int last = ends.length == 1 ? first : Integer.parseInt(ends[1]);
          if (ends.length > 2 || first < 0 || last < first) {
            throw new IllegalArgumentException("\"" + range + "\" is no range of positions.");
          }
          bits.set(first, last + 1);
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException("\"" + range + "\" is no range of positions.", e);
        }
      }
    }
    return new PartSet(bits);
  }

  /**
   * This set and one more part.
   *
   * @param part the position, from 0
   * @return a new set
   */
  public PartSet with(int part) {
    BitSet more = (BitSet) bits.clone();
    more.set(part);
    return new PartSet(more);
  }

  /**
   * Whether a part is in the set.
   *
   * @param part the position, from 0
   * @return true if it is
   */
  public boolean contains(int part) {
    return bits.get(part);
  }

  /**
   * How many parts are in the set.
   *
   * @return the number of parts
   */
  public int size() {
    return bits.cardinality();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PartSet that && bits.equals(that.bits);
  }

  @Override
  public int hashCode() {
    return bits.hashCode();
  }

  /** The text form; {@link #parse} reads it. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int first = bits.nextSetBit(0); first >= 0; ) {
      int next = bits.nextClearBit(first);
      if (text.length() > 0) {
        text.append(',');
      }
      text.append(first);
      if (next - 1 > first) {
        text.append('-').append(next - 1);
      }
      first = bits.nextSetBit(next);
    }
    return text.toString();
  }
}
