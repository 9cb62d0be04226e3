package io.reverseetl.delta;

import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeType;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowChange;
import io.reverseetl.table.SchemaChange;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Walks over the changes of a range, one commit at a time. */
final class DeltaChangeCursor implements ChangeCursor {
  private final long fromVersion;
  private final long toVersion;
  private final @Nullable CommitPlans plans;
  private final ChangeRowSource source;
  private final Consumer<SchemaChange> listener;
  private final ChangeErrors errors;
  private final View view = new View();

  private @Nullable CommitPlan commit;
  private boolean inOldColumns;
  private @Nullable CommitRows rows;
  private boolean onChange;
  private boolean ended;
  private boolean closed;

  /**
   * Over a range.
   *
   * @param plans plans the commits; null if the range is empty
   */
  DeltaChangeCursor(
      long fromVersion,
      long toVersion,
      @Nullable CommitPlans plans,
      ChangeRowSource source,
      Consumer<SchemaChange> listener,
      ChangeErrors errors) {
    this.fromVersion = fromVersion;
    this.toVersion = toVersion;
    this.plans = plans;
    this.source = source;
    this.listener = listener;
    this.errors = errors;
  }

  @Override
  public long fromVersion() {
    return fromVersion;
  }

  @Override
  public long toVersion() {
    return toVersion;
  }

  @Override
  public boolean advance() {
    if (closed) {
      throw new IllegalStateException("The cursor is closed.");
    }
    onChange = false;
    if (ended) {
      return false;
    }
    try {
      onChange = find();
      if (!onChange) {
        ended = true;
        release();
      }
      return onChange;
    } catch (RuntimeException | Error e) {
      ended = true;
      throw afterRelease(e);
    }
  }

  private RuntimeException afterRelease(Throwable failure) {
    try {
      release();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
    CommitPlan failed = commit;
    if (failed != null
        && failure instanceof TableReadException e
        && e.reason() == Reason.FILE_NOT_FOUND) {
      return errors.vacuumedMeanwhile(failed.version(), e);
    }
    if (failure instanceof Error error) {
      throw error;
    }
    return (RuntimeException) failure;
  }

  private boolean find() {
    while (true) {
      if (rows != null) {
        if (rows.advance()) {
          return true;
        }
        CommitRows finished = rows;
        rows = null;
        finished.close();
      }
      if (!openNext()) {
        return false;
      }
    }
  }

  /** Opens what follows: the rest of the commit, or the next commit. */
  private boolean openNext() {
    if (plans == null) {
      return false;
    }
    CommitPlan plan = commit;
    if (plan != null && inOldColumns) {
      inOldColumns = false;
      SchemaChange change = plan.schemaChange();
      if (change != null) {
        listener.accept(change);
      }
      rows = source.open(plan.after());
      return true;
    }
    if (plan != null) {
      plans.done(plan);
    }
    commit = null;
    plan = plans.next();
    if (plan == null) {
      return false;
    }
    commit = plan;
    view.timestamp = Instant.ofEpochMilli(plan.timestamp());
    inOldColumns = true;
    rows = source.open(plan.before());
    if (source.preparesFiles()) {
      plans.planAhead().forEach(source::prepare);
    }
    return true;
  }

  @Override
  public RowChange current() {
    if (!onChange) {
      throw new IllegalStateException("There is no current change; call advance() first.");
    }
    return view;
  }

  private void release() {
    try {
      CommitRows open = rows;
      rows = null;
      if (open != null) {
        open.close();
      }
    } finally {
      if (plans != null) {
        plans.close();
      }
      source.close();
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    onChange = false;
    release();
  }

  /** The current change. One instance serves the whole cursor. */
  private final class View implements RowChange {
    private Instant timestamp = Instant.EPOCH;

    private CommitRows rows() {
      if (rows == null) {
        throw new IllegalStateException("The change is no longer valid.");
      }
      return rows;
    }

    @Override
    public ChangeType type() {
      return rows().type();
    }

    @Override
    public Row row() {
      return rows().row();
    }

    @Override
    public long commitVersion() {
      if (commit == null) {
        throw new IllegalStateException("The change is no longer valid.");
      }
      return commit.version();
    }

    @Override
    public Instant commitTimestamp() {
      return timestamp;
    }
  }
}
