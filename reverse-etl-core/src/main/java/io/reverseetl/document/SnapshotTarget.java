package io.reverseetl.document;

import java.util.Optional;

/**
 * A target that holds several snapshots of a table beside each other, called generations, of which
 * readers see one: the one that the pointer says is served. Thread-safe.
 *
 * <p>The pointer is also the list of what the target has made: a generation is entered there before
 * it is made, and taken out after it is removed. Implementations: {@code
 * io.reverseetl.cosmos.CosmosSnapshotTarget}, and {@code io.reverseetl.testing
 * .InMemorySnapshotTarget} for unit tests. A new one extends the contract test {@code
 * SnapshotTargetContract} of the core's {@code tests} jar.
 */
public interface SnapshotTarget {

  /**
   * Reads the pointer.
   *
   * @return the pointer as last saved; empty before the first save
   * @throws io.reverseetl.exceptions.ConfigurationException if the place of the pointer is missing,
   *     or what it holds is of another kind of target
   * @throws io.reverseetl.exceptions.WriteException if the target does not answer
   */
  Optional<StoredPointer> read();

  /**
   * Saves the pointer by compare-and-set. Durable, and seen by whoever reads next, when it returns.
   *
   * @param next what to save
   * @param expected what the target must still hold; empty if it must hold no pointer
   * @return the pointer with its new tag
   * @throws io.reverseetl.exceptions.CheckpointConflictException if it holds another one
   * @throws io.reverseetl.exceptions.SwitchOutcomeUnknownException if no answer says whether it was
   *     saved; {@link #read} tells later
   * @throws io.reverseetl.exceptions.WriteException if it was certainly not saved, as the target
   *     was too busy
   * @throws io.reverseetl.exceptions.ConfigurationException if the target refuses
   */
  StoredPointer save(SnapshotPointer next, Optional<StoredPointer> expected);

  /**
   * Makes room for a generation that the pointer lists. Calling it again changes nothing.
   *
   * @param generation which
   * @return the sink that fills it; it also is a {@link ScannableDocumentSink} where the generation
   *     is to be verified, and a {@link SharedDocumentSink} where its documents lie among others
   * @throws io.reverseetl.exceptions.ConfigurationException if the target cannot make room
   * @throws io.reverseetl.exceptions.WriteException if the target does not answer
   */
  DocumentSink stage(Generation generation);

  /**
   * The sink of a generation that was staged. Makes no room: where the generation is gone, the
   * sink's {@link DocumentSink#describe} says so, or nothing of it is there.
   *
   * @param generation which
   * @return the sink; writes to no other generation
   */
  DocumentSink open(Generation generation);

  /**
   * Removes a generation that the pointer lists as {@link Generation.State#DISCARDED}, and nothing
   * else. Calling it again changes nothing. Where {@link #open} gives a {@link SharedDocumentSink},
   * a switcher has deleted the documents before, within the pipeline's budget of request units;
   * what is there still goes at once, whatever it costs.
   *
   * @param generation which
   * @throws IllegalArgumentException if the stored pointer does not list it as discarded
   * @throws io.reverseetl.exceptions.WriteException if the target does not answer; what is left is
   *     removed by the next call
   */
  void discard(Generation generation);
}
