package io.reverseetl.table;

import io.reverseetl.table.DataType.ArrayType;
import io.reverseetl.table.DataType.DecimalType;
import io.reverseetl.table.DataType.MapType;
import io.reverseetl.table.DataType.Primitive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.Base64;

/**
 * Writes rows as JSON in a canonical form: the same row always gives the same text, and rows of
 * equal values give equal text. Meant for people, for comparing, and for scripts; documents are
 * made by a {@link io.reverseetl.mapping.DocumentMapper}.
 *
 * <p>A row is one object on one line, its fields in schema order, nulls included, no spaces. Only
 * {@code "}, {@code \} and U+0000..U+001F are escaped. Floating point is written as Java prints it,
 * and as a string where it is not finite; a decimal is a string with exactly its scale of digits;
 * binary is base64; dates and timestamps are ISO 8601 with six digits of a second, {@code Z} for
 * TIMESTAMP and nothing for TIMESTAMP_NTZ; a map is an array of {@code {"key":K,"value":V}} sorted
 * by the bytes of K's text; a variant is a string that holds its JSON text.
 *
 * <p>Not thread-safe: one instance per thread, reused for any number of rows.
 */
public final class RowJson {
  private static final char[] HEX = "0123456789abcdef".toCharArray();
  private static final long MICROS_PER_SECOND = 1_000_000;

  private final StringBuilder text = new StringBuilder(256);

  /** A writer for any rows. */
  public RowJson() {}

  /**
   * One row as text, without a line end.
   *
   * @param row the row
   * @return its JSON
   */
  public String toString(Row row) {
    text.setLength(0);
    writeStruct(row, text);
    return text.toString();
  }

  /**
   * One row as text, without a line end.
   *
   * @param row the row
   * @param out where to
   * @throws UncheckedIOException if {@code out} fails
   */
  public void append(Row row, Appendable out) {
    text.setLength(0);
    writeStruct(row, text);
    try {
      out.append(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeStruct(Row row, StringBuilder out) {
    StructType type = row.type();
    out.append('{');
    for (int i = 0; i < type.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      Column column = type.column(i);
      writeText(column.name(), out);
      out.append(':');
      writeValue(column.type(), row, i, out);
    }
    out.append('}');
  }

  private static void writeValue(DataType type, Values values, int index, StringBuilder out) {
    if (values.isNull(index)) {
      out.append("null");
    } else if (type instanceof Primitive primitive) {
      writePrimitive(primitive, values, index, out);
    } else if (type instanceof DecimalType decimal) {
      BigDecimal value = values.getDecimal(index).setScale(decimal.scale());
      out.append('"').append(value.toPlainString()).append('"');
    } else if (type instanceof ArrayType array) {
      writeArray(array, values.getArray(index), out);
    } else if (type instanceof MapType map) {
      writeMap(map, values.getMap(index), out);
    } else {
      writeStruct(values.getStruct(index), out);
    }
  }

  private static void writePrimitive(Primitive type, Values values, int index, StringBuilder out) {
    switch (type) {
      case BOOLEAN -> out.append(values.getBoolean(index));
      case BYTE -> out.append(values.getByte(index));
      case SHORT -> out.append(values.getShort(index));
      case INTEGER -> out.append(values.getInt(index));
      case LONG -> out.append(values.getLong(index));
      case FLOAT -> {
        float value = values.getFloat(index);
        writeNumber(Float.toString(value), Float.isFinite(value), out);
      }
      case DOUBLE -> {
        double value = values.getDouble(index);
        writeNumber(Double.toString(value), Double.isFinite(value), out);
      }
      case STRING, VARIANT -> writeText(values.getString(index), out);
      case BINARY ->
          out.append('"')
              .append(Base64.getEncoder().encodeToString(values.getBinary(index)))
              .append('"');
      case DATE -> {
        out.append('"');
        writeDate(LocalDate.ofEpochDay(values.getInt(index)), out);
        out.append('"');
      }
      case TIMESTAMP -> {
        out.append('"');
        writeTime(values.getLong(index), out);
        out.append("Z\"");
      }
      case TIMESTAMP_NTZ -> {
        out.append('"');
        writeTime(values.getLong(index), out);
        out.append('"');
      }
    }
  }

  private static void writeNumber(String number, boolean finite, StringBuilder out) {
    if (finite) {
      out.append(number);
    } else {
      out.append('"').append(number).append('"');
    }
  }

  private static void writeDate(LocalDate date, StringBuilder out) {
    int year = date.getYear();
    if (year < 0) {
      out.append('-');
    } else if (year > 9999) {
      out.append('+');
    }
    writeDigits(Math.abs(year), 4, out);
    out.append('-');
    writeDigits(date.getMonthValue(), 2, out);
    out.append('-');
    writeDigits(date.getDayOfMonth(), 2, out);
  }

  private static void writeTime(long micros, StringBuilder out) {
    LocalDateTime time = Micros.toLocalDateTime(micros);
    writeDate(time.toLocalDate(), out);
    out.append('T');
    writeDigits(time.getHour(), 2, out);
    out.append(':');
    writeDigits(time.getMinute(), 2, out);
    out.append(':');
    writeDigits(time.getSecond(), 2, out);
    out.append('.');
    writeDigits((int) Math.floorMod(micros, MICROS_PER_SECOND), 6, out);
  }

  private static void writeDigits(int number, int width, StringBuilder out) {
    String digits = Integer.toString(number);
    for (int i = digits.length(); i < width; i++) {
      out.append('0');
    }
    out.append(digits);
  }

  private static void writeArray(ArrayType type, ArrayView array, StringBuilder out) {
    Values elements = array.elements();
    out.append('[');
    for (int i = 0; i < array.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      writeValue(type.elementType(), elements, i, out);
    }
    out.append(']');
  }

  private record Entry(byte[] keyBytes, String key, int index) {}

  private static void writeMap(MapType type, MapView map, StringBuilder out) {
    Entry[] entries = new Entry[map.size()];
    for (int i = 0; i < entries.length; i++) {
      StringBuilder key = new StringBuilder();
      writeValue(type.keyType(), map.keys(), i, key);
      String keyText = key.toString();
      entries[i] = new Entry(keyText.getBytes(StandardCharsets.UTF_8), keyText, i);
    }
    Arrays.sort(entries, (a, b) -> Arrays.compareUnsigned(a.keyBytes(), b.keyBytes()));
    out.append('[');
    for (int i = 0; i < entries.length; i++) {
      out.append(i > 0 ? ",{\"key\":" : "{\"key\":").append(entries[i].key());
      out.append(",\"value\":");
      writeValue(type.valueType(), map.values(), entries[i].index(), out);
      out.append('}');
    }
    out.append(']');
  }

  private static void writeText(String value, StringBuilder out) {
    out.append('"');
    int start = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < 0x20 || c == '"' || c == '\\') {
        out.append(value, start, i).append('\\');
        if (c < 0x20) {
          out.append("u00").append(HEX[c >> 4]).append(HEX[c & 15]);
        } else {
          out.append(c);
        }
        start = i + 1;
      }
    }
    out.append(value, start, value.length()).append('"');
  }
}
