package io.reverseetl.reduce;

import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.Row;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A value of the column that says which of several rows of one document is the newest. */
public sealed interface OrderValue {

  /** Compares values of one column; null comes before every value. */
  static int compare(@Nullable OrderValue a, @Nullable OrderValue b) {
    if (a == null || b == null) {
      return a == b ? 0 : a == null ? -1 : 1;
    }
    if (a instanceof Numeric x && b instanceof Numeric y) {
      return x.value().compareTo(y.value());
    }
    if (a instanceof Floating x && b instanceof Floating y) {
      return Double.compare(x.value(), y.value());
    }
    if (a instanceof Text x && b instanceof Text y) {
      return x.value().compareTo(y.value());
    }
    throw new IllegalStateException("The values of a column are of one kind.");
  }

  record Numeric(BigDecimal value) implements OrderValue {}

  record Floating(double value) implements OrderValue {}

  record Text(String value) implements OrderValue {}

  static @Nullable OrderValue of(Row row, int column) {
    if (row.isNull(column)) {
      return null;
    }
    DataType type = row.type().column(column).type();
    if (type instanceof DataType.DecimalType) {
      return new Numeric(row.getDecimal(column));
    }
    if (type instanceof Primitive primitive) {
      switch (primitive) {
        case BYTE:
          return new Numeric(BigDecimal.valueOf(row.getByte(column)));
        case SHORT:
          return new Numeric(BigDecimal.valueOf(row.getShort(column)));
        case INTEGER, DATE:
          return new Numeric(BigDecimal.valueOf(row.getInt(column)));
        case LONG, TIMESTAMP, TIMESTAMP_NTZ:
          return new Numeric(BigDecimal.valueOf(row.getLong(column)));
        case FLOAT:
          return new Floating(row.getFloat(column));
        case DOUBLE:
          return new Floating(row.getDouble(column));
        case STRING:
          return new Text(row.getString(column));
        default:
          break;
      }
    }
    throw new ConfigurationException(
        "Rows cannot be ordered by column \""
            + row.type().column(column).name()
            + "\" of type "
            + type
            + ". Name a column of numbers, text, dates or timestamps.");
  }

  static void write(@Nullable OrderValue value, DataOutput out) throws IOException {
    if (value == null) {
      out.writeByte(0);
    } else if (value instanceof Numeric number) {
      out.writeByte(1);
      out.writeInt(number.value().scale());
      KeyCodec.writeBytes(number.value().unscaledValue().toByteArray(), out);
    } else if (value instanceof Floating floating) {
      out.writeByte(2);
      out.writeDouble(floating.value());
    } else if (value instanceof Text text) {
      out.writeByte(3);
      KeyCodec.writeBytes(text.value().getBytes(StandardCharsets.UTF_8), out);
    }
  }

  static @Nullable OrderValue read(DataInput in) throws IOException {
    byte kind = in.readByte();
    switch (kind) {
      case 0:
        return null;
      case 1:
        int scale = in.readInt();
        return new Numeric(new BigDecimal(new BigInteger(KeyCodec.readBytes(in)), scale));
      case 2:
        return new Floating(in.readDouble());
      default:
        return new Text(new String(KeyCodec.readBytes(in), StandardCharsets.UTF_8));
    }
  }
}
