package io.reverseetl.delta;

import io.delta.kernel.utils.FileStatus;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * The commits of a range. Those that are small are kept from the first look until they are used, so
 * that each is read once, and, where there are threads for it, read before they are looked at. For
 * one thread.
 */
final class CommitsAhead implements AutoCloseable {
  /** How many bytes of log files are kept together, as commits. */
  static final long KEPT_BYTES = 4 << 20;

  /** How many commits are read at once. */
  private static final int AT_ONCE = 8;

  private final CommitReader commits;
  private final CommitListing listing;
  private final ReadErrors errors;
  private final @Nullable RangeFetcher threads;
  private final NavigableMap<Long, Kept> kept = new TreeMap<>();
  private long keptBytes;

  private record Kept(long bytes, FutureTask<Commit> task) {}

  /**
   * For one range.
   *
   * @param threads where commits are read ahead; null to read each when it is looked at
   */
  CommitsAhead(
      CommitReader commits,
      CommitListing listing,
      ReadErrors errors,
      @Nullable RangeFetcher threads) {
    this.commits = commits;
    this.listing = listing;
    this.errors = errors;
    this.threads = threads;
  }

  /**
   * Looks at a commit that will be used later.
   *
   * @param last up to where commits will be looked at soon
   * @throws io.reverseetl.exceptions.TableReadException as {@link CommitReader#read} does
   */
  Commit look(long version, long last) {
    long end = threads == null ? version : Math.min(last, version + AT_ONCE - 1);
    for (long next = version; next <= end; next++) {
      begin(next);
    }
    Kept found = kept.get(version);
    return found == null ? read(version) : await(version, found.task());
  }

  /** Gives a commit that is used now, and not again. */
  Commit take(long version) {
    Kept found = kept.remove(version);
    if (found == null) {
      return read(version);
    }
    keptBytes -= found.bytes();
    return await(version, found.task());
  }

  /** Forgets the commits before a version, which only had to be looked at. */
  void forgetBefore(long version) {
    while (!kept.isEmpty() && kept.firstKey() < version) {
      Kept old = kept.pollFirstEntry().getValue();
      old.task().cancel(false);
      keptBytes -= old.bytes();
    }
  }

  private Commit read(long version) {
    return commits.read(version, listing.file(version));
  }

  private void begin(long version) {
    FileStatus file = listing.file(version);
    long bytes = file.getSize();
    if (kept.containsKey(version) || keptBytes + bytes > KEPT_BYTES) {
      return;
    }
    FutureTask<Commit> task = new FutureTask<>(() -> commits.read(version, file));
    kept.put(version, new Kept(bytes, task));
    keptBytes += bytes;
    if (threads != null) {
      threads.execute(task);
    }
  }

  /** Reads it right here if no thread has begun to. */
  private Commit await(long version, FutureTask<Commit> task) {
    task.run();
    long from = System.nanoTime();
    boolean waits = !task.isDone();
    try {
      Commit commit = task.get();
      if (waits && threads != null) {
        threads.waitedSince(from);
      }
      return commit;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) e.getCause();
    } catch (InterruptedException e) {
      throw errors.log(e, "read the log of version " + version);
    }
  }

  /** Reads no more of what no thread has begun to read. */
  @Override
  public void close() {
    kept.values().forEach(ahead -> ahead.task().cancel(false));
    kept.clear();
    keptBytes = 0;
  }
}
