package io.reverseetl.testing;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.CheckpointStore;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint store for unit tests. It keeps what a real store would, can be made to fail, and
 * tells what was saved.
 *
 * <p>Thread-safe.
 */
public final class InMemoryCheckpointStore implements CheckpointStore {
  private enum Failure {
    BEFORE,
    AFTER
  }

  private record Entry(String tag, byte[] json) {
    StoredCheckpoint stored() {
      return new StoredCheckpoint(Checkpoint.ofJson(json), tag);
    }
  }

  private final Map<String, Entry> entries = new HashMap<>();
  private final List<Checkpoint> saves = new ArrayList<>();
  private long nextTag = 1;
  private @Nullable Failure failure;
  private long savesBeforeFailure;
  private boolean nextReadFails;

  private InMemoryCheckpointStore() {}

  /**
   * A store without checkpoints.
   *
   * @return the store
   */
  public static InMemoryCheckpointStore create() {
    return new InMemoryCheckpointStore();
  }

  @Override
  public synchronized Optional<StoredCheckpoint> read(String pipeline) {
    if (nextReadFails) {
      nextReadFails = false;
      throw new CheckpointException("The test made this read fail.");
    }
    return Optional.ofNullable(entries.get(pipeline)).map(Entry::stored);
  }

  @Override
  public synchronized StoredCheckpoint create(Checkpoint checkpoint) {
    if (entries.containsKey(checkpoint.pipeline())) {
      throw new CheckpointConflictException(
          "Pipeline \"" + checkpoint.pipeline() + "\" has a checkpoint already.");
    }
    return save(checkpoint);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the two are of different pipelines
   */
  @Override
  public synchronized StoredCheckpoint replace(Checkpoint checkpoint, StoredCheckpoint expected) {
    if (!checkpoint.pipeline().equals(expected.checkpoint().pipeline())) {
      throw new IllegalArgumentException("A checkpoint replaces one of the same pipeline.");
    }
    check(expected);
    return save(checkpoint);
  }

  @Override
  public synchronized void remove(StoredCheckpoint expected) {
    check(expected);
    count();
    failIf(Failure.BEFORE);
    entries.remove(expected.checkpoint().pipeline());
    failIf(Failure.AFTER);
  }

  /**
   * A pipeline's checkpoint, for assertions; script failures do not touch it.
   *
   * @param pipeline the pipeline's name
   * @return the checkpoint; empty if there is none
   */
  public synchronized Optional<Checkpoint> checkpoint(String pipeline) {
    return Optional.ofNullable(entries.get(pipeline)).map(entry -> entry.stored().checkpoint());
  }

  /**
   * Puts a checkpoint as another runner would, whatever was there.
   *
   * @param checkpoint the checkpoint
   * @return the checkpoint with its tag
   */
  public synchronized StoredCheckpoint put(Checkpoint checkpoint) {
    Entry entry = new Entry(Long.toString(nextTag++), checkpoint.toJson());
    entries.put(checkpoint.pipeline(), entry);
    return entry.stored();
  }

  /**
   * Puts raw bytes where a pipeline's checkpoint is, for tests of damaged ones.
   *
   * @param pipeline the pipeline's name
   * @param content what the store holds, for example no JSON at all
   */
  public synchronized void putRaw(String pipeline, String content) {
    entries.put(
        pipeline, new Entry(Long.toString(nextTag++), content.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Every checkpoint that was saved by {@link #create} and {@link #replace}, in order.
   *
   * @return a copy
   */
  public synchronized List<Checkpoint> saves() {
    return List.copyOf(saves);
  }

  /** Makes the next create, replace or remove fail without effect. */
  public synchronized void failNextSaveBeforeItTakesEffect() {
    failSaveBeforeItTakesEffect(1);
  }

  /** Makes the next create, replace or remove take effect and then fail, as a lost answer does. */
  public synchronized void failNextSaveAfterItTookEffect() {
    failSaveAfterItTookEffect(1);
  }

  /**
   * Makes one create, replace or remove fail without effect. Replaces a failure that has not struck
   * yet.
   *
   * @param nth which one from now on, at least 1
   * @throws IllegalArgumentException if it is below 1
   */
  public synchronized void failSaveBeforeItTakesEffect(long nth) {
    script(nth, Failure.BEFORE);
  }

  /**
   * Makes one create, replace or remove take effect and then fail, as a lost answer does. Replaces
   * a failure that has not struck yet.
   *
   * @param nth which one from now on, at least 1
   * @throws IllegalArgumentException if it is below 1
   */
  public synchronized void failSaveAfterItTookEffect(long nth) {
    script(nth, Failure.AFTER);
  }

  private void script(long nth, Failure scripted) {
    if (nth < 1) {
      throw new IllegalArgumentException("The next save is number 1, not " + nth + ".");
    }
    savesBeforeFailure = nth - 1;
    failure = scripted;
  }

  /** Makes the next read fail. */
  public synchronized void failNextRead() {
    nextReadFails = true;
  }

  private StoredCheckpoint save(Checkpoint checkpoint) {
    count();
    failIf(Failure.BEFORE);
    StoredCheckpoint stored = put(checkpoint);
    saves.add(checkpoint);
    failIf(Failure.AFTER);
    return stored;
  }

  private void check(StoredCheckpoint expected) {
    Entry entry = entries.get(expected.checkpoint().pipeline());
    if (entry == null || !entry.tag().equals(expected.tag())) {
      throw new CheckpointConflictException(
          "The checkpoint of pipeline \""
              + expected.checkpoint().pipeline()
              + "\" was "
              + (entry == null ? "removed" : "moved")
              + " by another runner.");
    }
  }

  private void count() {
    if (failure != null) {
      savesBeforeFailure--;
    }
  }

  private void failIf(Failure moment) {
    if (failure == moment && savesBeforeFailure < 0) {
      failure = null;
      throw new CheckpointException(
          "The test made this save fail "
              + (moment == Failure.BEFORE ? "before it took effect." : "after it took effect."));
    }
  }
}
