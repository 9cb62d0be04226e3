package io.reverseetl.delta;

import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.Primitive;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Partition values, which the log holds as text. Kernel reads timestamps in the zone of the JVM;
 * here a timestamp without a zone is UTC, wherever the JVM runs.
 */
final class PartitionValues {
  private static final LocalDateTime EPOCH = LocalDateTime.of(1970, 1, 1, 0, 0);

  private PartitionValues() {}

  /**
   * The value in the form that a {@link ConstantVector} takes.
   *
   * @param text the text from the log; null and empty mean null
   */
  static @Nullable Object parse(String column, DataType type, @Nullable String text) {
    if (text == null || text.isEmpty()) {
      return null;
    }
    try {
      return parse(type, text);
    } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
      throw new TableReadException(
          Reason.CORRUPT_LOG,
          "A file has a value of partition column \""
              + column
              + "\" that is no "
              + type
              + ". Rewrite the file, or repair the log.");
    }
  }

  private static Object parse(DataType type, String text) {
    if (type instanceof DataType.DecimalType decimal) {
      BigDecimal value = new BigDecimal(text).setScale(decimal.scale(), RoundingMode.UNNECESSARY);
      if (value.precision() > decimal.precision()) {
        throw new ArithmeticException("too many digits");
      }
      return value;
    }
    if (!(type instanceof Primitive primitive)) {
      throw new IllegalArgumentException("not a partition type");
    }
    return switch (primitive) {
      case BOOLEAN -> parseBoolean(text);
      case BYTE -> Byte.valueOf(text);
      case SHORT -> Short.valueOf(text);
      case INTEGER -> Integer.valueOf(text);
      case LONG -> Long.valueOf(text);
      case FLOAT -> Float.valueOf(text);
      case DOUBLE -> Double.valueOf(text);
      case STRING -> text;
      case BINARY -> text.getBytes(StandardCharsets.UTF_8);
      case DATE -> Math.toIntExact(LocalDate.parse(text).toEpochDay());
      case TIMESTAMP -> parseTimestamp(text);
      case TIMESTAMP_NTZ -> micros(parseLocal(text));
      case VARIANT -> throw new IllegalArgumentException("not a partition type");
    };
  }

  private static Boolean parseBoolean(String text) {
    if (text.equalsIgnoreCase("true")) {
      return true;
    }
    if (text.equalsIgnoreCase("false")) {
      return false;
    }
    throw new IllegalArgumentException("not a boolean");
  }

  private static long parseTimestamp(String text) {
    String iso = text.replace(' ', 'T');
    int time = iso.indexOf('T');
    boolean zoned =
        iso.endsWith("Z")
            || (time > 0 && (iso.indexOf('+', time) > 0 || iso.indexOf('-', time) > 0));
    return zoned
        ? micros(OffsetDateTime.parse(iso).withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime())
        : micros(parseLocal(text));
  }

  private static LocalDateTime parseLocal(String text) {
    String iso = text.replace(' ', 'T');
    return iso.indexOf('T') < 0
        ? LocalDate.parse(iso).atTime(LocalTime.MIDNIGHT)
        : LocalDateTime.parse(iso);
  }

  private static long micros(LocalDateTime time) {
    return ChronoUnit.MICROS.between(EPOCH, time);
  }
}
