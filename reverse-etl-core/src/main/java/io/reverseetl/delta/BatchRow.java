package io.reverseetl.delta;

import io.delta.kernel.data.ColumnVector;
import io.reverseetl.table.DataType;
import io.reverseetl.table.Row;
import io.reverseetl.table.StructType;

/**
 * A row of a batch. One instance serves a whole file: its batch and {@link #moveTo} point it at the
 * next row. It may hold more values than its type shows; these are found by position only.
 */
final class BatchRow extends VectorValues implements Row {
  private final StructType shown;
  private final DataType[] types;
  private final ColumnVector[] vectors;
  private int position;

  BatchRow(StructType shown, StructType all) {
    this.shown = shown;
    this.types = new DataType[all.size()];
    for (int i = 0; i < types.length; i++) {
      types[i] = all.column(i).type();
    }
    this.vectors = new ColumnVector[types.length];
  }

  void vector(int index, ColumnVector vector) {
    vectors[index] = vector;
  }

  void moveTo(int newPosition) {
    position = newPosition;
  }

  @Override
  public StructType type() {
    return shown;
  }

  @Override
  ColumnVector vector(int index) {
    return vectors[index];
  }

  @Override
  int position(int index) {
    return position;
  }

  @Override
  DataType typeOf(int index) {
    return types[index];
  }
}
