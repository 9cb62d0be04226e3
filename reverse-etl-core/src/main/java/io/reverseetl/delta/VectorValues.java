package io.reverseetl.delta;

import io.delta.kernel.data.ArrayValue;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.MapValue;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.reverseetl.delta.Shredding.UnsupportedVariantException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import io.reverseetl.table.ArrayView;
import io.reverseetl.table.DataType;
import io.reverseetl.table.MapView;
import io.reverseetl.table.Row;
import io.reverseetl.table.StructType;
import io.reverseetl.table.Values;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/**
 * Values that lie in Kernel's column vectors. A vector's own type may differ from the column's as
 * {@link FileSchema} describes.
 */
abstract class VectorValues implements Values {

  /** The vector that holds value {@code index}. */
  abstract ColumnVector vector(int index);

  /** Where in that vector. */
  abstract int position(int index);

  /** The type of value {@code index}. */
  abstract DataType typeOf(int index);

  @Override
  public final boolean isNull(int index) {
    return vector(index).isNullAt(position(index));
  }

  @Override
  public final boolean getBoolean(int index) {
    return vector(index).getBoolean(position(index));
  }

  @Override
  public final byte getByte(int index) {
    return vector(index).getByte(position(index));
  }

  @Override
  public final short getShort(int index) {
    return vector(index).getShort(position(index));
  }

  @Override
  public final int getInt(int index) {
    return vector(index).getInt(position(index));
  }

  @Override
  public final long getLong(int index) {
    return vector(index).getLong(position(index));
  }

  @Override
  public final float getFloat(int index) {
    return vector(index).getFloat(position(index));
  }

  @Override
  public final double getDouble(int index) {
    return vector(index).getDouble(position(index));
  }

  @Override
  public final BigDecimal getDecimal(int index) {
    ColumnVector vector = vector(index);
    if (vector.getDataType() instanceof LongType) {
      int scale = ((DataType.DecimalType) typeOf(index)).scale();
      return BigDecimal.valueOf(vector.getLong(position(index))).setScale(scale);
    }
    return vector.getDecimal(position(index));
  }

  @Override
  public final String getString(int index) {
    ColumnVector vector = vector(index);
    if (vector.getDataType() instanceof StringType) {
      return vector.getString(position(index));
    }
    return new String(getUtf8(index), StandardCharsets.UTF_8);
  }

  @Override
  public final byte[] getUtf8(int index) {
    ColumnVector vector = vector(index);
    if (typeOf(index) == DataType.Primitive.VARIANT) {
      return variant(vector, position(index)).getBytes(StandardCharsets.UTF_8);
    }
    if (vector.getDataType() instanceof StringType) {
      return vector.getString(position(index)).getBytes(StandardCharsets.UTF_8);
    }
    return vector.getBinary(position(index));
  }

  /** Variants are decoded when they are asked for, so outside of what names file and table. */
  private static String variant(ColumnVector vector, int position) {
    try {
      return VariantJson.read(vector, position);
    } catch (UnsupportedVariantException e) {
      throw new TableReadException(
          Reason.UNSUPPORTED_FEATURE,
          "Cannot read a row: "
              + e.getMessage()
              + " Write such values in another type, leave the column out, or use a newer version"
              + " of this library.",
          e);
    }
  }

  @Override
  public final byte[] getBinary(int index) {
    return vector(index).getBinary(position(index));
  }

  @Override
  public final Row getStruct(int index) {
    return new StructRow((StructType) typeOf(index), vector(index), position(index));
  }

  @Override
  public final ArrayView getArray(int index) {
    ArrayValue array = vector(index).getArray(position(index));
    DataType elementType = ((DataType.ArrayType) typeOf(index)).elementType();
    return new ElementArray(array.getSize(), new Elements(elementType, array.getElements()));
  }

  @Override
  public final MapView getMap(int index) {
    MapValue map = vector(index).getMap(position(index));
    DataType.MapType type = (DataType.MapType) typeOf(index);
    return new EntryMap(
        map.getSize(),
        new Elements(type.keyType(), map.getKeys()),
        new Elements(type.valueType(), map.getValues()));
  }

  private record ElementArray(int size, Values elements) implements ArrayView {}

  private record EntryMap(int size, Values keys, Values values) implements MapView {}

  /** The elements of an array, the keys or the values of a map. */
  private static final class Elements extends VectorValues {
    private final DataType type;
    private final ColumnVector vector;

    Elements(DataType type, ColumnVector vector) {
      this.type = type;
      this.vector = vector;
    }

    @Override
    ColumnVector vector(int index) {
      return vector;
    }

    @Override
    int position(int index) {
      return index;
    }

    @Override
    DataType typeOf(int index) {
      return type;
    }
  }

  /** A struct. */
  private static final class StructRow extends VectorValues implements Row {
    private final StructType type;
    private final ColumnVector vector;
    private final int position;

    StructRow(StructType type, ColumnVector vector, int position) {
      this.type = type;
      this.vector = vector;
      this.position = position;
    }

    @Override
    public StructType type() {
      return type;
    }

    @Override
    ColumnVector vector(int index) {
      return vector.getChild(index);
    }

    @Override
    int position(int index) {
      return position;
    }

    @Override
    DataType typeOf(int index) {
      return type.column(index).type();
    }
  }
}
