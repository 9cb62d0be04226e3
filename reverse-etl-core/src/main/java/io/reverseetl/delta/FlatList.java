package io.reverseetl.delta;

import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.defaults.internal.data.vector.DefaultArrayVector;
import io.delta.kernel.types.ArrayType;
import java.util.List;
import java.util.Optional;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.io.api.PrimitiveConverter;

/**
 * A list of single values, in Parquet's form of three levels: a group, in it a repeated group, in
 * that the element.
 */
final class FlatList implements FlatNode, FlatLeaf {
  private final ArrayType type;
  private final int level;
  private final FlatColumn elements;
  private final List<FlatStruct> structs;
  private boolean[] nulls = new boolean[0];
  private int[] offsets = new int[1];
  private int row;

  /**
   * A list.
   *
   * @param level the definition level of a list that is there, and perhaps empty
   * @param structs the structs around it of which it knows whether they are null
   */
  FlatList(ArrayType type, int level, FlatColumn elements, List<FlatStruct> structs) {
    this.type = type;
    this.level = level;
    this.elements = elements;
    this.structs = structs;
  }

  @Override
  public PrimitiveConverter converter() {
    return elements;
  }

  @Override
  public void begin(int rows) {
    nulls = new boolean[rows];
    offsets = new int[rows + 1];
    row = 0;
    elements.begin(rows);
  }

  @Override
  public long read(ColumnReader values, int rows) {
    long read = 0;
    for (int i = 0; i < rows; i++) {
      int definitionLevel = values.getCurrentDefinitionLevel();
      for (int j = 0; j < structs.size(); j++) {
        structs.get(j).told(row, definitionLevel);
      }
      if (definitionLevel <= level) {
        nulls[row] = definitionLevel < level;
        values.consume();
        read++;
      } else {
        do {
          elements.take(values);
          read++;
        } while (values.getCurrentRepetitionLevel() > 0);
      }
      offsets[++row] = elements.position;
    }
    return read;
  }

  @Override
  public ColumnVector vector() {
    return new DefaultArrayVector(row, type, Optional.of(nulls), offsets, elements.vector());
  }
}
