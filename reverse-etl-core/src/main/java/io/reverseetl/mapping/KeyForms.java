package io.reverseetl.mapping;

import io.reverseetl.document.DoubleExactness;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.DecimalType;
import io.reverseetl.table.DataType.Primitive;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** How columns become levels of a partition key: the same values as their properties. */
final class KeyForms {
  private KeyForms() {}

  /** The form for a column; null, and a problem, if it cannot be part of a partition key. */
  static KeyLevel.@Nullable Form of(
      ColumnPath path, DataType type, Formats formats, Problems problems) {
    String column = path.toString();
    if (type instanceof DecimalType) {
      return formats.decimals().at(path) == DecimalFormat.STRING
          ? text(type, column)
          : refuse(column, type, "Map it as text (DecimalFormat.STRING)", problems);
    }
    if (!(type instanceof Primitive primitive)) {
      return refuse(column, type, "Name a field of it, or use a computed property", problems);
    }
    return switch (primitive) {
      case STRING, TIMESTAMP_NTZ -> text(type, column);
      case BOOLEAN -> (values, index) -> values.getBoolean(index);
      case BYTE -> (values, index) -> (double) values.getByte(index);
      case SHORT -> (values, index) -> (double) values.getShort(index);
      case INTEGER -> (values, index) -> (double) values.getInt(index);
      case LONG ->
          switch (formats.longs().at(path)) {
            case STRING -> text(type, column);
            case NUMBER_EXACT -> exactLong(column);
            case NUMBER_LOSSY ->
                refuse(
                    column,
                    type,
                    "Rounding would join different keys: map it with LongFormat.STRING or"
                        + " NUMBER_EXACT",
                    problems);
          };
      case DATE ->
          formats.dates().at(path) == DateFormat.ISO
              ? text(type, column)
              : (values, index) -> (double) values.getInt(index);
      case TIMESTAMP ->
          switch (formats.timestamps().at(path)) {
            case ISO -> text(type, column);
            case EPOCH_MICROS ->
                (values, index) -> (double) ScalarWriters.epoch(values.getLong(index), 1, column);
            case EPOCH_MILLIS ->
                refuse(
                    column,
                    type,
                    "Rounding would join different keys: map it with TimestampFormat.ISO or"
                        + " EPOCH_MICROS",
                    problems);
          };
      case FLOAT, DOUBLE, BINARY, VARIANT ->
          refuse(column, type, "Use a computed property that gives its text", problems);
    };
  }

  private static KeyLevel.Form exactLong(String column) {
    return (values, index) -> {
      long value = values.getLong(index);
      if (!DoubleExactness.isExact(value)) {
        throw ScalarWriters.inexact(column);
      }
      return (double) value;
    };
  }

  private static KeyLevel.@Nullable Form text(DataType type, String column) {
    TextForm form = TextForm.ofKey(type, column);
    if (form == null) {
      return null;
    }
    return (values, index) -> {
      byte[] utf8 = form.utf8(values, index);
      return KeyLevel.checkLength(new String(utf8, StandardCharsets.UTF_8), utf8.length, column);
    };
  }

  private static KeyLevel.@Nullable Form refuse(
      String column, DataType type, String advice, Problems problems) {
    problems.add(
        "partitionKey names the column \""
            + column
            + "\", which is a "
            + type
            + " and cannot be a partition key as it is mapped. "
            + advice
            + ".");
    return null;
  }
}
