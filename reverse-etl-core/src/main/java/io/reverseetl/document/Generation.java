package io.reverseetl.document;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One snapshot of a table in a {@link SnapshotTarget}, beside others.
 *
 * @param id names it within the target: 1 to 40 of the characters {@code A-Z a-z 0-9 -}; never
 *     given twice
 * @param state what it is for
 * @param tableUri which table it was loaded from, without credentials
 * @param tableId the identity of that table
 * @param sourceVersion the commit version that it was loaded from
 * @param version the commit version that it held when readers were pointed to it; {@code
 *     sourceVersion} before that
 * @param documents how many documents were counted when it was verified; 0 before that
 * @param stagedAt when it was begun
 * @param keepUntil for {@link State#RETIRED}: it is not discarded before this
 */
public record Generation(
    String id,
    State state,
    String tableUri,
    String tableId,
    long sourceVersion,
    long version,
    long documents,
    Instant stagedAt,
    Optional<Instant> keepUntil) {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{1,40}");

  /** What a generation is for. */
  public enum State {
    /** It is being filled; no reader sees it. */
    STAGED,
    /** Readers see it. */
    SERVED,
    /** Readers saw it before, and may still be reading; readers can be pointed back to it. */
    RETIRED,
    /** It is being removed; readers are never pointed to it again. */
    DISCARDED
  }

  /** Checks that nothing is missing. */
  public Generation {
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(tableUri, "tableUri");
    Objects.requireNonNull(tableId, "tableId");
    Objects.requireNonNull(stagedAt, "stagedAt");
    Objects.requireNonNull(keepUntil, "keepUntil");
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("A generation's id is 1 to 40 of A-Z a-z 0-9 -.");
    }
    if (keepUntil.isPresent() != (state == State.RETIRED)) {
      throw new IllegalArgumentException("A retired generation, and no other, is kept until then.");
    }
  }

  /**
   * A generation that is being filled.
   *
   * @param id names it
   * @param tableUri which table it is loaded from
   * @param tableId the identity of that table
   * @param sourceVersion the commit version that it is loaded from
   * @param stagedAt now
   * @return the generation
   */
  public static Generation staged(
      String id, String tableUri, String tableId, long sourceVersion, Instant stagedAt) {
    return new Generation(
        id,
        State.STAGED,
        tableUri,
        tableId,
        sourceVersion,
        sourceVersion,
        0,
        stagedAt,
        Optional.empty());
  }

  /**
   * This generation once readers see it.
   *
   * @param heldVersion the commit version that it holds now
   * @param countedDocuments how many documents it has
   * @return a new record
   */
  public Generation served(long heldVersion, long countedDocuments) {
    return with(State.SERVED, heldVersion, countedDocuments, Optional.empty());
  }

  /**
   * This generation once readers are pointed elsewhere.
   *
   * @param until it is not discarded before this
   * @return a new record
   */
  public Generation retired(Instant until) {
    return with(State.RETIRED, version, documents, Optional.of(until));
  }

  /**
   * This generation once it is to be removed.
   *
   * @return a new record
   */
  public Generation discarded() {
    return with(State.DISCARDED, version, documents, Optional.empty());
  }

  private Generation with(
      State next, long heldVersion, long countedDocuments, Optional<Instant> until) {
    return new Generation(
        id, next, tableUri, tableId, sourceVersion, heldVersion, countedDocuments, stagedAt, until);
  }
}
