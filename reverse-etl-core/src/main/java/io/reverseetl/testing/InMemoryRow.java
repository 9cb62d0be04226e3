package io.reverseetl.testing;

import io.reverseetl.table.ArrayView;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType;
import io.reverseetl.table.MapView;
import io.reverseetl.table.Row;
import io.reverseetl.table.StructType;
import io.reverseetl.table.Values;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A row of plain Java values, for tests. Unlike a source's row it is no view: it stays valid.
 *
 * <p>Values by column type: BOOLEAN {@link Boolean}; BYTE, SHORT, INTEGER and LONG any integral
 * {@link Number} in range; FLOAT {@link Float}; DOUBLE {@link Double} or {@link Float}; DECIMAL
 * {@link BigDecimal}; STRING and VARIANT (JSON text) {@link String}; BINARY {@code byte[]}; DATE
 * {@link LocalDate}; TIMESTAMP {@link Instant}; TIMESTAMP_NTZ {@link LocalDateTime}; arrays {@link
 * List}; maps {@link Map}; structs {@link InMemoryRow} or a {@link List} of the fields' values. Any
 * may be null where the column is nullable.
 *
 * <p>Immutable as long as nobody changes the arrays given, and thread-safe. Rows are equal when
 * type and values are.
 */
public final class InMemoryRow implements Row {
  private final StructType type;
  private final List<@Nullable Object> values;

  private InMemoryRow(StructType type, List<@Nullable Object> values) {
    this.type = type;
    this.values = values;
  }

  /**
   * A row.
   *
   * @param type the columns
   * @param values a value for each column, in order
   * @return the row
   * @throws IllegalArgumentException if there are too many or too few values, or one does not fit
   *     its column
   */
  public static InMemoryRow of(StructType type, @Nullable Object... values) {
    if (values.length != type.size()) {
      throw new IllegalArgumentException(
          "The row has " + type.size() + " columns, but " + values.length + " values were given.");
    }
    List<@Nullable Object> stored = new ArrayList<>(values.length);
    for (int i = 0; i < values.length; i++) {
      Column column = type.column(i);
      Object value = values[i];
      if (value == null && !column.nullable()) {
        throw new IllegalArgumentException("Column \"" + column.name() + "\" is never null.");
      }
      stored.add(stored(value, column.type(), column.name()));
    }
    return new InMemoryRow(type, Collections.unmodifiableList(stored));
  }

  /** Keeps values as the getters give them: integers in their class, times as numbers. */
  private static @Nullable Object stored(@Nullable Object value, DataType type, String column) {
    if (value == null) {
      return null;
    }
    try {
      if (type instanceof DataType.Primitive primitive) {
        return primitive(value, primitive);
      } else if (type instanceof DataType.DecimalType decimal) {
        return ((BigDecimal) value).setScale(decimal.scale(), RoundingMode.UNNECESSARY);
      } else if (type instanceof DataType.ArrayType array) {
        List<@Nullable Object> elements = new ArrayList<>();
        for (Object element : (List<?>) value) {
          elements.add(stored(element, array.elementType(), column));
        }
        return elements;
      } else if (type instanceof DataType.MapType map) {
        List<@Nullable Object> keys = new ArrayList<>();
        List<@Nullable Object> mapped = new ArrayList<>();
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
          keys.add(stored(entry.getKey(), map.keyType(), column));
          mapped.add(stored(entry.getValue(), map.valueType(), column));
        }
        return List.of(keys, mapped);
      } else if (value instanceof InMemoryRow row) {
        return of((StructType) type, row.values.toArray());
      }
      return of((StructType) type, ((List<?>) value).toArray());
    } catch (ClassCastException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "Column \""
              + column
              + "\" is "
              + type
              + ", which a "
              + value.getClass().getSimpleName()
              + " of this value does not fit.",
          e);
    }
  }

  private static Object primitive(Object value, DataType.Primitive type) {
    return switch (type) {
      case BOOLEAN -> (Boolean) value;
      case BYTE -> {
        long number = integral(value);
        if (number != (byte) number) {
          throw new ArithmeticException("out of range");
        }
        yield (byte) number;
      }
      case SHORT -> {
        long number = integral(value);
        if (number != (short) number) {
          throw new ArithmeticException("out of range");
        }
        yield (short) number;
      }
      case INTEGER -> Math.toIntExact(integral(value));
      case LONG -> integral(value);
      case FLOAT -> (Float) value;
      case DOUBLE -> value instanceof Float f ? Double.valueOf(f) : (Double) value;
      case STRING, VARIANT -> (String) value;
      case BINARY -> ByteBuffer.wrap((byte[]) value);
      case DATE -> Math.toIntExact(((LocalDate) value).toEpochDay());
      case TIMESTAMP -> micros((Instant) value);
      case TIMESTAMP_NTZ -> micros(((LocalDateTime) value).toInstant(ZoneOffset.UTC));
    };
  }

  private static long micros(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000);
  }

  private static long integral(Object value) {
    if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    throw new ClassCastException(value.getClass() + " is not integral");
  }

  @Override
  public StructType type() {
    return type;
  }

  /** This row with some of its columns. */
  InMemoryRow select(StructType schema, int[] ordinals) {
    List<@Nullable Object> selected = new ArrayList<>(ordinals.length);
    for (int ordinal : ordinals) {
      selected.add(values.get(ordinal));
    }
    return new InMemoryRow(schema, Collections.unmodifiableList(selected));
  }

  private Values view() {
    return new ListValues(values);
  }

  @Override
  public boolean isNull(int index) {
    return values.get(index) == null;
  }

  @Override
  public boolean getBoolean(int index) {
    return view().getBoolean(index);
  }

  @Override
  public byte getByte(int index) {
    return view().getByte(index);
  }

  @Override
  public short getShort(int index) {
    return view().getShort(index);
  }

  @Override
  public int getInt(int index) {
    return view().getInt(index);
  }

  @Override
  public long getLong(int index) {
    return view().getLong(index);
  }

  @Override
  public float getFloat(int index) {
    return view().getFloat(index);
  }

  @Override
  public double getDouble(int index) {
    return view().getDouble(index);
  }

  @Override
  public BigDecimal getDecimal(int index) {
    return view().getDecimal(index);
  }

  @Override
  public String getString(int index) {
    return view().getString(index);
  }

  @Override
  public byte[] getBinary(int index) {
    return view().getBinary(index);
  }

  @Override
  public Row getStruct(int index) {
    return view().getStruct(index);
  }

  @Override
  public ArrayView getArray(int index) {
    return view().getArray(index);
  }

  @Override
  public MapView getMap(int index) {
    return view().getMap(index);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof InMemoryRow that
        && type.equals(that.type)
        && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return 31 * type.hashCode() + values.hashCode();
  }

  @Override
  public String toString() {
    return "InMemoryRow" + values;
  }

  /** The getters over stored values. */
  private record ListValues(List<@Nullable Object> values) implements Values {

    @SuppressWarnings({
      "unchecked",
      "TypeParameterUnusedInFormals"
    }) // a wrong class shows as the ClassCastException of the contract
    private <T> T value(int index) {
      return (T) Objects.requireNonNull(values.get(index), "The value is null.");
    }

    @Override
    public boolean isNull(int index) {
      return values.get(index) == null;
    }

    @Override
    public boolean getBoolean(int index) {
      return this.<Boolean>value(index);
    }

    @Override
    public byte getByte(int index) {
      return this.<Byte>value(index);
    }

    @Override
    public short getShort(int index) {
      return this.<Short>value(index);
    }

    @Override
    public int getInt(int index) {
      return this.<Integer>value(index);
    }

    @Override
    public long getLong(int index) {
      return this.<Long>value(index);
    }

    @Override
    public float getFloat(int index) {
      return this.<Float>value(index);
    }

    @Override
    public double getDouble(int index) {
      return this.<Double>value(index);
    }

    @Override
    public BigDecimal getDecimal(int index) {
      return value(index);
    }

    @Override
    public String getString(int index) {
      return value(index);
    }

    @Override
    public byte[] getBinary(int index) {
      ByteBuffer bytes = value(index);
      byte[] copy = new byte[bytes.capacity()];
      bytes.get(0, copy);
      return copy;
    }

    @Override
    public Row getStruct(int index) {
      return this.<InMemoryRow>value(index);
    }

    @Override
    public ArrayView getArray(int index) {
      List<@Nullable Object> elements = value(index);
      return new ArrayView() {
        @Override
        public int size() {
          return elements.size();
        }

        @Override
        public Values elements() {
          return new ListValues(elements);
        }
      };
    }

    @Override
    public MapView getMap(int index) {
      List<List<@Nullable Object>> keysAndValues = value(index);
      return new MapView() {
        @Override
        public int size() {
          return keysAndValues.get(0).size();
        }

        @Override
        public Values keys() {
          return new ListValues(keysAndValues.get(0));
        }

        @Override
        public Values values() {
          return new ListValues(keysAndValues.get(1));
        }
      };
    }
  }
}
