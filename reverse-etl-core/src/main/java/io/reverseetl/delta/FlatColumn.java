package io.reverseetl.delta;

import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.defaults.internal.data.vector.DefaultBinaryVector;
import io.delta.kernel.defaults.internal.data.vector.DefaultBooleanVector;
import io.delta.kernel.defaults.internal.data.vector.DefaultDecimalVector;
import io.delta.kernel.defaults.internal.data.vector.DefaultDoubleVector;
import io.delta.kernel.defaults.internal.data.vector.DefaultFloatVector;
import io.delta.kernel.defaults.internal.data.vector.DefaultIntVector;
import io.delta.kernel.defaults.internal.data.vector.DefaultLongVector;
import io.delta.kernel.types.BinaryType;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.DecimalType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.FloatType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.TimestampNTZType;
import io.delta.kernel.types.TimestampType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.column.values.dictionary.PlainValuesDictionary.PlainIntegerDictionary;
import org.apache.parquet.column.values.dictionary.PlainValuesDictionary.PlainLongDictionary;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/**
 * A column with one value in each row, read value after value into an array: without assembling
 * records, and, where the file has a dictionary, converting each of its entries once. Does what
 * Kernel's converter for the same types does.
 */
abstract class FlatColumn extends PrimitiveConverter implements FlatNode, FlatLeaf {
  private static final long JULIAN_DAY_OF_EPOCH = 2_440_588;
  private static final long MICROS_PER_DAY = 86_400_000_000L;
  private static final int INT96_BYTES = 12;

  private final DataType type;

  /** The definition level of a value that is there. */
  private int level;

  /** The structs around this column of which it knows whether they are null. */
  private List<FlatStruct> structs = List.of();

  /** Where the next value goes. */
  int position;

  private boolean[] nulls = new boolean[0];

  private FlatColumn(DataType type) {
    this.type = type;
  }

  /**
   * The column for a type.
   *
   * @param wanted the Kernel type to read
   * @param file the column of the file, not a repeated one
   * @return null if Kernel's converter is needed
   */
  static @Nullable FlatColumn of(DataType wanted, PrimitiveType file) {
    if (wanted instanceof DecimalType decimal) {
      return isStoredAs(decimal, file) ? new Decimals(decimal) : null;
    }
    return switch (file.getPrimitiveTypeName()) {
      case BOOLEAN -> wanted instanceof BooleanType ? new Booleans(wanted) : null;
      case INT32 -> {
        if (wanted instanceof IntegerType || wanted instanceof DateType) {
          yield new Ints(wanted);
        }
        yield wanted instanceof LongType ? new Longs(wanted, Dictionary::decodeToInt) : null;
      }
      case INT64 ->
          wanted instanceof LongType || isMicros(wanted, file)
              ? new Longs(wanted, Dictionary::decodeToLong)
              : null;
      case INT96 ->
          isTimestamp(wanted)
              ? new Longs(wanted, (entries, id) -> micros(entries.decodeToBinary(id)))
              : null;
      case FLOAT -> wanted instanceof FloatType ? new Floats(wanted) : null;
      case DOUBLE -> wanted instanceof DoubleType ? new Doubles(wanted) : null;
      case BINARY ->
          wanted instanceof BinaryType || wanted instanceof StringType
              ? new Binaries(wanted)
              : null;
      case FIXED_LEN_BYTE_ARRAY -> null;
    };
  }

  private static boolean isStoredAs(DecimalType wanted, PrimitiveType file) {
    return file.getLogicalTypeAnnotation() instanceof DecimalLogicalTypeAnnotation stored
        && stored.getScale() == wanted.getScale()
        && stored.getPrecision() <= wanted.getPrecision();
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

  /** Says where in the file's schema the column is. */
  final void place(int definitionLevel, List<FlatStruct> knownStructs) {
    level = definitionLevel;
    structs = knownStructs;
  }

  @Override
  public final void begin(int size) {
    position = 0;
    nulls = new boolean[size];
    resize(0);
    resize(size);
  }

  @Override
  public final PrimitiveConverter converter() {
    return this;
  }

  @Override
  public final long read(ColumnReader values, int rows) {
    int end = position + rows;
    while (position < end) {
      for (int i = 0; i < structs.size(); i++) {
        structs.get(i).told(position, values.getCurrentDefinitionLevel());
      }
      take(values);
    }
    return rows;
  }

  /** Reads one value. */
  final void take(ColumnReader values) {
    if (position == nulls.length) {
      int size = Math.max(16, 2 * position);
      nulls = Arrays.copyOf(nulls, size);
      resize(size);
    }
    if (values.getCurrentDefinitionLevel() == level) {
      values.writeCurrentValueToConverter();
    } else {
      nulls[position] = true;
    }
    values.consume();
    position++;
  }

  @Override
  public final ColumnVector vector() {
    return vector(type, position, Optional.of(nulls));
  }

  /** Makes room for so many values, and keeps those that are there. */
  abstract void resize(int size);

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
    void resize(int size) {
      values = Arrays.copyOf(values, size);
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
    void resize(int size) {
      values = Arrays.copyOf(values, size);
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
    void resize(int size) {
      values = Arrays.copyOf(values, size);
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
    void resize(int size) {
      values = Arrays.copyOf(values, size);
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
    void resize(int size) {
      values = Arrays.copyOf(values, size);
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
    void resize(int size) {
      values = Arrays.copyOf(values, size);
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

  private static final class Decimals extends FlatColumn {
    private final int scale;
    private BigDecimal[] values = new BigDecimal[0];
    private BigDecimal[] dictionary = new BigDecimal[0];

    Decimals(DecimalType type) {
      super(type);
      this.scale = type.getScale();
    }

    @Override
    void resize(int size) {
      values = Arrays.copyOf(values, size);
    }

    @Override
    public void setDictionary(Dictionary entries) {
      dictionary = new BigDecimal[entries.getMaxId() + 1];
      for (int id = 0; id < dictionary.length; id++) {
        dictionary[id] = decode(entries, id);
      }
    }

    /** A dictionary gives its entries as the type that they are stored in, and as no other. */
    private BigDecimal decode(Dictionary entries, int id) {
      if (entries instanceof PlainIntegerDictionary) {
        return BigDecimal.valueOf(entries.decodeToInt(id), scale);
      }
      return entries instanceof PlainLongDictionary
          ? BigDecimal.valueOf(entries.decodeToLong(id), scale)
          : decimal(entries.decodeToBinary(id));
    }

    private BigDecimal decimal(Binary value) {
      return new BigDecimal(new BigInteger(value.getBytesUnsafe()), scale);
    }

    @Override
    public void addValueFromDictionary(int id) {
      values[position] = dictionary[id];
    }

    @Override
    public void addInt(int value) {
      values[position] = BigDecimal.valueOf(value, scale);
    }

    @Override
    public void addLong(long value) {
      values[position] = BigDecimal.valueOf(value, scale);
    }

    @Override
    public void addBinary(Binary value) {
      values[position] = decimal(value);
    }

    @Override
    ColumnVector vector(DataType type, int size, Optional<boolean[]> nulls) {
      return new DefaultDecimalVector(type, size, values);
    }
  }
}
