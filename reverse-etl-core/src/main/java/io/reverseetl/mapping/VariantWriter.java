package io.reverseetl.mapping;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.reverseetl.document.DoubleExactness;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.table.Values;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Embeds the JSON of a variant in the document. It is read token by token, because its numbers and
 * its text must meet the same rules as a column's.
 */
final class VariantWriter extends ValueWriter {
  private static final JsonFactory FACTORY = new JsonFactory();

  /** An integer of so many digits is always a double. */
  private static final int SAFE_DIGITS = 15;

  private final LongFormat longs;
  private final DecimalFormat decimals;
  private final String column;
  private final int depth;

  VariantWriter(LongFormat longs, DecimalFormat decimals, String column) {
    this(longs, decimals, column, 2);
  }

  private VariantWriter(LongFormat longs, DecimalFormat decimals, String column, int depth) {
    this.longs = longs;
    this.decimals = decimals;
    this.column = column;
    this.depth = depth;
  }

  /** The same, for a variant whose object or array opens at a depth. */
  VariantWriter atDepth(int openingDepth) {
    return new VariantWriter(longs, decimals, column, openingDepth);
  }

  @Override
  void write(Values values, int index, JsonGenerator out) throws IOException {
    byte[] json = Utf8.of(values, index, column);
    try (JsonParser in = FACTORY.createParser(json)) {
      if (next(in) == null) {
        throw notJson();
      }
      copy(in, out);
      if (next(in) != null) {
        throw notJson();
      }
    }
  }

  private void copy(JsonParser in, JsonGenerator out) throws IOException {
    int open = 0;
    do {
      JsonToken token = in.currentToken();
      switch (token) {
        case START_OBJECT -> {
          PlainJson.checkNesting(depth + open++, column);
          out.writeStartObject();
        }
        case START_ARRAY -> {
          PlainJson.checkNesting(depth + open++, column);
          out.writeStartArray();
        }
        case END_OBJECT -> {
          out.writeEndObject();
          open--;
        }
        case END_ARRAY -> {
          out.writeEndArray();
          open--;
        }
        case FIELD_NAME -> PlainJson.writeName(in.currentName(), out, column);
        case VALUE_STRING -> PlainJson.writeText(in.getText(), out, column);
        case VALUE_NUMBER_INT -> writeInteger(in.getText(), out);
        case VALUE_NUMBER_FLOAT -> writeFraction(in.getText(), out);
        case VALUE_TRUE -> out.writeBoolean(true);
        case VALUE_FALSE -> out.writeBoolean(false);
        case VALUE_NULL -> out.writeNull();
        default -> throw notJson();
      }
    } while (open > 0 && next(in) != null);
    if (open > 0) {
      throw notJson();
    }
  }

  private JsonToken next(JsonParser in) throws IOException {
    try {
      return in.nextToken();
    } catch (JsonProcessingException e) {
      // Without the cause: its message quotes the text.
      throw notJson();
    }
  }

  private void writeInteger(String digits, JsonGenerator out) throws IOException {
    if (digits.length() <= SAFE_DIGITS || DoubleExactness.isExact(new BigInteger(digits))) {
      out.writeNumber(digits);
    } else if (longs == LongFormat.STRING) {
      out.writeString(digits);
    } else if (longs == LongFormat.NUMBER_LOSSY) {
      writeRounded(digits, out);
    } else {
      throw tooLong("LongFormat");
    }
  }

  private void writeFraction(String digits, JsonGenerator out) throws IOException {
    if (DoubleExactness.isExact(new BigDecimal(digits)) || isPrintedDouble(digits)) {
      out.writeNumber(digits);
    } else if (decimals == DecimalFormat.STRING) {
      out.writeString(digits);
    } else if (decimals == DecimalFormat.NUMBER_LOSSY) {
      writeRounded(digits, out);
    } else {
      throw tooLong("DecimalFormat");
    }
  }

  /** JDK 17 prints some doubles with digits that are not the nearest; they still are doubles. */
  private static boolean isPrintedDouble(String digits) {
    return Double.toString(Double.parseDouble(digits)).equals(digits);
  }

  private void writeRounded(String digits, JsonGenerator out) throws IOException {
    double rounded = Double.parseDouble(digits);
    if (!Double.isFinite(rounded)) {
      throw tooLong("LongFormat.STRING or DecimalFormat.STRING instead of a rounding");
    }
    out.writeNumber(rounded);
  }

  private MappingException tooLong(String option) {
    return new MappingException(
        column,
        "\""
            + column
            + "\" holds a number that Cosmos DB, which keeps doubles, would round. Map such numbers"
            + " as text or allow rounding ("
            + option
            + ").");
  }

  private MappingException notJson() {
    return new MappingException(
        column, "The variant \"" + column + "\" is not one JSON value. Mend the data.");
  }
}
