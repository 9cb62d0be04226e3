package io.reverseetl.delta;

import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.defaults.internal.data.vector.DefaultBinaryVector;
import io.delta.kernel.defaults.internal.data.vector.DefaultBooleanVector;
import io.delta.kernel.defaults.internal.data.vector.DefaultDoubleVector;
import io.delta.kernel.defaults.internal.data.vector.DefaultFloatVector;
import io.delta.kernel.defaults.internal.data.vector.DefaultIntVector;
import io.delta.kernel.defaults.internal.data.vector.DefaultLongVector;
import io.delta.kernel.types.BinaryType;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.FloatType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.TimestampNTZType;
import io.delta.kernel.types.TimestampType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/**
 * A column with one value in each row, read value after value into an array: without assembling
 * records, and, where the file has a dictionary, converting each of its entries once. Does what
 * Kernel's converter for the same types does.
 */
abstract class FlatColumn extends PrimitiveConverter {
  private static final long JULIAN_DAY_OF_EPOCH = 2_440_588;
  private static final long MICROS_PER_DAY = 86_400_000_000L;
  private static final int INT96_BYTES = 12;

  private final DataType type;

  /** Where the next value goes. */
  int position;

  boolean[] nulls = new boolean[0];

  private FlatColumn(DataType type) {
    this.type = type;
  }

  /**
   * The column for a type.
   *
   * @param wanted the Kernel type to read
   * @param file the column of the file
   * @return null if records must be assembled, or Kernel's converter is needed
   */
  static @Nullable FlatColumn of(DataType wanted, Type file) {
    if (!file.isPrimitive() || file.isRepetition(Repetition.REPEATED)) {
      return null;
    }
    PrimitiveType type = file.asPrimitiveType();
    return switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> wanted instanceof BooleanType ? new Booleans(wanted) : null;
      case INT32 -> {
        if (wanted instanceof IntegerType || wanted instanceof DateType) {
          yield new Ints(wanted);
        }
        yield wanted instanceof LongType ? new Longs(wanted, Dictionary::decodeToInt) : null;
      }
      case INT64 ->
          wanted instanceof LongType || isMicros(wanted, type)
              ? new Longs(wanted, Dictionary::decodeToLong)
              : null;
      case INT96 ->
          isTimestamp(wanted)
              ? new Longs(wanted, (entries, id) -> micros(entries.decodeToBinary(id)))
              : null;
      case FLOAT -> wanted instanceof FloatType ? new Floats(wanted) : null;
      case DOUBLE -> wanted instanceof DoubleType ? new Doubles(wanted) : null;
      case BINARY -> wanted instanceof BinaryType ? new Binaries(wanted) : null;
      case FIXED_LEN_BYTE_ARRAY -> null;
    };
  }

  private static boolean isTimestamp(DataType wanted) {
    return wanted instanceof TimestampType || wanted instanceof TimestampNTZType;
  }

  private static boolean isMicros(DataType wanted, PrimitiveType file) {
    return isTimestamp(wanted)
        && file.getLogicalTypeAnnotation() instanceof TimestampLogicalTypeAnnotation timestamp
        && timestamp.getUnit() == TimeUnit.MICROS
        && timestamp.isAdjustedToUTC() == wanted instanceof TimestampType;
  }

  /** Makes room for the values of a batch. */
  final void begin(int size) {
    position = 0;
    nulls = new boolean[size];
    allocate(size);
  }

  /** Reads the next values. */
  final void read(ColumnReader values, int count, int definitionLevel) {
    int end = position + count;
    while (position < end) {
      if (values.getCurrentDefinitionLevel() == definitionLevel) {
        values.writeCurrentValueToConverter();
      } else {
        nulls[position] = true;
      }
      values.consume();
      position++;
    }
  }

  /** What was read since {@link #begin}. */
  final ColumnVector vector() {
    return vector(type, position, Optional.of(nulls));
  }

  abstract void allocate(int size);

  abstract ColumnVector vector(DataType type, int size, Optional<boolean[]> nulls);

  @Override
  public boolean hasDictionarySupport() {
    return true;
  }

  private static final class Booleans extends FlatColumn {
    private boolean[] values = new boolean[0];

    Booleans(DataType type) {
      super(type);
    }

    @Override
    void allocate(int size) {
      values = new boolean[size];
    }

    @Override
    public boolean hasDictionarySupport() {
      return false;
    }

    @Override
    public void addBoolean(boolean value) {
      values[position] = value;
    }

    @Override
    ColumnVector vector(DataType type, int size, Optional<boolean[]> nulls) {
      return new DefaultBooleanVector(size, nulls, values);
    }
  }

  private static final class Ints extends FlatColumn {
    private int[] values = new int[0];
    private int[] dictionary = new int[0];

    Ints(DataType type) {
      super(type);
    }

    @Override
    void allocate(int size) {
      values = new int[size];
    }

    @Override
    public void setDictionary(Dictionary entries) {
      dictionary = new int[entries.getMaxId() + 1];
      Arrays.setAll(dictionary, entries::decodeToInt);
    }

    @Override
    public void addValueFromDictionary(int id) {
      values[position] = dictionary[id];
    }

    @Override
    public void addInt(int value) {
      values[position] = value;
    }

    @Override
    ColumnVector vector(DataType type, int size, Optional<boolean[]> nulls) {
      return new DefaultIntVector(type, size, nulls, values);
    }
  }

  private static final class Longs extends FlatColumn {
    private final EntryAsLong decoder;
    private long[] values = new long[0];
    private long[] dictionary = new long[0];

    Longs(DataType type, EntryAsLong decoder) {
      super(type);
      this.decoder = decoder;
    }

    @Override
    void allocate(int size) {
      values = new long[size];
    }

    @Override
    public void setDictionary(Dictionary entries) {
      dictionary = new long[entries.getMaxId() + 1];
      Arrays.setAll(dictionary, id -> decoder.decode(entries, id));
    }

    @Override
    public void addValueFromDictionary(int id) {
      values[position] = dictionary[id];
    }

    @Override
    public void addInt(int value) {
      values[position] = value;
    }

    @Override
    public void addLong(long value) {
      values[position] = value;
    }

    @Override
    public void addBinary(Binary value) {
      values[position] = micros(value);
    }

    @Override
    ColumnVector vector(DataType type, int size, Optional<boolean[]> nulls) {
      return new DefaultLongVector(type, size, nulls, values);
    }
  }

  /** An entry of a dictionary as a long. */
  private interface EntryAsLong {
    long decode(Dictionary entries, int id);
  }

  /** INT96: nanoseconds of the day, then the Julian day, without rebasing, as Kernel reads it. */
  private static long micros(Binary value) {
    if (value.length() != INT96_BYTES) {
      throw new ParquetDecodingException(
          "A timestamp of type INT96 has 12 bytes, not " + value.length() + ".");
    }
    ByteBuffer bytes = value.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    long nanosOfDay = bytes.getLong();
    int julianDay = bytes.getInt();
    return (julianDay - JULIAN_DAY_OF_EPOCH) * MICROS_PER_DAY + nanosOfDay / 1_000;
  }

  private static final class Floats extends FlatColumn {
    private float[] values = new float[0];
    private float[] dictionary = new float[0];

    Floats(DataType type) {
      super(type);
    }

    @Override
    void allocate(int size) {
      values = new float[size];
    }

    @Override
    public void setDictionary(Dictionary entries) {
      dictionary = new float[entries.getMaxId() + 1];
      for (int id = 0; id < dictionary.length; id++) {
        dictionary[id] = entries.decodeToFloat(id);
      }
    }

    @Override
    public void addValueFromDictionary(int id) {
      values[position] = dictionary[id];
    }

    @Override
    public void addFloat(float value) {
      values[position] = value;
    }

    @Override
    ColumnVector vector(DataType type, int size, Optional<boolean[]> nulls) {
      return new DefaultFloatVector(size, nulls, values);
    }
  }

  private static final class Doubles extends FlatColumn {
    private double[] values = new double[0];
    private double[] dictionary = new double[0];

    Doubles(DataType type) {
      super(type);
    }

    @Override
    void allocate(int size) {
      values = new double[size];
    }

    @Override
    public void setDictionary(Dictionary entries) {
      dictionary = new double[entries.getMaxId() + 1];
      Arrays.setAll(dictionary, entries::decodeToDouble);
    }

    @Override
    public void addValueFromDictionary(int id) {
      values[position] = dictionary[id];
    }

    @Override
    public void addDouble(double value) {
      values[position] = value;
    }

    @Override
    ColumnVector vector(DataType type, int size, Optional<boolean[]> nulls) {
      return new DefaultDoubleVector(size, nulls, values);
    }
  }

  /** Rows share the bytes of a dictionary's entry: nobody may change them. */
  private static final class Binaries extends FlatColumn {
    private byte[][] values = new byte[0][];
    private byte[][] dictionary = new byte[0][];

    Binaries(DataType type) {
      super(type);
    }

    @Override
    void allocate(int size) {
      values = new byte[size][];
    }

    @Override
    public void setDictionary(Dictionary entries) {
      dictionary = new byte[entries.getMaxId() + 1][];
      Arrays.setAll(dictionary, id -> entries.decodeToBinary(id).getBytes());
    }

    @Override
    public void addValueFromDictionary(int id) {
      values[position] = dictionary[id];
    }

    @Override
    public void addBinary(Binary value) {
      values[position] = value.getBytes();
    }

    @Override
    ColumnVector vector(DataType type, int size, Optional<boolean[]> nulls) {
      return new DefaultBinaryVector(type, size, values);
    }
  }
}
