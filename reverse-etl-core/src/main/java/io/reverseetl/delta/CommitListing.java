package io.reverseetl.delta;

import io.delta.kernel.internal.util.FileNames;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.IOException;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The commit files of a log from some version on, as one listing showed them. Immutable. */
final class CommitListing {
  private final NavigableMap<Long, Listed> commits;
  private final boolean follows;

  /** A commit file, and its time, made later than that of the one before. */
  private record Listed(FileStatus file, long timestamp) {}

  private CommitListing(NavigableMap<Long, Listed> commits, boolean follows) {
    this.commits = commits;
    this.follows = follows;
  }

  /**
   * Lists the log once.
   *
   * @param from the first version of interest
   * @throws io.reverseetl.exceptions.TableReadException if the storage fails; a log that is not
   *     there is empty
   */
  static CommitListing from(KernelTable table, long from) {
    return from(table, from, null);
  }

  /**
   * Lists the log once, and goes on with the times of an earlier listing.
   *
   * @param from the first version of interest
   * @param earlier an earlier listing; null for none
   * @throws io.reverseetl.exceptions.TableReadException if the storage fails; a log that is not
   *     there is empty
   */
  static CommitListing from(KernelTable table, long from, @Nullable CommitListing earlier) {
    NavigableMap<Long, Listed> commits = new TreeMap<>();
    long previous = Long.MIN_VALUE;
    boolean follows = false;
    String first = FileNames.listingPrefix(table.logPath(), from);
    try (CloseableIterator<FileStatus> files =
        table.engine().getFileSystemClient().listFrom(first)) {
      while (files.hasNext()) {
        FileStatus file = files.next();
        if (!FileNames.isPublishedDeltaFile(file.getPath())) {
          continue;
        }
        long version = FileNames.deltaVersion(file.getPath());
        if (version >= from) {
          long timestamp = Math.max(file.getModificationTime(), previous + 1);
          if (version == from && earlier != null && earlier.isOf(version, file)) {
            timestamp = earlier.timestamp(version);
            follows = true;
          }
          previous = timestamp;
          commits.put(version, new Listed(file, timestamp));
        }
      }
    } catch (IOException | RuntimeException e) {
      if (!ReadErrors.isMissingFile(e)) {
        throw table.errors().log(e, "list the log");
      }
    }
    return new CommitListing(commits, follows);
  }

  private boolean isOf(long version, FileStatus file) {
    FileStatus listed = find(version);
    return listed != null && StatedFile.isSame(listed, file);
  }

  /** Whether its first commit, and with it the times of all, are those of an earlier listing. */
  boolean follows() {
    return follows;
  }

  /** The newest commit alone, which later listings may follow. */
  CommitListing end() {
    return new CommitListing(new TreeMap<>(commits.tailMap(last(), true)), follows);
  }

  boolean isEmpty() {
    return commits.isEmpty();
  }

  long first() {
    return commits.firstKey();
  }

  long last() {
    return commits.lastKey();
  }

  boolean has(long version) {
    return commits.containsKey(version);
  }

  @Nullable FileStatus find(long version) {
    Listed listed = commits.get(version);
    return listed == null ? null : listed.file();
  }

  FileStatus file(long version) {
    return get(version).file();
  }

  /**
   * Milliseconds since 1970: the time of the file, but later than that of the listed version
   * before. As Spark does, list from 100 versions earlier to have the same times.
   */
  long timestamp(long version) {
    return get(version).timestamp();
  }

  private Listed get(long version) {
    Listed listed = commits.get(version);
    if (listed == null) {
      throw new NoSuchElementException("version " + version);
    }
    return listed;
  }

  /** The first version of a range that is not listed, or -1. */
  long firstMissing(long from, long to) {
    long expected = from;
    for (long version : commits.subMap(from, true, to, true).keySet()) {
      if (version != expected) {
        return expected;
      }
      expected++;
    }
    return expected > to ? -1 : expected;
  }
}
