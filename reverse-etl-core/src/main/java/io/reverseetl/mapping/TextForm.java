package io.reverseetl.mapping;

import com.fasterxml.jackson.core.io.NumberOutput;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.DecimalType;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.Values;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The one text of a value, for ids, partition keys and map keys: equal values have equal texts, and
 * different values different ones.
 */
@FunctionalInterface
interface TextForm {

  /** The text of a value that is not null, in valid UTF-8. */
  byte[] utf8(Values values, int index);

  /** The text of a value that is not null. */
  default String text(Values values, int index) {
    return new String(utf8(values, index), StandardCharsets.UTF_8);
  }

  /** For ids and partition keys; null if values of the type cannot be one. */
  static @Nullable TextForm ofKey(DataType type, String column) {
    if (type instanceof DecimalType) {
      return (values, index) -> ascii(values.getDecimal(index).toPlainString());
    }
    if (!(type instanceof Primitive primitive)) {
      return null;
    }
    return switch (primitive) {
      case STRING -> (values, index) -> Utf8.of(values, index, column);
      case BOOLEAN -> (values, index) -> ascii(Boolean.toString(values.getBoolean(index)));
      case BYTE -> (values, index) -> ascii(Integer.toString(values.getByte(index)));
      case SHORT -> (values, index) -> ascii(Integer.toString(values.getShort(index)));
      case INTEGER -> (values, index) -> ascii(Integer.toString(values.getInt(index)));
      case LONG -> (values, index) -> ascii(Long.toString(values.getLong(index)));
      case DATE -> (values, index) -> date(values.getInt(index));
      case TIMESTAMP -> (values, index) -> timestamp(values.getLong(index), true);
      case TIMESTAMP_NTZ -> (values, index) -> timestamp(values.getLong(index), false);
      case FLOAT, DOUBLE, BINARY, VARIANT -> null;
    };
  }

  /** For keys of maps; null if values of the type cannot be a property name. */
  static @Nullable TextForm ofMapKey(DataType type, String column) {
    if (type == Primitive.FLOAT) {
      return (values, index) -> ascii(NumberOutput.toString(values.getFloat(index), true));
    }
    if (type == Primitive.DOUBLE) {
      return (values, index) -> ascii(NumberOutput.toString(values.getDouble(index), true));
    }
    if (type == Primitive.BINARY) {
      return (values, index) -> Base64.getEncoder().encode(values.getBinary(index));
    }
    return ofKey(type, column);
  }

  private static byte[] date(int epochDay) {
    byte[] buffer = new byte[IsoText.MAX_LENGTH];
    return Arrays.copyOf(buffer, IsoText.putDate(buffer, epochDay));
  }

  private static byte[] timestamp(long micros, boolean utc) {
    byte[] buffer = new byte[IsoText.MAX_LENGTH];
    return Arrays.copyOf(buffer, IsoText.putTimestamp(buffer, micros, utc));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
