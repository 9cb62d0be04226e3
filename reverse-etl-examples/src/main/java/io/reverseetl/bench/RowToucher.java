package io.reverseetl.bench;

import io.reverseetl.table.ArrayView;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.ArrayType;
import io.reverseetl.table.DataType.DecimalType;
import io.reverseetl.table.DataType.MapType;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.MapView;
import io.reverseetl.table.Row;
import io.reverseetl.table.StructType;
import io.reverseetl.table.Values;

/**
 * Reads every value of rows, and does nothing with them but to add up what cannot then be left out.
 * Text is read as bytes, as mappers read it. Not thread-safe.
 */
final class RowToucher {
  private long sum;

  void touch(Row row) {
    StructType type = row.type();
    for (int i = 0; i < type.size(); i++) {
      touch(type.column(i).type(), row, i);
    }
  }

  /** A number that depends on every value. */
  long sum() {
    return sum;
  }

  private void touch(DataType type, Values values, int index) {
    if (values.isNull(index)) {
      sum++;
    } else if (type instanceof Primitive primitive) {
      sum = 31 * sum + touch(primitive, values, index);
    } else if (type instanceof DecimalType) {
      sum = 31 * sum + values.getDecimal(index).hashCode();
    } else if (type instanceof ArrayType array) {
      ArrayView view = values.getArray(index);
      touchAll(array.elementType(), view.elements(), view.size());
    } else if (type instanceof MapType map) {
      MapView view = values.getMap(index);
      touchAll(map.keyType(), view.keys(), view.size());
      touchAll(map.valueType(), view.values(), view.size());
    } else {
      touch(values.getStruct(index));
    }
  }

  private void touchAll(DataType type, Values values, int size) {
    for (int i = 0; i < size; i++) {
      touch(type, values, i);
    }
  }

  private static long touch(Primitive type, Values values, int index) {
    return switch (type) {
      case BOOLEAN -> values.getBoolean(index) ? 1 : 2;
      case BYTE -> values.getByte(index);
      case SHORT -> values.getShort(index);
      case INTEGER, DATE -> values.getInt(index);
      case LONG, TIMESTAMP, TIMESTAMP_NTZ -> values.getLong(index);
      case FLOAT -> Float.floatToIntBits(values.getFloat(index));
      case DOUBLE -> Double.doubleToLongBits(values.getDouble(index));
      case STRING, VARIANT -> bytes(values.getUtf8(index));
      case BINARY -> bytes(values.getBinary(index));
    };
  }

  private static long bytes(byte[] value) {
    return value.length == 0 ? 0 : value.length + value[value.length - 1];
  }
}
