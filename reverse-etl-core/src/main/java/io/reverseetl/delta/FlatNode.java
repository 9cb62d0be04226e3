package io.reverseetl.delta;

import io.delta.kernel.data.ColumnVector;

/** A part of a batch that is filled without assembling records. For one thread. */
interface FlatNode {
  /** Makes room for the rows of a batch. */
  void begin(int rows);

  /** What was read since {@link #begin}; it belongs to the batch from now on. */
  ColumnVector vector();
}
