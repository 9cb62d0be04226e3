package io.reverseetl.mapping;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonGenerator;
import io.reverseetl.document.DoubleExactness;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.Values;
import java.io.IOException;
import java.math.BigDecimal;

/** The writers of values that hold no others. */
final class ScalarWriters {
  private ScalarWriters() {}

  static ValueWriter of(Primitive type, ColumnPath path, Formats formats) {
    String column = path.toString();
    return switch (type) {
      case BOOLEAN -> new BooleanWriter();
      case BYTE, SHORT, INTEGER -> new IntegerWriter(type);
      case LONG -> new LongWriter(formats.longs().at(path), column);
      case FLOAT -> new FloatWriter(formats.nonFinite().at(path), column);
      case DOUBLE -> new DoubleWriter(formats.nonFinite().at(path), column);
      case STRING -> new StringWriter(column);
      case BINARY -> new BinaryWriter();
      case DATE ->
          formats.dates().at(path) == DateFormat.ISO
              ? new IsoDateWriter()
              : new IntegerWriter(Primitive.INTEGER);
      case TIMESTAMP ->
          switch (formats.timestamps().at(path)) {
            case ISO -> new IsoTimestampWriter(true);
            case EPOCH_MILLIS -> new EpochWriter(1_000, column);
            case EPOCH_MICROS -> new EpochWriter(1, column);
          };
      case TIMESTAMP_NTZ -> new IsoTimestampWriter(false);
      case VARIANT ->
          new VariantWriter(formats.longs().at(path), formats.decimals().at(path), column);
    };
  }

  private static final class BooleanWriter extends ValueWriter {
    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      out.writeBoolean(values.getBoolean(index));
    }
  }

  private static final class IntegerWriter extends ValueWriter {
    private final Primitive type;

    IntegerWriter(Primitive type) {
      this.type = type;
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      out.writeNumber(
          type == Primitive.INTEGER
              ? values.getInt(index)
              : type == Primitive.SHORT ? values.getShort(index) : values.getByte(index));
    }
  }

  private static final class LongWriter extends ValueWriter {
    private final LongFormat format;
    private final String column;

    LongWriter(LongFormat format, String column) {
      this.format = format;
      this.column = column;
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      long value = values.getLong(index);
      if (format == LongFormat.STRING) {
        out.writeString(Long.toString(value));
      } else if (DoubleExactness.isExact(value)) {
        out.writeNumber(value);
      } else if (format == LongFormat.NUMBER_LOSSY) {
        // What Cosmos DB would make of it, so that a preview shows what will be stored.
        out.writeNumber((double) value);
      } else {
        throw inexact(column);
      }
    }
  }

  static MappingException inexact(String column) {
    return new MappingException(
        column,
        "\""
            + column
            + "\" holds an integer beyond 2^53 that Cosmos DB, which keeps doubles, would round. Map"
            + " the column as text (LongFormat.STRING), or allow rounding"
            + " (LongFormat.NUMBER_LOSSY).");
  }

  private static final class EpochWriter extends ValueWriter {
    private final long microsPerUnit;
    private final String column;

    EpochWriter(long microsPerUnit, String column) {
      this.microsPerUnit = microsPerUnit;
      this.column = column;
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      out.writeNumber(epoch(values.getLong(index), microsPerUnit, column));
    }
  }

  /** Microseconds in a larger unit, rounded down; fails if a double does not hold the number. */
  static long epoch(long micros, long microsPerUnit, String column) {
    long units = Math.floorDiv(micros, microsPerUnit);
    if (!DoubleExactness.isExact(units)) {
      throw new MappingException(
          column,
          "\""
              + column
              + "\" holds a timestamp so far from 1970 that Cosmos DB, which keeps doubles, would"
              + " round its number. Map the column as text (TimestampFormat.ISO).");
    }
    return units;
  }

  private static final class FloatWriter extends ValueWriter {
    private final NonFiniteFormat format;
    private final String column;

    FloatWriter(NonFiniteFormat format, String column) {
      this.format = format;
      this.column = column;
    }

    @Override
    boolean isNull(Values values, int index) {
      return values.isNull(index)
          || (format == NonFiniteFormat.NULL && !Float.isFinite(values.getFloat(index)));
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      float value = values.getFloat(index);
      if (Float.isFinite(value)) {
        out.writeNumber(value);
      } else {
        writeNonFinite(Float.toString(value), format, column, out);
      }
    }
  }

  private static final class DoubleWriter extends ValueWriter {
    private final NonFiniteFormat format;
    private final String column;

    DoubleWriter(NonFiniteFormat format, String column) {
      this.format = format;
      this.column = column;
    }

    @Override
    boolean isNull(Values values, int index) {
      return values.isNull(index)
          || (format == NonFiniteFormat.NULL && !Double.isFinite(values.getDouble(index)));
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      double value = values.getDouble(index);
      if (Double.isFinite(value)) {
        out.writeNumber(value);
      } else {
        writeNonFinite(Double.toString(value), format, column, out);
      }
    }
  }

  private static void writeNonFinite(
      String name, NonFiniteFormat format, String column, JsonGenerator out) throws IOException {
    if (format != NonFiniteFormat.STRING) {
      throw new MappingException(
          column,
          "\""
              + column
              + "\" is NaN or infinite, which JSON cannot hold. Map such values to null"
              + " (NonFiniteFormat.NULL) or to text (NonFiniteFormat.STRING).");
    }
    out.writeString(name);
  }

  static final class DecimalWriter extends ValueWriter {
    private final DecimalFormat format;
    private final String column;

    DecimalWriter(DecimalFormat format, String column) {
      this.format = format;
      this.column = column;
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      BigDecimal value = values.getDecimal(index);
      if (format == DecimalFormat.STRING) {
        out.writeString(value.toPlainString());
      } else if (DoubleExactness.isExact(value)) {
        out.writeNumber(value);
      } else if (format == DecimalFormat.NUMBER_LOSSY) {
        out.writeNumber(value.doubleValue());
      } else {
        throw new MappingException(
            column,
            "\""
                + column
                + "\" holds a decimal with more digits than Cosmos DB, which keeps doubles, can"
                + " give back. Map the column as text (DecimalFormat.STRING), or allow rounding"
                + " (DecimalFormat.NUMBER_LOSSY).");
      }
    }
  }

  private static final class StringWriter extends ValueWriter {
    private final String column;

    StringWriter(String column) {
      this.column = column;
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      byte[] utf8 = Utf8.of(values, index, column);
      out.writeUTF8String(utf8, 0, utf8.length);
    }
  }

  private static final class BinaryWriter extends ValueWriter {
    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      byte[] bytes = values.getBinary(index);
      out.writeBinary(Base64Variants.MIME_NO_LINEFEEDS, bytes, 0, bytes.length);
    }
  }

  private static final class IsoDateWriter extends ValueWriter {
    private final byte[] buffer = new byte[IsoText.MAX_LENGTH];

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      out.writeRawUTF8String(buffer, 0, IsoText.putDate(buffer, values.getInt(index)));
    }
  }

  private static final class IsoTimestampWriter extends ValueWriter {
    private final byte[] buffer = new byte[IsoText.MAX_LENGTH];
    private final boolean utc;

    IsoTimestampWriter(boolean utc) {
      this.utc = utc;
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      int length = IsoText.putTimestamp(buffer, values.getLong(index), utc);
      out.writeRawUTF8String(buffer, 0, length);
    }
  }
}
