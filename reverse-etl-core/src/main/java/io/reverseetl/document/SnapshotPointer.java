package io.reverseetl.document;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which generation of a {@link SnapshotTarget} readers see, and which others the target has made
 * and not removed: what is not listed here is not ours. Immutable.
 *
 * @param pipeline the pipeline whose generations these are
 * @param sequence how many generations were ever staged
 * @param claims how many runs have claimed the right to move the pointer; each claim takes it from
 *     the run before
 * @param previous where {@link #rollbackUntil} allows to go back to; empty for the target that the
 *     pipeline had before its first switch
 * @param rollbackUntil until when readers can be pointed back; empty if they cannot
 * @param rolledBack whether the last move was one back
 * @param generations every generation that was staged and is not removed, in the order of staging
 */
public record SnapshotPointer(
    String pipeline,
    long sequence,
    long claims,
    Optional<String> previous,
    Optional<Instant> rollbackUntil,
    boolean rolledBack,
    List<Generation> generations) {

  /** Checks and copies. */
  public SnapshotPointer {
    Objects.requireNonNull(pipeline, "pipeline");
    Objects.requireNonNull(previous, "previous");
    Objects.requireNonNull(rollbackUntil, "rollbackUntil");
    generations = List.copyOf(generations);
    Set<String> ids = new HashSet<>();
    int served = 0;
    int staged = 0;
    for (Generation generation : generations) {
      served += generation.state() == Generation.State.SERVED ? 1 : 0;
      staged += generation.state() == Generation.State.STAGED ? 1 : 0;
      if (!ids.add(generation.id()) || served > 1 || staged > 1) {
        throw new IllegalArgumentException(
            "A pointer has each generation once, and at most one is served and one staged.");
      }
    }
  }

  /**
   * A pointer without generations.
   *
   * @param pipeline the pipeline whose generations these will be
   * @return the pointer
   */
  public static SnapshotPointer empty(String pipeline) {
    return new SnapshotPointer(
        pipeline, 0, 0, Optional.empty(), Optional.empty(), false, List.of());
  }

  /**
   * The generation that readers see.
   *
   * @return the generation; empty before the first switch
   */
  public Optional<Generation> served() {
    return first(Generation.State.SERVED);
  }

  /**
   * The generation that is being filled.
   *
   * @return the generation; empty if none is
   */
  public Optional<Generation> staged() {
    return first(Generation.State.STAGED);
  }

  /**
   * A generation by its id.
   *
   * @param id names it
   * @return the generation; empty if it is not listed
   */
  public Optional<Generation> generation(String id) {
    return generations.stream().filter(generation -> generation.id().equals(id)).findFirst();
  }

  private Optional<Generation> first(Generation.State state) {
    return generations.stream().filter(generation -> generation.state() == state).findFirst();
  }

  /**
   * The same pointer, claimed by one more run.
   *
   * @return a new pointer
   */
  public SnapshotPointer claimed() {
    return new SnapshotPointer(
        pipeline, sequence, claims + 1, previous, rollbackUntil, rolledBack, generations);
  }

  /**
   * The same pointer with one more generation, which no reader sees.
   *
   * @param generation a staged generation
   * @return a new pointer
   */
  public SnapshotPointer staging(Generation generation) {
    List<Generation> more = new ArrayList<>(generations);
    more.add(generation);
    return new SnapshotPointer(
        pipeline, sequence + 1, claims, previous, rollbackUntil, rolledBack, more);
  }

  /**
   * The same pointer with another record of one of its generations.
   *
   * @param changed the generation's new record
   * @return a new pointer
   */
  public SnapshotPointer with(Generation changed) {
    return withGenerations(
        generations.stream()
            .map(generation -> generation.id().equals(changed.id()) ? changed : generation)
            .toList());
  }

  /**
   * The same pointer without a generation, once it is removed.
   *
   * @param id names it
   * @return a new pointer
   */
  public SnapshotPointer without(String id) {
    return withGenerations(
        generations.stream().filter(generation -> !generation.id().equals(id)).toList());
  }

  private SnapshotPointer withGenerations(List<Generation> changed) {
    return new SnapshotPointer(
        pipeline, sequence, claims, previous, rollbackUntil, rolledBack, changed);
  }

  /**
   * The flip: readers see another generation, and the one that they saw is kept for a while.
   *
   * @param next what they see from now on
   * @param until how long the one that they saw is kept
   * @return a new pointer
   */
  public SnapshotPointer flippedTo(Generation next, Instant until) {
    Optional<Generation> before = served();
    SnapshotPointer moved =
        before.isPresent() ? with(before.get().retired(until)).with(next) : with(next);
    return new SnapshotPointer(
        pipeline,
        sequence,
        claims,
        before.map(Generation::id),
        Optional.of(until),
        false,
        moved.generations());
  }

  /**
   * The flip back: readers see what they saw before the last flip.
   *
   * @param until how long the generation that they see now is kept
   * @return a new pointer
   */
  public SnapshotPointer rolledBack(Instant until) {
    SnapshotPointer moved =
        served().map(generation -> with(generation.retired(until))).orElse(this);
    Optional<Generation> target = previous.flatMap(moved::generation);
    if (target.isPresent()) {
      moved = moved.with(target.get().served(target.get().version(), target.get().documents()));
    }
    return new SnapshotPointer(
        pipeline, sequence, claims, Optional.empty(), Optional.empty(), true, moved.generations());
  }
}
