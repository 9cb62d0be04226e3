package io.reverseetl.delta;

import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.io.api.PrimitiveConverter;

/** Reads the values of one column chunk after the other. For one thread. */
interface FlatLeaf {
  /** Is given the values. */
  PrimitiveConverter converter();

  /** Whether a column chunk has as many values as the row group has rows. */
  boolean hasOneValuePerRow();

  /** Reads the values of the next rows. */
  void read(ColumnReader values, int rows);
}
