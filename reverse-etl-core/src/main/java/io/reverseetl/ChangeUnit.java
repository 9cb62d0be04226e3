package io.reverseetl;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A piece of what a {@link PollPlan} reads: a commit, several small ones, or a share of a large
 * one. Its rows can be read and mapped anywhere, in any order, and again; nothing is written.
 * Immutable and thread-safe.
 *
 * <p>Its JSON form goes to whoever runs it. It holds the table's identity and versions; no row
 * value and no credential, but the row filter. The pipeline that runs it brings table and mapper.
 */
public final class ChangeUnit {
  private final PollIdentity plan;
  private final int index;
  private final Piece piece;

  /**
   * What is read.
   *
   * @param from the first commit
   * @param to the last commit
   * @param share which share of each
   * @param shares of how many
   * @param bytes about how much that is
   */
  record Piece(long from, long to, int share, int shares, long bytes) {}

  ChangeUnit(PollIdentity plan, int index, Piece piece) {
    this.plan = plan;
    this.index = index;
    this.piece = piece;
  }

  /**
   * Which plan it belongs to.
   *
   * @return the plan's id
   */
  public String planId() {
    return plan.id();
  }

  /**
   * Which unit of the plan it is.
   *
   * @return its position, from 0
   */
  public int index() {
    return index;
  }

  /**
   * The first commit that it reads.
   *
   * @return a commit version
   */
  public long fromVersion() {
    return piece.from();
  }

  /**
   * The last commit that it reads.
   *
   * @return a commit version
   */
  public long toVersion() {
    return piece.to();
  }

  /**
   * About how much there is to read.
   *
   * @return bytes in storage
   */
  public long sizeInBytes() {
    return piece.bytes();
  }

  PollIdentity plan() {
    return plan;
  }

  Piece piece() {
    return piece;
  }

  /**
   * The form in which it goes to other processes, of format version 1.
   *
   * @return one JSON object
   */
  public String toJson() {
    return PollPlanJson.write(this);
  }

  /**
   * Reads the JSON form.
   *
   * @param json what {@link #toJson} gave; properties that are not known are passed over
   * @return the unit
   * @throws io.reverseetl.exceptions.ConfigurationException if this is no unit, or one of another
   *     format version
   */
  public static ChangeUnit ofJson(String json) {
    return PollPlanJson.unit(json);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ChangeUnit that
        && plan.equals(that.plan)
        && index == that.index
        && piece.equals(that.piece);
  }

  @Override
  public int hashCode() {
    return Objects.hash(plan, index, piece);
  }

  @Override
  public String toString() {
    return "ChangeUnit(" + plan.id() + " " + index + ")";
  }
}
