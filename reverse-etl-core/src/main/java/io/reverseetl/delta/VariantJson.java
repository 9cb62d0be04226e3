package io.reverseetl.delta;

import io.delta.kernel.data.ArrayValue;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.BinaryType;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.DecimalType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.FloatType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampType;
import io.reverseetl.delta.Shredding.UnsupportedVariantException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Base64;
import java.util.Locale;
import org.apache.parquet.variant.Variant;
import org.jspecify.annotations.Nullable;

/**
 * The JSON text of variants, as Spark writes it: dates and timestamps as strings, binary as base64,
 * not finite numbers as strings. Reads unshredded and shredded variants.
 */
final class VariantJson {
  private static final DateTimeFormatter LOCAL =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendLiteral(' ')
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .toFormatter(Locale.ROOT);
  private static final DateTimeFormatter ZONED =
      new DateTimeFormatterBuilder()
          .append(LOCAL)
          .appendOffset("+HH:MM", "+00:00")
          .toFormatter(Locale.ROOT);
  private static final long NANOS = 1_000_000_000L;

  private final StringBuilder out = new StringBuilder();
  private final ByteBuffer metadata;

  private VariantJson(ByteBuffer metadata) {
    this.metadata = metadata;
  }

  /** The text of the variant at a position of a vector that has the shape of {@link Shredding}. */
  static String read(ColumnVector variant, int position) {
    byte[] metadata = variant.getChild(field(variant, Shredding.METADATA)).getBinary(position);
    VariantJson json = new VariantJson(ByteBuffer.wrap(metadata));
    json.part(variant, position);
    return json.out.toString();
  }

  private static int field(ColumnVector struct, String name) {
    return ((StructType) struct.getDataType()).indexOf(name);
  }

  private static @Nullable ColumnVector child(ColumnVector struct, String name) {
    int index = field(struct, name);
    return index < 0 ? null : struct.getChild(index);
  }

  /** A value that lies in {@code value}, in {@code typed_value}, or in both. */
  private void part(ColumnVector part, int position) {
    ColumnVector value = child(part, Shredding.VALUE);
    ColumnVector typed = child(part, Shredding.TYPED_VALUE);
    ByteBuffer rest =
        value == null || value.isNullAt(position)
            ? null
            : ByteBuffer.wrap(value.getBinary(position));
    if (typed != null && !typed.isNullAt(position)) {
      if (typed.getDataType() instanceof StructType fields) {
        object(fields, typed, position, rest);
      } else {
        typed(typed, position);
      }
    } else if (rest != null) {
      value(new Variant(rest, metadata));
    } else {
      out.append("null");
    }
  }

  private void object(
      StructType fields, ColumnVector typed, int position, @Nullable ByteBuffer rest) {
    out.append('{');
    boolean first = true;
    for (int i = 0; i < fields.length(); i++) {
      ColumnVector part = typed.getChild(i);
      if (isPresent(part, position)) {
        key(first, fields.at(i).getName());
        part(part, position);
        first = false;
      }
    }
    if (rest != null) {
      Variant others = new Variant(rest, metadata);
      for (int i = 0; i < others.numObjectElements(); i++) {
        Variant.ObjectField field = others.getFieldAtIndex(i);
        key(first, field.key);
        value(field.value);
        first = false;
      }
    }
    out.append('}');
  }

  private static boolean isPresent(ColumnVector part, int position) {
    if (part.isNullAt(position)) {
      return false;
    }
    ColumnVector value = child(part, Shredding.VALUE);
    ColumnVector typed = child(part, Shredding.TYPED_VALUE);
    return (value != null && !value.isNullAt(position))
        || (typed != null && !typed.isNullAt(position));
  }

  private void key(boolean first, String key) {
    if (!first) {
      out.append(',');
    }
    string(key);
    out.append(':');
  }

  private void typed(ColumnVector vector, int position) {
    DataType type = vector.getDataType();
    if (type instanceof ArrayType) {
      ArrayValue array = vector.getArray(position);
      ColumnVector elements = array.getElements();
      out.append('[');
      for (int i = 0; i < array.getSize(); i++) {
        if (i > 0) {
          out.append(',');
        }
        part(elements, i);
      }
      out.append(']');
    } else if (type instanceof StringType) {
      string(vector.getString(position));
    } else if (type instanceof BinaryType) {
      binary(ByteBuffer.wrap(vector.getBinary(position)));
    } else if (type instanceof BooleanType) {
      out.append(vector.getBoolean(position));
    } else if (type instanceof FloatType) {
      number(Float.toString(vector.getFloat(position)));
    } else if (type instanceof DoubleType) {
      number(Double.toString(vector.getDouble(position)));
    } else if (type instanceof DecimalType) {
      decimal(vector.getDecimal(position));
    } else if (type instanceof DateType) {
      string(LocalDate.ofEpochDay(vector.getInt(position)).toString());
    } else if (type instanceof TimestampType) {
      timestamp(micros(vector.getLong(position)));
    } else if (type instanceof LongType) {
      out.append(vector.getLong(position));
    } else if (type instanceof io.delta.kernel.types.IntegerType) {
      out.append(vector.getInt(position));
    } else {
      timestampNtz(micros(vector.getLong(position)));
    }
  }

  private void value(Variant value) {
    switch (value.getType()) {
      case OBJECT -> {
        out.append('{');
        for (int i = 0; i < value.numObjectElements(); i++) {
          Variant.ObjectField field = value.getFieldAtIndex(i);
          key(i == 0, field.key);
          value(field.value);
        }
        out.append('}');
      }
      case ARRAY -> {
        out.append('[');
        for (int i = 0; i < value.numArrayElements(); i++) {
          if (i > 0) {
            out.append(',');
          }
          value(value.getElementAtIndex(i));
        }
        out.append(']');
      }
      case NULL -> out.append("null");
      case BOOLEAN -> out.append(value.getBoolean());
      case BYTE, SHORT, INT, LONG -> out.append(value.getLong());
      case STRING -> string(value.getString());
      case DOUBLE -> number(Double.toString(value.getDouble()));
      case FLOAT -> number(Float.toString(value.getFloat()));
      case DECIMAL4, DECIMAL8, DECIMAL16 -> decimal(value.getDecimal());
      case DATE -> string(LocalDate.ofEpochDay(value.getInt()).toString());
      case TIMESTAMP_TZ -> timestamp(micros(value.getLong()));
      case TIMESTAMP_NTZ -> timestampNtz(micros(value.getLong()));
      case TIMESTAMP_NANOS_TZ -> timestamp(nanos(value.getLong()));
      case TIMESTAMP_NANOS_NTZ -> timestampNtz(nanos(value.getLong()));
      case BINARY -> binary(binary(value));
      case UUID -> string(value.getUUID().toString());
      default ->
          throw new UnsupportedVariantException(
              "A variant holds a value of the type " + value.getType() + ".");
    }
  }

  /** A byte of type, four bytes of length, the bytes; getBinary would give what follows, too. */
  private static ByteBuffer binary(Variant value) {
    ByteBuffer bytes = value.getValueBuffer().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    bytes.get();
    int length = bytes.getInt();
    bytes.limit(bytes.position() + length);
    return bytes;
  }

  private static Instant micros(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
  }

  private static Instant nanos(long nanos) {
    return Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS), Math.floorMod(nanos, NANOS));
  }

  private void timestamp(Instant instant) {
    string(ZONED.format(OffsetDateTime.ofInstant(instant, ZoneOffset.UTC)));
  }

  private void timestampNtz(Instant instant) {
    string(LOCAL.format(LocalDateTime.ofInstant(instant, ZoneOffset.UTC)));
  }

  private void decimal(BigDecimal decimal) {
    out.append(decimal.toPlainString());
  }

  private void number(String text) {
    boolean finite = Character.isDigit(text.charAt(text.length() - 1));
    if (finite) {
      out.append(text);
    } else {
      string(text);
    }
  }

  private void binary(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    string(Base64.getEncoder().encodeToString(copy));
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20) {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
