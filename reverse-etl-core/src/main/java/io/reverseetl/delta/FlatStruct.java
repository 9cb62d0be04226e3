package io.reverseetl.delta;

import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.defaults.internal.data.vector.DefaultConstantVector;
import io.delta.kernel.defaults.internal.data.vector.DefaultStructVector;
import io.delta.kernel.types.StructType;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A struct whose fields are all {@link FlatNode}s, or not in the file. Whether it is null in a row
 * says the definition level of any column in it.
 */
final class FlatStruct implements FlatNode {
  private final StructType type;
  private final int level;
  private final List<@Nullable FlatNode> fields;
  private boolean[] nulls = new boolean[0];
  private int rows;

  /**
   * A struct.
   *
   * @param level the definition level of a struct that is there
   * @param fields filled by the caller; null for those that are not in the file
   */
  FlatStruct(StructType type, int level, List<@Nullable FlatNode> fields) {
    this.type = type;
    this.level = level;
    this.fields = fields;
  }

  /** Is told by the first column in it what that column's definition level is in a row. */
  void told(int row, int definitionLevel) {
    nulls[row] = definitionLevel < level;
    rows = row + 1;
  }

  @Override
  public void begin(int size) {
    nulls = new boolean[size];
    rows = 0;
    for (FlatNode field : fields) {
      if (field != null) {
        field.begin(size);
      }
    }
  }

  @Override
  public ColumnVector vector() {
    ColumnVector[] vectors = new ColumnVector[fields.size()];
    for (int i = 0; i < vectors.length; i++) {
      FlatNode field = fields.get(i);
      vectors[i] =
          field == null
              ? new DefaultConstantVector(type.at(i).getDataType(), rows, null)
              : field.vector();
    }
    return new DefaultStructVector(rows, type, Optional.of(nulls), vectors);
  }
}
