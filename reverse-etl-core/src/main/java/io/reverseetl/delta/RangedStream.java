package io.reverseetl.delta;

import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import io.reverseetl.storage.FileChangedException;
import io.reverseetl.storage.StoredRange;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A file that is read range by range. Small files are read at once; of a larger one, the last bytes
 * come first, as a Parquet file's footer is there; then what is planned, neighbours in one request.
 * Everything else is read in pieces, from where it is wanted. All of it is of one state of the
 * file, that of the first bytes. For one thread.
 */
final class RangedStream extends SeekableInputStream implements PlannedReads {
  /** A file up to this size takes one request. */
  static final int WHOLE = 512 << 10;

  /** How much is read with the first look at a larger file's end. */
  static final int TAIL = 64 << 10;

  /** Ranges with at most so much between them are read together. */
  static final int GAP = 128 << 10;

  /** The most that one request asks for. */
  static final int LARGEST = 8 << 20;

  private static final int PIECE = 4 << 20;
  private static final int SMALL_PIECE = 64 << 10;

  private final RangeFetcher fetcher;
  private final String path;
  private final long size;

  /** That of the first bytes that came; null before, or if the storage cannot tell. */
  private @Nullable String state;

  /** The end of the file, or the whole of it, and the piece that was asked for last. */
  private final NavigableMap<Long, RangeFetcher.Fetch> kept = new TreeMap<>();

  private RangeFetcher.@Nullable Fetch piece;
  private final NavigableMap<Long, Planned> planned = new TreeMap<>();
  private List<List<Range>> groups = List.of();
  private final boolean readsAhead;
  private boolean ahead;
  private int begun;
  private long position;

  private record Planned(int group, RangeFetcher.Fetch fetch) {}

  /**
   * For one file.
   *
   * @param size its bytes; 0 if that is not known
   * @param readsAhead whether planned groups may be read before they are wanted
   */
  RangedStream(RangeFetcher fetcher, String path, long size, boolean readsAhead) {
    this.fetcher = fetcher;
    this.path = path;
    this.size = size;
    this.readsAhead = readsAhead;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (size > 0 && position >= size) {
      return -1;
    }
    RangeFetcher.Fetch fetch = fetchAt(position, length);
    byte[] found = await(fetch);
    int from = (int) (position - fetch.start());
    if (from >= found.length) {
      if (size > 0) {
        throw new EOFException(
            "The file should have " + size + " bytes, but ends after " + position + ".");
      }
      return -1;
    }
    int count = Math.min(length, found.length - from);
    System.arraycopy(found, from, bytes, offset, count);
    position += count;
    return count;
  }

  @Override
  public void readFully(byte[] bytes, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      int count = read(bytes, offset + done, length - done);
      if (count < 0) {
        throw new EOFException("The file ends " + (length - done) + " bytes too early.");
      }
      done += count;
    }
  }

  /** The storage is asked for the state; that it keeps to it is for a proxy on the way to spoil. */
  private byte[] await(RangeFetcher.Fetch fetch) throws IOException {
    StoredRange found = fetch.await();
    if (state == null) {
      state = found.state();
    } else if (found.state() != null && !state.equals(found.state())) {
      throw new FileChangedException(path + " was written while it was read");
    }
    return found.bytes();
  }

  private RangeFetcher.Fetch fetchAt(long at, int length) {
    RangeFetcher.Fetch found = at(kept, at);
    if (found != null) {
      return found;
    }
    Map.Entry<Long, Planned> entry = planned.floorEntry(at);
    if (entry != null && at < entry.getValue().fetch().end()) {
      return entry.getValue().fetch();
    }
    return wanted(at, length);
  }

  private static RangeFetcher.@Nullable Fetch at(
      NavigableMap<Long, RangeFetcher.Fetch> fetches, long at) {
    Map.Entry<Long, RangeFetcher.Fetch> entry = fetches.floorEntry(at);
    return entry != null && at < entry.getValue().end() ? entry.getValue() : null;
  }

  /** What nobody planned. */
  private RangeFetcher.Fetch wanted(long at, int length) {
    RangeFetcher.Fetch fetch;
    if (size > 0 && size <= WHOLE) {
      fetch = fetcher.range(path, 0, (int) size, state);
    } else if (size > 0 && at >= size - TAIL) {
      fetch = fetcher.range(path, size - TAIL, TAIL, state);
    } else {
      fetch = fetcher.range(path, at, (int) (endOfPiece(at, length) - at), state);
      if (piece != null) {
        kept.remove(piece.start());
      }
      piece = fetch;
    }
    kept.put(fetch.start(), fetch);
    return fetch;
  }

  /** Of a file whose size is not known, little more is read than what is asked for. */
  private long endOfPiece(long at, int length) {
    long end =
        size > 0 ? Math.min(at + PIECE, size) : at + Math.min(Math.max(length, SMALL_PIECE), PIECE);
    Long next = kept.higherKey(at);
    return next == null ? end : Math.min(end, next);
  }

  @Override
  public long getPos() {
    return position;
  }

  @Override
  public void seek(long to) {
    position = to;
  }

  @Override
  public void plan(List<List<Range>> ranges, boolean mayReadAhead) {
    groups = ranges;
    ahead = readsAhead && mayReadAhead;
    begun = 0;
    begin(0);
  }

  @Override
  public void begin(int group) {
    while (begun <= group && begun < groups.size()) {
      for (Range range : merged(groups.get(begun))) {
        fetch(range, begun);
      }
      begun++;
    }
  }

  @Override
  public void finish(int group) {
    Iterator<Planned> reads = planned.values().iterator();
    while (reads.hasNext()) {
      Planned read = reads.next();
      if (read.group() <= group) {
        read.fetch().cancel();
        reads.remove();
      }
    }
    if (ahead) {
      begin(group + 1);
    }
  }

  /** Joins neighbours. */
  static List<Range> merged(List<Range> ranges) {
    List<Range> sorted = new ArrayList<>(ranges);
    sorted.sort(Comparator.comparingLong(Range::start));
    List<Range> merged = new ArrayList<>();
    for (Range range : sorted) {
      Range last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
      if (last != null && range.start() - last.end() <= GAP) {
        long end = Math.max(last.end(), range.end());
        merged.set(merged.size() - 1, new Range(last.start(), end - last.start()));
      } else {
        merged.add(range);
      }
    }
    return merged;
  }

  /** Reads a range without the bytes that are there already, in requests that are not too large. */
  private void fetch(Range range, int group) {
    long from = range.start();
    while (from < range.end()) {
      RangeFetcher.Fetch there = at(kept, from);
      if (there != null) {
        from = there.end();
        continue;
      }
      Long next = kept.higherKey(from);
      long end = Math.min(range.end(), from + LARGEST);
      end = next == null ? end : Math.min(end, next);
      RangeFetcher.Fetch fetch = fetcher.range(path, from, (int) (end - from), state);
      planned.put(from, new Planned(group, fetch));
      fetch.begin();
      from = end;
    }
  }

  @Override
  public void close() {
    planned.values().forEach(read -> read.fetch().cancel());
    planned.clear();
    kept.clear();
    piece = null;
    groups = List.of();
  }
}
