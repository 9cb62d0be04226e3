package io.reverseetl.delta;

import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.io.api.PrimitiveConverter;

/** Reads the values of one column chunk after the other. For one thread. */
interface FlatLeaf {
  /** Is given the values. */
  PrimitiveConverter converter();

  /**
   * Reads the values of the next rows.
   *
   * @return how many values that were, nulls and empty lists included
   */
  long read(ColumnReader values, int rows);
}
