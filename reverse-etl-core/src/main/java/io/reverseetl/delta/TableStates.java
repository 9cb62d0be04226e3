package io.reverseetl.delta;

import io.delta.kernel.utils.FileStatus;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Knows the protocol and metadata of versions, so that a steady reader need not replay the log:
 * what it knew of a version is carried forward over the commits since. Thread-safe.
 *
 * <p>A version is known by its commit file as well, so that a table that was created anew at the
 * same place is noticed: by size, time and, where the storage tells it, the file's state. Without a
 * state, a commit of the same size in the same unit of time, which may be a second, is taken for
 * the one before.
 */
final class TableStates {
  private static final int KEPT = 16;

  /** Beyond this many commits, Kernel's snapshot with its checkpoints is the shorter way. */
  private static final long MAX_CARRIED = 100;

  private final KernelTable table;
  private final CommitReader commits;
  private final NavigableMap<Long, Known> known = new TreeMap<>();

  private record Known(FileStatus file, TableState state) {
    boolean isOf(@Nullable FileStatus commit) {
      return commit != null && StatedFile.isSame(commit, file);
    }
  }

  TableStates(KernelTable table, CommitReader commits) {
    this.table = table;
    this.commits = commits;
  }

  /** Remembers the state at a version. */
  void put(long version, FileStatus commit, TableState state) {
    synchronized (known) {
      known.put(version, new Known(commit, state));
      while (known.size() > KEPT) {
        known.pollFirstEntry();
      }
    }
  }

  /**
   * The state at a version: remembered, carried forward from a remembered one, or read by Kernel.
   *
   * @param listing a listing of the log; what it does not show is not trusted
   * @throws io.reverseetl.exceptions.TableReadException if it cannot be read
   */
  TableState at(long version, CommitListing listing) {
    return at(version, listing, next -> commits.read(next, listing.file(next)));
  }

  /**
   * The same, with a reader of commits of its own.
   *
   * @param reader gives the commit of a version that the listing shows
   */
  TableState at(long version, CommitListing listing, LongFunction<Commit> reader) {
    TableState state = null;
    Map.Entry<Long, Known> nearest = nearest(version, listing);
    if (nearest != null) {
      state = carry(nearest.getValue().state(), nearest.getKey() + 1, version, reader);
    } else if (version == 0 && listing.has(0)) {
      state = first(listing);
    }
    if (state == null) {
      state = table.load(OptionalLong.of(version), Optional.empty()).state();
    }
    FileStatus commit = listing.find(version);
    if (commit != null) {
      put(version, commit, state);
    }
    return state;
  }

  private Map.@Nullable Entry<Long, Known> nearest(long version, CommitListing listing) {
    synchronized (known) {
      for (Map.Entry<Long, Known> entry : known.headMap(version, true).descendingMap().entrySet()) {
        long from = entry.getKey();
        if (version - from > MAX_CARRIED) {
          return null;
        }
        if (entry.getValue().isOf(listing.find(from)) && listing.firstMissing(from, version) < 0) {
          return entry;
        }
      }
      return null;
    }
  }

  private TableState carry(TableState state, long from, long to, LongFunction<Commit> reader) {
    TableState carried = state;
    for (long version = from; version <= to; version++) {
      carried = after(carried, reader.apply(version));
    }
    return carried;
  }

  /** The state after a commit. */
  TableState after(TableState before, Commit commit) {
    try {
      return before.after(commit, table.errors().table());
    } catch (RuntimeException e) {
      throw table.errors().log(e, "read the metadata of version " + commit.version());
    }
  }

  private @Nullable TableState first(CommitListing listing) {
    Commit commit = commits.read(0, listing.file(0));
    if (commit.protocol() == null || commit.metadata() == null) {
      return null;
    }
    try {
      return TableState.of(commit.protocol(), commit.metadata(), table.errors().table());
    } catch (RuntimeException e) {
      throw table.errors().log(e, "read the metadata of version 0");
    }
  }
}
