package io.reverseetl.reduce;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one document while the commits of a range go by: what the commits before the
 * last one came to, and what the last one did to it so far. Within a commit the order of changes
 * has no meaning, so whatever order they come in, the result is the same.
 */
public final class KeyState {

  /** One row that stands after a commit. */
  public record Live(byte[] json, @Nullable OrderValue order) {}

  /** Is told of several different rows that stand for one document after one commit. */
  public interface Duplicates {
    void found(long version, DocumentKey key, List<Document> rivals);
  }

  private static final int OVERHEAD_BYTES = 240;

  private final DocumentKey key;

  /** The digest of the document before the range; null if it was not there, or is not known. */
  private byte @Nullable [] firstImage;

  private long firstVersion;
  private boolean firstUnsure;

  private @Nullable Reduced settled;

  private long version = Long.MIN_VALUE;
  private @Nullable Live live;
  private @Nullable List<Live> rivals;
  private boolean gone;
  private byte @Nullable [] goneJson;

  public KeyState(DocumentKey key, long firstVersion) {
    this.key = key;
    this.firstVersion = firstVersion;
  }

  DocumentKey key() {
    return key;
  }

  public void addLive(long commit, Live row, Duplicates duplicates) {
    enter(commit, duplicates);
    Live best = live;
    if (best == null) {
      live = row;
      return;
    }
    int newer = OrderValue.compare(row.order(), best.order());
    if (newer > 0) {
      live = row;
      rivals = null;
    } else if (newer == 0 && !isKnown(row)) {
      if (rivals == null) {
        rivals = new ArrayList<>(1);
      }
      rivals.add(row);
    }
  }

  private boolean isKnown(Live row) {
    return (live != null && Arrays.equals(live.json(), row.json()))
        || (rivals != null
            && rivals.stream().anyMatch(rival -> Arrays.equals(rival.json(), row.json())));
  }

  public void addGone(long commit, byte[] digest, byte @Nullable [] json, Duplicates duplicates) {
    enter(commit, duplicates);
    gone = true;
    // Of several images the greatest is kept, whatever order they come in.
    if (json != null && (goneJson == null || Arrays.compareUnsigned(json, goneJson) > 0)) {
      goneJson = json;
    }
    if (commit == firstVersion) {
      if (firstImage == null) {
        firstImage = digest;
      } else if (!Arrays.equals(firstImage, digest)) {
        firstUnsure = true;
      }
    }
  }

  private void enter(long commit, Duplicates duplicates) {
    if (commit > version) {
      settle(duplicates);
      version = commit;
    }
  }

  /** The commit is complete: what it did replaces what the commits before it did. */
  public void settle(Duplicates duplicates) {
    if (rivals != null && live != null) {
      List<Document> all = new ArrayList<>();
      all.add(Document.ofJson(key, live.json()));
      rivals.forEach(rival -> all.add(Document.ofJson(key, rival.json())));
      duplicates.found(version, key, all);
      // Set aside: the commit counts as one that did not touch the document.
    } else if (live != null) {
      settled =
          new Reduced(Reduced.Kind.UPSERT, key, Document.ofJson(key, live.json()), version, false);
    } else if (gone) {
      settled =
          new Reduced(
              Reduced.Kind.DELETE,
              key,
              goneJson == null ? null : Document.ofJson(key, goneJson),
              version,
              false);
    }
    live = null;
    rivals = null;
    gone = false;
    goneJson = null;
  }

  /** What is left to do, after the last commit was settled; null if only set-aside rows did. */
  public @Nullable Reduced reduced(Digest digest) {
    Reduced result = settled;
    if (result == null) {
      return null;
    }
    boolean unchanged =
        result.kind() == Reduced.Kind.UPSERT
            && firstImage != null
            && !firstUnsure
            && Arrays.equals(firstImage, digest.of(result.upserted().json()));
    return new Reduced(
        unchanged ? Reduced.Kind.UNCHANGED : result.kind(),
        key,
        result.document(),
        result.version(),
        firstImage != null);
  }

  long bytes() {
    long bytes = OVERHEAD_BYTES + 2L * key.id().length();
    if (settled != null && settled.document() != null) {
      bytes += settled.document().sizeInBytes();
    }
    if (live != null) {
      bytes += live.json().length;
    }
    if (rivals != null) {
      for (Live rival : rivals) {
        bytes += rival.json().length;
      }
    }
    return goneJson == null ? bytes : bytes + goneJson.length;
  }

  /** Writes the state down as events that make it again. */
  void replayInto(ChangeEvents events) {
    events.begun(key, firstVersion, firstImage, firstUnsure);
    if (settled != null) {
      events.settled(settled);
    }
    if (live != null) {
      events.live(key, version, live);
    }
    if (rivals != null) {
      for (Live rival : rivals) {
        events.live(key, version, rival);
      }
    }
    if (gone) {
      events.gone(key, version, firstImage == null ? new byte[0] : firstImage, goneJson);
    }
  }

  void restoreBegin(byte @Nullable [] image, boolean unsure) {
    this.firstImage = image;
    this.firstUnsure = unsure;
  }

  void restoreSettled(Reduced result) {
    this.settled = result;
  }
}
