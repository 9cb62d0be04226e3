package io.reverseetl;

import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.reduce.Reducer;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.RowChange;
import io.reverseetl.table.SchemaChange;
import io.reverseetl.table.SchemaMode;
import io.reverseetl.table.StructType;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads one range of commits into a reducer: filters and maps its rows, and ends it in time, always
 * between two commits. For one thread, and one range.
 */
final class RangeReader {

  /** Thrown when somebody asks to stop while a range is read; nothing of it was written. */
  static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Thrown when it shows inside a commit that the range must not reach it, after some of its rows
   * were taken: the range must be read again, up to the commit before.
   */
  static final class TooFarException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long commit;

    TooFarException(long commit) {
      this.commit = commit;
    }

    long commit() {
      return commit;
    }
  }

  private final Pipeline pipeline;
  private final PollSettings settings;
  private final String tableId;
  private final ChangeMapping mapping;
  private final BooleanSupplier stopRequested;
  private final BooleanSupplier deadlineReached;

  private long rows;
  private long rowOfCommit;
  private @Nullable StructType schema;
  private @Nullable Instant lastTimestamp;

  /** The first commit that the range must not reach, and why. */
  private long blockedAt = Long.MAX_VALUE;

  private @Nullable SchemaChange blockedBy;
  private @Nullable ConfigurationException misfit;

  RangeReader(
      Pipeline pipeline,
      PollSettings settings,
      String tableId,
      RejectedRows rejectedRows,
      Reducer reducer,
      BooleanSupplier stopRequested,
      BooleanSupplier deadlineReached) {
    this.pipeline = pipeline;
    this.settings = settings;
    this.tableId = tableId;
    this.mapping = new ChangeMapping(pipeline, rejectedRows, reducer, "");
    this.stopRequested = stopRequested;
    this.deadlineReached = deadlineReached;
  }

  /**
   * Reads.
   *
   * @param from the first commit
   * @param last the last commit that may be read
   * @param exact whether the range must reach {@code last}, as an earlier run has written some of
   *     it
   * @return the last commit that was read wholly; {@code from - 1} if not even the first one could
   */
  long read(long from, long last, boolean exact) {
    long planned = exact ? last : from + Math.min(last - from, settings.maxRangeCommits() - 1);
    ChangeQuery query =
        ChangeQuery.from(from)
            .to(planned)
            .schemaMode(SchemaMode.PER_COMMIT)
            .method(settings.changes())
            .tableId(tableId)
            .onSchemaChange(change -> schemaChanged(change, exact));
    try (ChangeCursor cursor = pipeline.source().openChanges(query)) {
      long commit = from - 1;
      while (cursor.advance()) {
        RowChange change = cursor.current();
        if (change.commitVersion() > commit) {
          if (change.commitVersion() >= blockedAt || !bind(change)) {
            return Math.min(blockedAt, change.commitVersion()) - 1;
          }
          if (!exact && commit >= from && isFull()) {
            return change.commitVersion() - 1;
          }
          commit = change.commitVersion();
          rowOfCommit = 0;
        } else if (commit >= blockedAt || !bind(change)) {
          // The rows that the commit takes away come in the old columns, before it tells of others.
          throw new TooFarException(commit);
        }
        if (stopRequested.getAsBoolean()) {
          throw new StoppedException();
        }
        take(change);
      }
      if (commit >= blockedAt) {
        throw new TooFarException(commit);
      }
      return Math.min(cursor.toVersion(), blockedAt - 1);
    }
  }

  private boolean isFull() {
    return rows >= settings.maxRangeRows()
        || mapping.bytes() >= settings.maxRangeBytes()
        || deadlineReached.getAsBoolean();
  }

  private void schemaChanged(SchemaChange change, boolean exact) {
    if (change.commitVersion() >= blockedAt) {
      return;
    }
    pipeline.listener().onSchemaChange(change);
    // A range that was begun with other settings is finished all the same.
    if (!exact
        && settings.schemaPolicy() != SchemaPolicy.CONTINUE
        && SchemaChanges.touch(change, pipeline.mapper(), pipeline.filter().orElse(null))) {
      blockedAt = change.commitVersion();
      blockedBy = change;
    } else {
      schema = change.after();
    }
  }

  /** Prepares for the row's columns; false if the mapper does not fit them. */
  private boolean bind(RowChange change) {
    StructType type = change.row().type();
    try {
      if (mapping.bind(type)) {
        schema = type;
      }
      return true;
    } catch (ConfigurationException e) {
      misfit = e;
      blockedAt = change.commitVersion();
      return false;
    }
  }

  private void take(RowChange change) {
    rows++;
    lastTimestamp = change.commitTimestamp();
    mapping.take(change, rowOfCommit++);
  }

  long rows() {
    return rows;
  }

  long mappingFailures() {
    return mapping.failures();
  }

  /** The columns after the range; null if no row told. */
  @Nullable StructType schema() {
    return schema;
  }

  /** When the last commit that changed a row was made. */
  @Nullable Instant lastTimestamp() {
    return lastTimestamp;
  }

  /** What the range ends before, if that is a change of columns that stops the poll. */
  @Nullable SchemaChange blockedBy() {
    return blockedBy;
  }

  /** Whether the range ends where the mapper no longer fits the table. */
  boolean isMisfit() {
    return misfit != null;
  }

  ConfigurationException misfit() {
    return misfit == null ? new ConfigurationException("The mapper fits.") : misfit;
  }
}
