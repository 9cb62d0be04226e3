package io.reverseetl.delta;

import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.types.DataType;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** The same value at every position: a partition column. */
final class ConstantVector implements ColumnVector {
  private final DataType type;
  private final @Nullable Object value;

  /** The value is a boxed primitive (days for a date, microseconds for timestamps), or as is. */
  ConstantVector(DataType type, @Nullable Object value) {
    this.type = type;
    this.value = value;
  }

  @Override
  public DataType getDataType() {
    return type;
  }

  @Override
  public int getSize() {
    return Integer.MAX_VALUE;
  }

  @Override
  public void close() {}

  @Override
  public boolean isNullAt(int position) {
    return value == null;
  }

  private Number number() {
    return (Number) present();
  }

  private Object present() {
    if (value == null) {
      throw new UnsupportedOperationException("The value is null.");
    }
    return value;
  }

  @Override
  public boolean getBoolean(int position) {
    return (Boolean) present();
  }

  @Override
  public byte getByte(int position) {
    return number().byteValue();
  }

  @Override
  public short getShort(int position) {
    return number().shortValue();
  }

  @Override
  public int getInt(int position) {
    return number().intValue();
  }

  @Override
  public long getLong(int position) {
    return number().longValue();
  }

  @Override
  public float getFloat(int position) {
    return number().floatValue();
  }

  @Override
  public double getDouble(int position) {
    return number().doubleValue();
  }

  @Override
  public BigDecimal getDecimal(int position) {
    return (BigDecimal) present();
  }

  @Override
  public String getString(int position) {
    return (String) present();
  }

  @Override
  public byte[] getBinary(int position) {
    return (byte[]) present();
  }
}
