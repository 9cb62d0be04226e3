package io.reverseetl.document;

import java.util.List;
import java.util.Optional;

/**
 * A target that holds several snapshots of a table beside each other, called generations, of which
 * readers see one: the one that the pointer names. Thread-safe.
 *
 * <p>This is the contract that snapshot switching builds on; no implementation is in this version.
 */
public interface SnapshotTarget {

  /**
   * One generation.
   *
   * @param id names it within the target
   * @param sourceVersion the commit version that it was loaded from
   */
  record Generation(String id, long sourceVersion) {}

  /**
   * Makes room for a generation that no reader sees. Calling it again with the same id changes
   * nothing.
   *
   * @param generation which
   * @return the sink that fills it
   * @throws io.reverseetl.exceptions.ConfigurationException if the target cannot make room
   */
  DocumentSink stage(Generation generation);

  /**
   * Points readers to a generation, by compare-and-set.
   *
   * @param next which generation to serve
   * @param expected what the pointer must still name; empty if it must name none
   * @throws io.reverseetl.exceptions.CheckpointConflictException if it names another
   * @throws io.reverseetl.exceptions.WriteException if the target does not answer; whether the
   *     pointer moved is then to be found out by {@link #active}
   */
  void activate(Generation next, Optional<Generation> expected);

  /**
   * What readers see.
   *
   * @return the generation that the pointer names; empty before the first switch
   */
  Optional<Generation> active();

  /**
   * What is there.
   *
   * @return the generations that this target staged and has not discarded
   */
  List<Generation> generations();

  /**
   * Removes a generation. Calling it again changes nothing.
   *
   * @param generation which; never the one that the pointer names
   * @throws IllegalArgumentException if the pointer names it, or this target did not stage it
   */
  void discard(Generation generation);
}
