package io.reverseetl.testing;

import io.reverseetl.document.DocumentSink;
import io.reverseetl.document.Generation;
import io.reverseetl.document.SnapshotPointer;
import io.reverseetl.document.SnapshotTarget;
import io.reverseetl.document.StoredPointer;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.SwitchOutcomeUnknownException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot target for unit tests: each generation is an {@link InMemoryDocumentSink}. Saves of
 * the pointer can be made to fail before or after they took effect.
 *
 * <p>Thread-safe.
 */
public final class InMemorySnapshotTarget implements SnapshotTarget {
  private final List<String> partitionKeyPaths;
  private final Map<String, InMemoryDocumentSink> sinks = new LinkedHashMap<>();
  private @Nullable StoredPointer stored;
  private long nextTag = 1;
  private @Nullable Boolean nextSaveFailsAfterItsEffect;

  private InMemorySnapshotTarget(List<String> partitionKeyPaths) {
    this.partitionKeyPaths = partitionKeyPaths;
  }

  /**
   * A target without generations.
   *
   * @param partitionKeyPaths the partition key's property paths of every generation, one to three
   * @return the target
   */
  public static InMemorySnapshotTarget of(String... partitionKeyPaths) {
    return new InMemorySnapshotTarget(List.of(partitionKeyPaths));
  }

  @Override
  public synchronized Optional<StoredPointer> read() {
    return Optional.ofNullable(stored);
  }

  @Override
  public synchronized StoredPointer save(SnapshotPointer next, Optional<StoredPointer> expected) {
    String tag = stored == null ? null : stored.tag();
    if (!Optional.ofNullable(tag).equals(expected.map(StoredPointer::tag))) {
      throw new CheckpointConflictException("The pointer was moved by another runner.");
    }
    Boolean failsAfter = nextSaveFailsAfterItsEffect;
    nextSaveFailsAfterItsEffect = null;
    if (Boolean.FALSE.equals(failsAfter)) {
      throw new SwitchOutcomeUnknownException("The test lost this save.", null);
    }
    StoredPointer saved = new StoredPointer(next, Long.toString(nextTag++));
    stored = saved;
    if (Boolean.TRUE.equals(failsAfter)) {
      throw new SwitchOutcomeUnknownException("The test lost the answer to this save.", null);
    }
    return saved;
  }

  @Override
  public synchronized DocumentSink stage(Generation generation) {
    return sinks.computeIfAbsent(
        generation.id(),
        id -> InMemoryDocumentSink.of(new TargetDescription("in-memory/" + id, partitionKeyPaths)));
  }

  @Override
  public synchronized DocumentSink open(Generation generation) {
    InMemoryDocumentSink sink = sinks.get(generation.id());
    return sink != null
        ? sink
        : InMemoryDocumentSink.of(
                new TargetDescription("in-memory/" + generation.id(), partitionKeyPaths))
            .failDescribe(
                new ConfigurationException("There is no generation " + generation.id() + "."));
  }

  @Override
  public synchronized void discard(Generation generation) {
    boolean listed =
        stored != null
            && stored
                .pointer()
                .generation(generation.id())
                .filter(found -> found.state() == Generation.State.DISCARDED)
                .isPresent();
    if (!listed) {
      throw new IllegalArgumentException(
          "Generation " + generation.id() + " is not listed as discarded, so it stays.");
    }
    sinks.remove(generation.id());
  }

  /**
   * The sink of a generation, for assertions.
   *
   * @param generation its id
   * @return the sink; empty if the generation was not staged, or is removed
   */
  public synchronized Optional<InMemoryDocumentSink> sink(String generation) {
    return Optional.ofNullable(sinks.get(generation));
  }

  /**
   * The sink of the generation that readers see.
   *
   * @return the sink; empty before the first switch
   */
  public synchronized Optional<InMemoryDocumentSink> served() {
    return read()
        .flatMap(found -> found.pointer().served())
        .flatMap(generation -> sink(generation.id()));
  }

  /**
   * Which generations are there.
   *
   * @return their ids, in the order of staging
   */
  public synchronized List<String> generations() {
    return List.copyOf(sinks.keySet());
  }

  /** Makes the next save of the pointer have no effect, without saying so. */
  public synchronized void loseNextSave() {
    nextSaveFailsAfterItsEffect = false;
  }

  /** Makes the next save of the pointer take effect, and its answer be lost. */
  public synchronized void loseAnswerOfNextSave() {
    nextSaveFailsAfterItsEffect = true;
  }
}
