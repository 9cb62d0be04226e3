package io.reverseetl;

import io.reverseetl.table.PartRange;
import io.reverseetl.table.SnapshotPart;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a {@link LoadPlan}: files of one version of a table, or ranges of files, whose
 * documents can be written anywhere, in any order, and again. Immutable and thread-safe.
 *
 * <p>Its JSON form goes to whoever runs it. It holds the table's identity, version and schema hash,
 * and for each file its path, size and deletion vector; no row value and no credential, but the row
 * filter. The pipeline that runs it brings table, mapper and target.
 */
public final class WorkUnit {

  /**
   * What of the table belongs to a unit.
   *
   * @param part the file, as it was when the plan was made
   * @param range which bytes of it; null for all
   */
  record Piece(SnapshotPart part, @Nullable PartRange range) {}

  private final PlanIdentity plan;
  private final int index;
  private final List<Piece> pieces;

  WorkUnit(PlanIdentity plan, int index, List<Piece> pieces) {
    this.plan = plan;
    this.index = index;
    this.pieces = List.copyOf(pieces);
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
   * How much there is to read.
   *
   * @return bytes in storage
   */
  public long sizeInBytes() {
    return pieces.stream()
        .mapToLong(
            piece ->
                piece.range() == null
                    ? piece.part().sizeInBytes()
                    : piece.range().end() - piece.range().start())
        .sum();
  }

  /**
   * The files that it reads, whole or in part.
   *
   * @return their ids, in order
   */
  public List<String> files() {
    return pieces.stream().map(piece -> piece.part().id()).toList();
  }

  PlanIdentity plan() {
    return plan;
  }

  List<Piece> pieces() {
    return pieces;
  }

  /**
   * Writes the unit's documents. Whoever runs many units in one process uses a {@link UnitRunner},
   * which opens the table once.
   *
   * @param pipeline the same parts as those the plan was made with, made in this process
   * @return what was written; everything of the unit is durable or set aside
   * @throws InterruptedException if interrupted; the unit is not done
   * @see UnitRunner#run the other exceptions
   */
  public UnitResult run(Pipeline pipeline) throws InterruptedException {
    try (UnitRunner runner = UnitRunner.of(pipeline)) {
      return runner.run(this);
    }
  }

  /**
   * The form in which it goes to other processes, of format version 1.
   *
   * @return one JSON object
   */
  public String toJson() {
    return PlanJson.write(this);
  }

  /**
   * Reads the JSON form.
   *
   * @param json what {@link #toJson} gave; properties that are not known are passed over
   * @return the unit
   * @throws io.reverseetl.exceptions.ConfigurationException if this is no unit, or one of another
   *     format version
   */
  public static WorkUnit ofJson(String json) {
    return PlanJson.unit(json);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof WorkUnit that
        && plan.equals(that.plan)
        && index == that.index
        && pieces.equals(that.pieces);
  }

  @Override
  public int hashCode() {
    return Objects.hash(plan, index, pieces);
  }

  @Override
  public String toString() {
    return "WorkUnit(" + plan.id() + " " + index + ")";
  }
}
