package io.reverseetl.table;

/**
 * The type of a column, an array element, a map key or a map value.
 *
 * <p>The set is closed and covers every type that a Delta table can hold; see {@code
 * docs/type-mapping.md} for the JSON form of each.
 */
public sealed interface DataType
    permits DataType.Primitive,
        DataType.DecimalType,
        DataType.ArrayType,
        DataType.MapType,
        StructType {

  /** The types without parameters. */
  enum Primitive implements DataType {
    /** {@code true} or {@code false}. */
    BOOLEAN,
    /** A signed 8-bit integer. */
    BYTE,
    /** A signed 16-bit integer. */
    SHORT,
    /** A signed 32-bit integer. */
    INTEGER,
    /** A signed 64-bit integer. */
    LONG,
    /** An IEEE-754 32-bit number. */
    FLOAT,
    /** An IEEE-754 64-bit number. */
    DOUBLE,
    /** Unicode text. */
    STRING,
    /** Bytes. */
    BINARY,
    /** A day of the proleptic Gregorian calendar, without a zone. */
    DATE,
    /** An instant with microseconds. */
    TIMESTAMP,
    /** A local date and time with microseconds, without a zone. */
    TIMESTAMP_NTZ,
    /** A semi-structured value; read as JSON text. */
    VARIANT
  }

  /**
   * A decimal number.
   *
   * @param precision the number of digits, 1 to 38
   * @param scale the digits after the point, 0 to {@code precision}
   */
  record DecimalType(int precision, int scale) implements DataType {
    @Override
    public String toString() {
      return "DECIMAL(" + precision + "," + scale + ")";
    }
  }

  /**
   * A list of elements of one type.
   *
   * @param elementType the type of each element
   * @param containsNull whether an element may be null
   */
  record ArrayType(DataType elementType, boolean containsNull) implements DataType {
    @Override
    public String toString() {
      return "ARRAY<" + elementType + ">";
    }
  }

  /**
   * A map. Keys are never null.
   *
   * @param keyType the type of each key
   * @param valueType the type of each value
   * @param valueContainsNull whether a value may be null
   */
  record MapType(DataType keyType, DataType valueType, boolean valueContainsNull)
      implements DataType {
    @Override
    public String toString() {
      return "MAP<" + keyType + "," + valueType + ">";
    }
  }
}
