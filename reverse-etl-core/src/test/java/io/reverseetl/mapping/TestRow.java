package io.reverseetl.mapping;

import io.reverseetl.table.ArrayView;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.MapType;
import io.reverseetl.table.MapView;
import io.reverseetl.table.Row;
import io.reverseetl.table.StructType;
import io.reverseetl.table.Values;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A row of plain Java values: boxed numbers, text (or its bytes, to be unruly), days and
 * microseconds as numbers, arrays of values for structs, lists for arrays, lists of entries for
 * maps.
 */
final class TestRow implements Row {
  private final StructType type;
  private final Object[] values;

  TestRow(StructType type, Object... values) {
    if (values.length != type.size()) {
      throw new IllegalArgumentException(values.length + " values for " + type);
    }
    this.type = type;
    this.values = values;
  }

  /** A schema of nullable columns from names and types in turn. */
  static StructType schema(Object... namesAndTypes) {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < namesAndTypes.length; i += 2) {
      columns.add(Column.nullable((String) namesAndTypes[i], (DataType) namesAndTypes[i + 1]));
    }
    return StructType.of(columns);
  }

  /** The value of a struct. */
  static Object struct(Object... values) {
    return values;
  }

  @Override
  public StructType type() {
    return type;
  }

  @Override
  public boolean isNull(int index) {
    return values[index] == null;
  }

  @Override
  public boolean getBoolean(int index) {
    return (Boolean) values[index];
  }

  @Override
  public byte getByte(int index) {
    return (Byte) values[index];
  }

  @Override
  public short getShort(int index) {
    return (Short) values[index];
  }

  @Override
  public int getInt(int index) {
    return (Integer) values[index];
  }

  @Override
  public long getLong(int index) {
    return (Long) values[index];
  }

  @Override
  public float getFloat(int index) {
    return (Float) values[index];
  }

  @Override
  public double getDouble(int index) {
    return (Double) values[index];
  }

  @Override
  public BigDecimal getDecimal(int index) {
    return (BigDecimal) values[index];
  }

  @Override
  public String getString(int index) {
    return values[index] instanceof byte[] utf8
        ? new String(utf8, StandardCharsets.UTF_8)
        : (String) values[index];
  }

  @Override
  public byte[] getUtf8(int index) {
    return values[index] instanceof byte[] utf8 ? utf8 : Row.super.getUtf8(index);
  }

  @Override
  public byte[] getBinary(int index) {
    return (byte[]) values[index];
  }

  @Override
  public Row getStruct(int index) {
    return new TestRow((StructType) type.column(index).type(), (Object[]) values[index]);
  }

  @Override
  public ArrayView getArray(int index) {
    List<?> elements = (List<?>) values[index];
    DataType elementType = ((DataType.ArrayType) type.column(index).type()).elementType();
    return new ArrayView() {
      @Override
      public int size() {
        return elements.size();
      }

      @Override
      public Values elements() {
        return vector(elementType, elements);
      }
    };
  }

  @Override
  public MapView getMap(int index) {
    List<?> entries = (List<?>) values[index];
    MapType map = (MapType) type.column(index).type();
    return new MapView() {
      @Override
      public int size() {
        return entries.size();
      }

      @Override
      public Values keys() {
        return vector(
            map.keyType(), entries.stream().map(e -> ((Map.Entry<?, ?>) e).getKey()).toArray());
      }

      @Override
      public Values values() {
        List<Object> found = new ArrayList<>();
        entries.forEach(e -> found.add(((Map.Entry<?, ?>) e).getValue()));
        return vector(map.valueType(), found);
      }
    };
  }

  private static Values vector(DataType type, List<?> elements) {
    return vector(type, elements.toArray());
  }

  private static Values vector(DataType type, Object[] elements) {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < elements.length; i++) {
      columns.add(Column.nullable("" + i, type));
    }
    return new TestRow(StructType.of(columns), elements);
  }
}
