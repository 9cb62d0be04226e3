package io.reverseetl;

import io.reverseetl.document.Document;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.reduce.Digest;
import io.reverseetl.reduce.DocumentChanges;
import io.reverseetl.reduce.KeyState;
import io.reverseetl.reduce.OrderValue;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.RowChange;
import io.reverseetl.table.SchemaMode;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the changes of documents of a {@link ChangeUnit}, reading and mapping rows as it goes.
 * A change that it gives is no view, and may be kept. For one thread.
 */
public final class UnitChanges implements Cursor<KeyedChange> {
  private final ChangeUnit unit;
  private final ChangeCursor rows;
  private final ChangeMapping mapping;
  private final RejectedRows rejectedRows;
  private final UnitGuard guard;
  private final Queue<KeyedChange> ready = new ArrayDeque<>();

  private @Nullable KeyedChange current;
  private @Nullable Instant lastTimestamp;
  private long rowsRead;
  private long commit = -1;
  private long rowOfCommit;
  private long changes;
  private boolean failed;
  private boolean ended;

  /**
   * Opens a unit.
   *
   * @throws io.reverseetl.exceptions.CheckpointConflictException if its plan is over
   */
  UnitChanges(Pipeline pipeline, ChangeUnit unit) {
    this.unit = unit;
    this.guard = new UnitGuard(pipeline, PlanClaim.of(unit.plan()));
    this.rejectedRows = new RejectedRows(pipeline, 0);
    ChangeUnit.Piece piece = unit.piece();
    this.mapping =
        new ChangeMapping(
            pipeline,
            rejectedRows,
            new Keyed(pipeline.needsImages()),
            piece.shares() == 1 ? "" : "share " + piece.share() + " of " + piece.shares() + " of ");
    this.rows =
        pipeline
            .source()
            .openChanges(
                ChangeQuery.from(piece.from())
                    .to(piece.to())
                    .schemaMode(SchemaMode.PER_COMMIT)
                    .method(unit.plan().method())
                    .tableId(unit.plan().tableId())
                    .share(piece.share(), piece.shares()));
    if (rows.toVersion() < piece.to()) {
      rows.close();
      throw new TableReadException(
          TableReadException.Reason.VERSION_NOT_FOUND,
          "Table "
              + unit.plan().tableUri()
              + " has commits up to "
              + rows.toVersion()
              + " here, and the plan "
              + unit.planId()
              + " reads up to "
              + piece.to()
              + ". Look whether this process sees the same storage, and run the unit again.");
    }
  }

  @Override
  public boolean advance() {
    current = ready.poll();
    while (current == null && !ended) {
      if (failed) {
        throw new IllegalStateException("The unit could not be read; open it again.");
      }
      // Until the step is done; a cursor that has failed looks like one that is at its end.
      failed = true;
      if (rows.advance()) {
        take(rows.current());
        current = ready.poll();
      } else {
        rejectedRows.flush();
        ended = true;
        rows.close();
      }
      failed = false;
    }
    return current != null;
  }

  private void take(RowChange change) {
    // Dead letters are written on the way.
    guard.checkMayWrite();
    if (change.commitVersion() != commit) {
      commit = change.commitVersion();
      rowOfCommit = 0;
    }
    mapping.bind(change.row().type());
    rowsRead++;
    lastTimestamp = change.commitTimestamp();
    mapping.take(change, rowOfCommit++);
  }

  @Override
  public KeyedChange current() {
    KeyedChange change = current;
    if (change == null) {
      throw new IllegalStateException("There is no current change; call advance() first.");
    }
    return change;
  }

  /**
   * What reading came to.
   *
   * @return the result, to be kept until the plan is complete
   * @throws IllegalStateException before {@link #advance} has returned false
   */
  public ChangeUnitResult result() {
    if (!ended || current != null) {
      throw new IllegalStateException("A unit has a result when all its changes were given.");
    }
    return new ChangeUnitResult(
        unit.planId(),
        unit.index(),
        rowsRead,
        changes,
        mapping.failures(),
        Optional.ofNullable(lastTimestamp));
  }

  @Override
  public void close() {
    rows.close();
    ready.clear();
    current = null;
  }

  /** Makes changes with keys of what the mapping gives. */
  private final class Keyed implements DocumentChanges {
    private final Digest digest = Digest.ofBytes();
    private final boolean keepsImages;

    Keyed(boolean keepsImages) {
      this.keepsImages = keepsImages;
    }

    @Override
    public void live(long version, Document document, @Nullable OrderValue order) {
      changes++;
      ready.add(
          KeyedChange.live(document.key(), version, new KeyState.Live(document.json(), order)));
    }

    @Override
    public void gone(long version, Document document) {
      changes++;
      ready.add(
          KeyedChange.gone(
              document.key(),
              version,
              digest.of(document.json()),
              keepsImages ? document.json() : null));
    }
  }
}
