package io.reverseetl.table;

import java.util.List;

/** A snapshot that can read a large part piece by piece. */
public interface SplittableSnapshot extends TableSnapshot {

  /**
   * Cuts a part into pieces of about the same size. Reads nothing.
   *
   * @param part one of {@link #parts}
   * @param bytes how large a piece may be, at least 1; a piece holds no row if the file cannot be
   *     cut as finely as that
   * @return ranges side by side that cover the part; empty if it can only be read as a whole
   */
  List<PartRange> split(SnapshotPart part, long bytes);

  /**
   * Reads the rows of one piece, in the same order at every reading.
   *
   * @param part one of {@link #parts}
   * @param range one that {@link #split} gave for it
   * @return a cursor that the caller closes
   * @throws IllegalArgumentException if the part can only be read as a whole
   * @throws io.reverseetl.exceptions.TableReadException if the piece cannot be read
   */
  Cursor<Row> open(SnapshotPart part, PartRange range);
}
