package io.reverseetl.table;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * For how long the changes after a version can be had.
 *
 * @param nextCommit when the commit after the version was made; empty if there is none yet, so that
 *     there is nothing to lose
 * @param logRetention how long the table promises to keep its log, from when a commit was made
 * @param fileRetention how long it promises to keep files that a commit removed, and files of
 *     changes, from when the commit was made
 */
public record ChangeRetention(
    Optional<Instant> nextCommit, Duration logRetention, Duration fileRetention) {

  /** Checks that nothing is missing. */
  public ChangeRetention {
    Objects.requireNonNull(nextCommit, "nextCommit");
    Objects.requireNonNull(logRetention, "logRetention");
    Objects.requireNonNull(fileRetention, "fileRetention");
  }

  /**
   * For how long a commit's changes can be had: log and files are both needed.
   *
   * @return the shorter of the two retentions
   */
  public Duration limit() {
    return logRetention.compareTo(fileRetention) <= 0 ? logRetention : fileRetention;
  }

  /**
   * From when on the next commit's changes may be gone. They go when somebody next cleans the table
   * up, perhaps long after.
   *
   * @return the instant, in the past if it has come; empty if there is nothing to lose
   */
  public Optional<Instant> safeUntil() {
    return nextCommit.map(made -> made.plus(limit()));
  }
}
