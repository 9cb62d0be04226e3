package io.reverseetl.table;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;

/**
 * Values by position: the columns of a {@link Row}, the elements of an array, the keys or the
 * values of a map.
 *
 * <p>A getter reads a value of the type in its description. Used on another type it throws {@link
 * ClassCastException} or {@link UnsupportedOperationException}. What it returns for a null is
 * undefined, so ask {@link #isNull} first.
 */
public interface Values {

  /**
   * Whether the value is null.
   *
   * @param index from 0
   * @return true if it is null
   */
  boolean isNull(int index);

  /**
   * A BOOLEAN.
   *
   * @param index from 0
   * @return the value
   */
  boolean getBoolean(int index);

  /**
   * A BYTE.
   *
   * @param index from 0
   * @return the value
   */
  byte getByte(int index);

  /**
   * A SHORT.
   *
   * @param index from 0
   * @return the value
   */
  short getShort(int index);

  /**
   * An INTEGER, or a DATE as days since 1970-01-01.
   *
   * @param index from 0
   * @return the value
   */
  int getInt(int index);

  /**
   * A LONG, or a TIMESTAMP or TIMESTAMP_NTZ as microseconds since 1970-01-01T00:00 (in UTC for
   * TIMESTAMP, on the local time line for TIMESTAMP_NTZ).
   *
   * @param index from 0
   * @return the value
   */
  long getLong(int index);

  /**
   * A FLOAT.
   *
   * @param index from 0
   * @return the value
   */
  float getFloat(int index);

  /**
   * A DOUBLE.
   *
   * @param index from 0
   * @return the value
   */
  double getDouble(int index);

  /**
   * A DECIMAL, with the scale of its type.
   *
   * @param index from 0
   * @return the value
   */
  BigDecimal getDecimal(int index);

  /**
   * A STRING, or the JSON text of a VARIANT.
   *
   * @param index from 0
   * @return the text
   */
  String getString(int index);

  /**
   * A STRING, or the JSON text of a VARIANT, in UTF-8. Sources that hold text as bytes give it
   * without making a {@link String}.
   *
   * @param index from 0
   * @return the bytes; do not change them
   * @throws IllegalArgumentException if the text is not valid Unicode, so that it has no UTF-8 form
   */
  default byte[] getUtf8(int index) {
    String text = getString(index);
    // Pairs of surrogates are one code point here; getBytes would make "?" of what is broken.
    if (text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw new IllegalArgumentException("The text is not valid Unicode.");
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * A BINARY.
   *
   * @param index from 0
   * @return the bytes; do not change them
   */
  byte[] getBinary(int index);

  /**
   * A struct.
   *
   * @param index from 0
   * @return a view
   */
  Row getStruct(int index);

  /**
   * An array.
   *
   * @param index from 0
   * @return a view
   */
  ArrayView getArray(int index);

  /**
   * A map.
   *
   * @param index from 0
   * @return a view
   */
  MapView getMap(int index);

  /**
   * A DATE.
   *
   * @param index from 0
   * @return the day
   */
  default LocalDate getDate(int index) {
    return LocalDate.ofEpochDay(getInt(index));
  }

  /**
   * A TIMESTAMP.
   *
   * @param index from 0
   * @return the instant, with microseconds
   */
  default Instant getTimestamp(int index) {
    return Micros.toInstant(getLong(index));
  }

  /**
   * A TIMESTAMP_NTZ.
   *
   * @param index from 0
   * @return the local date and time, with microseconds
   */
  default LocalDateTime getTimestampNtz(int index) {
    return Micros.toLocalDateTime(getLong(index));
  }
}
