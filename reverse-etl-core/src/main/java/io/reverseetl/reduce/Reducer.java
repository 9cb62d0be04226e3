package io.reverseetl.reduce;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reduces the changes of a range of commits to at most one operation for each document.
 *
 * <p>The later commit wins. Inside one commit a row that stands beats one that went, whatever order
 * they come in, and two different rows that stand for one document are duplicates. What a document
 * was before the range is remembered by a digest, so that it need not be written again when it is
 * the same after it.
 *
 * <p>Documents are kept apart in {@link #CHUNKS} chunks by a hash of their identity, which is the
 * same at every reading of the range; so a run that stopped can be followed by one that goes on
 * with the next chunk. What exceeds the memory budget goes to disk, chunk by chunk.
 *
 * <p>For one thread.
 */
public final class Reducer implements DocumentChanges, AutoCloseable {
  public static final int CHUNKS = 64;

  /** Takes what is left to do. */
  public interface Consumer {
    void accept(Reduced result) throws InterruptedException;
  }

  private final long budgetBytes;
  private final @Nullable Path spillFolder;
  private final boolean keepsImages;
  private final Digest digest;
  private final KeyState.Duplicates duplicates;
  private final List<Map<DocumentKey, KeyState>> chunks = new ArrayList<>();
  private long bytes;
  private long changes;
  private @Nullable SpillFiles spill;

  /**
   * An empty reducer.
   *
   * @param keepsImages whether a delete comes with the last document that stood
   * @param duplicates is told of duplicate rows, and may throw
   */
  public Reducer(
      long budgetBytes,
      @Nullable Path spillFolder,
      boolean keepsImages,
      Digest digest,
      KeyState.Duplicates duplicates) {
    this.budgetBytes = budgetBytes;
    this.spillFolder = spillFolder;
    this.keepsImages = keepsImages;
    this.digest = digest;
    this.duplicates = duplicates;
    for (int i = 0; i < CHUNKS; i++) {
      chunks.add(new LinkedHashMap<>());
    }
  }

  public static int chunkOf(DocumentKey key) {
    return Math.floorMod(KeyCodec.hash(key), CHUNKS);
  }

  @Override
  public void live(long version, Document document, @Nullable OrderValue order) {
    changes++;
    KeyState.Live row = new KeyState.Live(document.json(), order);
    if (spill != null) {
      spill.into(chunkOf(document.key())).live(document.key(), version, row);
      return;
    }
    KeyState state = state(document.key(), version);
    bytes -= state.bytes();
    state.addLive(version, row, duplicates);
    bytes += state.bytes();
    spillIfFull();
  }

  @Override
  public void gone(long version, Document document) {
    changes++;
    byte[] image = digest.of(document.json());
    byte[] json = keepsImages ? document.json() : null;
    if (spill != null) {
      spill.into(chunkOf(document.key())).gone(document.key(), version, image, json);
      return;
    }
    KeyState state = state(document.key(), version);
    bytes -= state.bytes();
    state.addGone(version, image, json, duplicates);
    bytes += state.bytes();
    spillIfFull();
  }

  private KeyState state(DocumentKey key, long version) {
    Map<DocumentKey, KeyState> chunk = chunks.get(chunkOf(key));
    KeyState state = chunk.get(key);
    if (state == null) {
      state = new KeyState(key, version);
      chunk.put(key, state);
      bytes += state.bytes();
    }
    return state;
  }

  private void spillIfFull() {
    if (bytes <= budgetBytes) {
      return;
    }
    spill = new SpillFiles(spillFolder, CHUNKS);
    for (int i = 0; i < CHUNKS; i++) {
      ChangeEvents events = spill.into(i);
      chunks.get(i).values().forEach(state -> state.replayInto(events));
      chunks.get(i).clear();
    }
    bytes = 0;
  }

  /** How many documents of rows came in. */
  public long changes() {
    return changes;
  }

  /** Whether some of it is on disk. */
  public boolean isSpilled() {
    return spill != null;
  }

  boolean isEmpty() {
    return changes == 0;
  }

  /** The last change is in. Finds the last commit's duplicates, unless it is spilled. */
  public void complete() {
    for (Map<DocumentKey, KeyState> chunk : chunks) {
      chunk.values().forEach(state -> state.settle(duplicates));
    }
  }

  /**
   * Goes over one chunk's documents, in the same order at every call. After {@link #complete}.
   *
   * @param tellDuplicates whether duplicates found only now are told of; once is enough
   */
  public void forEach(int chunk, boolean tellDuplicates, Consumer consumer)
      throws InterruptedException {
    if (spill == null) {
      for (KeyState state : chunks.get(chunk).values()) {
        give(state, consumer);
      }
      return;
    }
    KeyState.Duplicates tell = tellDuplicates ? duplicates : (version, key, rivals) -> {};
    int passes = (int) Math.max(1, (spill.bytes(chunk) + budgetBytes - 1) / budgetBytes);
    for (int pass = 0; pass < passes; pass++) {
      int wanted = pass;
      Replay replay = new Replay(tell);
      spill.replay(chunk, hash -> Math.floorMod(hash / CHUNKS, passes) == wanted, replay);
      for (KeyState state : replay.states.values()) {
        state.settle(tell);
        give(state, consumer);
      }
    }
  }

  private void give(KeyState state, Consumer consumer) throws InterruptedException {
    Reduced result = state.reduced(digest);
    if (result != null) {
      consumer.accept(result);
    }
  }

  @Override
  public void close() {
    if (spill != null) {
      spill.close();
    }
  }

  /** Makes states again from what was spilled. */
  private static final class Replay implements ChangeEvents {
    private final Map<DocumentKey, KeyState> states = new LinkedHashMap<>();
    private final KeyState.Duplicates duplicates;

    Replay(KeyState.Duplicates duplicates) {
      this.duplicates = duplicates;
    }

    @Override
    public void begun(
        DocumentKey key, long firstVersion, byte @Nullable [] firstImage, boolean firstUnsure) {
      state(key, firstVersion).restoreBegin(firstImage, firstUnsure);
    }

    @Override
    public void settled(Reduced result) {
      state(result.key(), result.version()).restoreSettled(result);
    }

    @Override
    public void live(DocumentKey key, long version, KeyState.Live row) {
      state(key, version).addLive(version, row, duplicates);
    }

    @Override
    public void gone(DocumentKey key, long version, byte[] digest, byte @Nullable [] json) {
      state(key, version).addGone(version, digest, json, duplicates);
    }

    private KeyState state(DocumentKey key, long version) {
      return states.computeIfAbsent(key, absent -> new KeyState(absent, version));
    }
  }
}
