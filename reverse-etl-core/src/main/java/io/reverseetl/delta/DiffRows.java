package io.reverseetl.delta;

import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.table.ChangeType;
import io.reverseetl.table.Row;
import io.reverseetl.table.StructType;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a commit by comparing the rows that it takes away with those that it brings: rows
 * that are on both sides were only copied and are left out, as often as they are on both. Where
 * rows have a key, a delete and an insert of one key are an update. Sorts the rows of both sides,
 * on disk if they are many. For one thread.
 */
final class DiffRows implements CommitRows {
  private static final byte REMOVED = 0;
  private static final byte ADDED = 1;

  /** So many changes of one key are held for pairing; more are plain deletes and inserts. */
  private static final int MAX_OF_KEY = 1_000;

  private final CommitRows rows;
  private final List<String> keys;
  private final SpillSorter sorter;
  private final ChangeErrors errors;
  private final Queue<Change> ready = new ArrayDeque<>();
  private final Deque<Counted> deletes = new ArrayDeque<>();
  private final Deque<Counted> inserts = new ArrayDeque<>();

  private @Nullable RowCodec codec;
  private SpillSorter.@Nullable Merge sorted;
  private byte @Nullable [] next;
  private byte @Nullable [] keyOf;
  private @Nullable Change change;
  private long timesLeft;
  private boolean afterNext;
  private ChangeType type = ChangeType.INSERT;
  private byte @Nullable [] current;
  private @Nullable Row currentRow;

  /** A row that has to go or to come, so many times. */
  private record Counted(byte[] row, long times) {}

  /** A change, so many times; an update, if there is a row after. */
  private record Change(ChangeType type, byte[] row, byte @Nullable [] after, long times) {}

  /**
   * Compares.
   *
   * @param rows the rows of both sides, as inserts and deletes; closed with this
   * @param keys the key's columns; empty without a key
   * @param sorter closed with this
   */
  DiffRows(CommitRows rows, List<String> keys, SpillSorter sorter, ChangeErrors errors) {
    this.rows = rows;
    this.keys = keys;
    this.sorter = sorter;
    this.errors = errors;
  }

  @Override
  public boolean advance() {
    currentRow = null;
    try {
      SpillSorter.Merge merge = sorted;
      if (merge == null) {
        merge = sort();
        sorted = merge;
        next = merge.next();
      }
      return emit() || (prepare(merge) && emit());
    } catch (IOException e) {
      throw errors
          .reading()
          .of(
              TableReadException.Reason.UNAVAILABLE,
              errors.action(),
              "the temporary files failed ("
                  + e.getMessage()
                  + "). Look whether the disk is full, or choose another folder for them.",
              e);
    }
  }

  /** Gives the next change of those that are ready. */
  private boolean emit() {
    if (timesLeft == 0) {
      change = ready.poll();
      timesLeft = change == null ? 0 : change.times();
    }
    Change given = change;
    if (given == null) {
      current = null;
      return false;
    }
    if (given.after() == null) {
      type = given.type();
      current = given.row();
      timesLeft--;
    } else if (!afterNext) {
      type = ChangeType.UPDATE_PREIMAGE;
      current = given.row();
      afterNext = true;
    } else {
      type = ChangeType.UPDATE_POSTIMAGE;
      current = given.after();
      afterNext = false;
      timesLeft--;
    }
    return true;
  }

  private SpillSorter.Merge sort() throws IOException {
    while (rows.advance()) {
      Row row = rows.row();
      RowCodec encoder = codec;
      if (encoder == null) {
        encoder = new RowCodec(row.type(), keyOrdinals(row.type()));
        codec = encoder;
      }
      sorter.add(encoder.encode(row, rows.type().isLive() ? ADDED : REMOVED));
    }
    rows.close();
    return sorter.sorted();
  }

  /** None where the key is not a key of these columns. */
  private int[] keyOrdinals(StructType type) {
    int[] ordinals = keys.stream().mapToInt(type::indexOf).toArray();
    for (int ordinal : ordinals) {
      if (ordinal < 0) {
        return new int[0];
      }
    }
    return ordinals;
  }

  /** Compares rows until changes are ready; false if there are no more. */
  private boolean prepare(SpillSorter.Merge merge) throws IOException {
    while (ready.isEmpty()) {
      byte[] row = next;
      byte[] key = keyOf;
      if (row == null) {
        flush();
        return !ready.isEmpty();
      }
      if (Thread.currentThread().isInterrupted()) {
        throw errors.reading().log(new InterruptedException(), errors.action());
      }
      boolean keyed = RowCodec.rowStart(row) > Integer.BYTES;
      if (key != null && (!keyed || RowCodec.compareKeys(row, key) != 0)) {
        flush();
      }
      keyOf = row;
      countEqual(row, merge);
      if (deletes.size() + inserts.size() >= MAX_OF_KEY) {
        flush();
      }
    }
    return true;
  }

  /** Takes all records that are equal to the next one. */
  private void countEqual(byte[] first, SpillSorter.Merge merge) throws IOException {
    long balance = 0;
    byte[] row = first;
    do {
      balance += RowCodec.mark(row) == ADDED ? 1 : -1;
      row = merge.next();
    } while (row != null && RowCodec.compare(row, first) == 0);
    next = row;
    if (balance > 0) {
      inserts.add(new Counted(first, balance));
    } else if (balance < 0) {
      deletes.add(new Counted(first, -balance));
    }
  }

  /** Makes changes of what was found for a key, or without a key for a row. */
  private void flush() {
    while (!deletes.isEmpty() && !inserts.isEmpty()) {
      Counted before = deletes.remove();
      Counted after = inserts.remove();
      long times = Math.min(before.times(), after.times());
      ready.add(new Change(ChangeType.UPDATE_POSTIMAGE, before.row(), after.row(), times));
      if (before.times() > times) {
        deletes.addFirst(new Counted(before.row(), before.times() - times));
      }
      if (after.times() > times) {
        inserts.addFirst(new Counted(after.row(), after.times() - times));
      }
    }
    deletes.forEach(r -> ready.add(new Change(ChangeType.DELETE, r.row(), null, r.times())));
    inserts.forEach(r -> ready.add(new Change(ChangeType.INSERT, r.row(), null, r.times())));
    deletes.clear();
    inserts.clear();
  }

  @Override
  public ChangeType type() {
    return type;
  }

  @Override
  public Row row() {
    Row row = currentRow;
    if (row == null) {
      RowCodec decoder = codec;
      byte[] encoded = current;
      if (decoder == null || encoded == null) {
        throw new IllegalStateException("There is no current change; call advance() first.");
      }
      row = decoder.decode(encoded);
      currentRow = row;
    }
    return row;
  }

  @Override
  public void close() {
    current = null;
    currentRow = null;
    try (Temporary ignored = this::closeSorter) {
      rows.close();
    }
  }

  /** What goes whether or not the rows could be closed. */
  private interface Temporary extends AutoCloseable {
    @Override
    void close();
  }

  private void closeSorter() {
    try {
      sorter.close();
    } catch (IOException e) {
      throw errors
          .reading()
          .of(
              TableReadException.Reason.UNAVAILABLE,
              errors.action(),
              "the temporary files cannot be deleted (" + e.getMessage() + ").",
              e);
    }
  }
}
