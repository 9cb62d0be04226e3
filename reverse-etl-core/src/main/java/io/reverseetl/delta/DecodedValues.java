package io.reverseetl.delta;

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
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Values that {@link RowCodec} made bytes of, as values again. */
class DecodedValues implements Values {
  private final @Nullable Object[] values;

  private DecodedValues(@Nullable Object[] values) {
    this.values = values;
  }

  /** Reads a row. */
  static Row row(StructType type, ByteBuffer in) {
    return new DecodedRow(type, readStruct(type, in));
  }

  private static @Nullable Object[] readStruct(StructType type, ByteBuffer in) {
    @Nullable Object[] values = new @Nullable Object[type.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = read(type.column(i).type(), in);
    }
    return values;
  }

  private static @Nullable Object read(DataType type, ByteBuffer in) {
    if (in.get() == 0) {
      return null;
    }
    if (type instanceof Primitive primitive) {
      return readPrimitive(primitive, in);
    } else if (type instanceof DecimalType decimal) {
      return new BigDecimal(new BigInteger(readBytes(in)), decimal.scale());
    } else if (type instanceof StructType struct) {
      return row(struct, in);
    } else if (type instanceof ArrayType array) {
      @Nullable Object[] elements = new @Nullable Object[in.getInt()];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = read(array.elementType(), in);
      }
      return new DecodedArray(elements.length, new DecodedValues(elements));
    } else if (type instanceof MapType map) {
      @Nullable Object[] keys = new @Nullable Object[in.getInt()];
      @Nullable Object[] values = new @Nullable Object[keys.length];
      for (int i = 0; i < keys.length; i++) {
        keys[i] = read(map.keyType(), in);
        values[i] = read(map.valueType(), in);
      }
      return new DecodedMap(keys.length, new DecodedValues(keys), new DecodedValues(values));
    }
    throw new IllegalStateException("No such type: " + type);
  }

  private static Object readPrimitive(Primitive primitive, ByteBuffer in) {
    return switch (primitive) {
      case BOOLEAN -> in.get() != 0;
      case BYTE -> in.get();
      case SHORT -> in.getShort();
      case INTEGER, DATE -> in.getInt();
      case LONG, TIMESTAMP, TIMESTAMP_NTZ -> in.getLong();
      case FLOAT -> Float.intBitsToFloat(in.getInt());
      case DOUBLE -> Double.longBitsToDouble(in.getLong());
      case STRING, VARIANT, BINARY -> readBytes(in);
    };
  }

  private static byte[] readBytes(ByteBuffer in) {
    byte[] bytes = new byte[in.getInt()];
    in.get(bytes);
    return bytes;
  }

  private Object get(int index) {
    return Objects.requireNonNull(values[index], "The value is null.");
  }

  @Override
  public boolean isNull(int index) {
    return values[index] == null;
  }

  @Override
  public boolean getBoolean(int index) {
    return (Boolean) get(index);
  }

  @Override
  public byte getByte(int index) {
    return (Byte) get(index);
  }

  @Override
  public short getShort(int index) {
    return (Short) get(index);
  }

  @Override
  public int getInt(int index) {
    return (Integer) get(index);
  }

  @Override
  public long getLong(int index) {
    return (Long) get(index);
  }

  @Override
  public float getFloat(int index) {
    return (Float) get(index);
  }

  @Override
  public double getDouble(int index) {
    return (Double) get(index);
  }

  @Override
  public BigDecimal getDecimal(int index) {
    return (BigDecimal) get(index);
  }

  @Override
  public String getString(int index) {
    return new String(getUtf8(index), StandardCharsets.UTF_8);
  }

  @Override
  public byte[] getUtf8(int index) {
    return (byte[]) get(index);
  }

  @Override
  public byte[] getBinary(int index) {
    return (byte[]) get(index);
  }

  @Override
  public Row getStruct(int index) {
    return (Row) get(index);
  }

  @Override
  public ArrayView getArray(int index) {
    return (ArrayView) get(index);
  }

  @Override
  public MapView getMap(int index) {
    return (MapView) get(index);
  }

  private record DecodedArray(int size, Values elements) implements ArrayView {}

  private record DecodedMap(int size, Values keys, Values values) implements MapView {}

  private static final class DecodedRow extends DecodedValues implements Row {
    private final StructType type;

    DecodedRow(StructType type, @Nullable Object[] values) {
      super(values);
      this.type = type;
    }

    @Override
    public StructType type() {
      return type;
    }
  }
}
