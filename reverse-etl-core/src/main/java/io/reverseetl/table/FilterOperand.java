package io.reverseetl.table;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One side of a comparison, ready to be read from rows: a column, or a constant. */
abstract class FilterOperand {

  /** What values are compared as. */
  enum Kind {
    BOOLEAN,
    INTEGRAL,
    DECIMAL,
    FLOATING,
    TEXT,
    BINARY,
    DATE,
    TIME,
    /** Structs, arrays, maps, variants: not compared. */
    NONE
  }

  private final Kind kind;

  FilterOperand(Kind kind) {
    this.kind = kind;
  }

  final Kind kind() {
    return kind;
  }

  abstract boolean isNull(Row row);

  /** BOOLEAN (0 or 1), INTEGRAL, DATE (days), TIME (microseconds). */
  abstract long longValue(Row row);

  abstract double doubleValue(Row row);

  /** DECIMAL and INTEGRAL. */
  abstract BigDecimal decimalValue(Row row);

  /** TEXT and BINARY. */
  abstract byte[] bytesValue(Row row);

  static Kind kind(DataType type) {
    if (type instanceof DataType.DecimalType) {
      return Kind.DECIMAL;
    }
    if (!(type instanceof DataType.Primitive primitive)) {
      return Kind.NONE;
    }
    return switch (primitive) {
      case BOOLEAN -> Kind.BOOLEAN;
      case BYTE, SHORT, INTEGER, LONG -> Kind.INTEGRAL;
      case FLOAT, DOUBLE -> Kind.FLOATING;
      case STRING -> Kind.TEXT;
      case BINARY -> Kind.BINARY;
      case DATE -> Kind.DATE;
      case TIMESTAMP, TIMESTAMP_NTZ -> Kind.TIME;
      case VARIANT -> Kind.NONE;
    };
  }

  /** A column of the row, or a field of a struct in it. */
  static final class ColumnOperand extends FilterOperand {
    private final List<String> path;
    private final int[] ordinals;
    private final DataType type;

    ColumnOperand(List<String> path, int[] ordinals, DataType type) {
      super(kind(type));
      this.path = path;
      this.ordinals = ordinals;
      this.type = type;
    }

    List<String> path() {
      return path;
    }

    DataType type() {
      return type;
    }

    private int last() {
      return ordinals[ordinals.length - 1];
    }

    /** The row or struct that holds the value; null if a struct on the way is null. */
    private @Nullable Row holder(Row row) {
      Row holder = row;
      for (int i = 0; i < ordinals.length - 1; i++) {
        if (holder.isNull(ordinals[i])) {
          return null;
        }
        holder = holder.getStruct(ordinals[i]);
      }
      return holder;
    }

    private Row present(Row row) {
      Row holder = holder(row);
      if (holder == null) {
        throw new IllegalStateException("The value is null.");
      }
      return holder;
    }

    @Override
    boolean isNull(Row row) {
      Row holder = holder(row);
      return holder == null || holder.isNull(last());
    }

    @Override
    long longValue(Row row) {
      Row holder = present(row);
      return switch ((DataType.Primitive) type) {
        case BOOLEAN -> holder.getBoolean(last()) ? 1 : 0;
        case BYTE -> holder.getByte(last());
        case SHORT -> holder.getShort(last());
        case INTEGER, DATE -> holder.getInt(last());
        case LONG, TIMESTAMP, TIMESTAMP_NTZ -> holder.getLong(last());
        case FLOAT, DOUBLE, STRING, BINARY, VARIANT -> throw new IllegalStateException();
      };
    }

    @Override
    double doubleValue(Row row) {
      Row holder = present(row);
      return type == DataType.Primitive.FLOAT ? holder.getFloat(last()) : holder.getDouble(last());
    }

    @Override
    BigDecimal decimalValue(Row row) {
      return kind() == Kind.DECIMAL
          ? present(row).getDecimal(last())
          : BigDecimal.valueOf(longValue(row));
    }

    @Override
    byte[] bytesValue(Row row) {
      Row holder = present(row);
      return kind() == Kind.TEXT ? holder.getUtf8(last()) : holder.getBinary(last());
    }
  }

  /** A value that is the same for all rows; null for NULL. */
  static final class Constant extends FilterOperand {
    private final @Nullable Object value;
    private final long longValue;
    private final double doubleValue;
    private final byte[] bytes;

    /**
     * A constant.
     *
     * @param value a Boolean, Long, BigDecimal, Double, String, or byte[], as the kind has it
     */
    Constant(Kind kind, @Nullable Object value) {
      super(kind);
      this.value = value;
      this.longValue = value instanceof Boolean b ? (b ? 1 : 0) : value instanceof Long l ? l : 0;
      this.doubleValue = value instanceof Double d ? d : 0;
      this.bytes =
          value instanceof String s
              ? s.getBytes(StandardCharsets.UTF_8)
              : value instanceof byte[] b ? b : new byte[0];
    }

    @Nullable Object value() {
      return value;
    }

    @Override
    boolean isNull(Row row) {
      return value == null;
    }

    @Override
    long longValue(Row row) {
      return longValue;
    }

    @Override
    double doubleValue(Row row) {
      return doubleValue;
    }

    @Override
    BigDecimal decimalValue(Row row) {
      return value instanceof BigDecimal decimal ? decimal : BigDecimal.valueOf(longValue);
    }

    @Override
    byte[] bytesValue(Row row) {
      return bytes;
    }
  }
}
