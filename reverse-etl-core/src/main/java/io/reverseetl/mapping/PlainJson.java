package io.reverseetl.mapping;

import com.fasterxml.jackson.core.JsonGenerator;
import io.reverseetl.document.DoubleExactness;
import io.reverseetl.exceptions.MappingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes plain Java values (text, numbers, booleans, nulls, lists, maps) without any loss. */
final class PlainJson {
  private PlainJson() {}

  /** Writes a value; depth is the nesting at which an object or array would open, 1 for a root. */
  static void write(@Nullable Object value, JsonGenerator out, String column, int depth)
      throws IOException {
    if (value == null) {
      out.writeNull();
    } else if (value instanceof String text) {
      writeText(text, out, column);
    } else if (value instanceof Boolean bool) {
      out.writeBoolean(bool);
    } else if (value instanceof Number number) {
      writeNumber(number, out, column);
    } else if (value instanceof Map<?, ?> map) {
      checkNesting(depth, column);
      out.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (!(entry.getKey() instanceof String name)) {
          throw new MappingException(
              column, "A map in \"" + column + "\" has a key that is not text. Use text keys.");
        }
        writeName(name, out, column);
        write(entry.getValue(), out, column, depth + 1);
      }
      out.writeEndObject();
    } else if (value instanceof Iterable<?> elements) {
      checkNesting(depth, column);
      out.writeStartArray();
      for (Object element : elements) {
        write(element, out, column, depth + 1);
      }
      out.writeEndArray();
    } else {
      throw new MappingException(
          column,
          "Property \""
              + column
              + "\" holds a "
              + value.getClass().getSimpleName()
              + "; use text, numbers, booleans, null, lists and maps.");
    }
  }

  /** A value as JSON text, for a place where it comes from the user's code and not from a row. */
  static String toText(@Nullable Object value, String property, int depth) {
    try {
      JsonBuffer buffer = new JsonBuffer();
      write(value, buffer.generator(), property, depth);
      return new String(buffer.take(), StandardCharsets.UTF_8);
    } catch (MappingException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Writing to memory failed.", e);
    }
  }

  static void writeText(String text, JsonGenerator out, String column) throws IOException {
    byte[] utf8 = Utf8.of(text, column);
    out.writeUTF8String(utf8, 0, utf8.length);
  }

  static void writeName(String name, JsonGenerator out, String column) throws IOException {
    if (!Utf8.isValid(name)) {
      throw Utf8.notUnicode(column);
    }
    out.writeFieldName(name);
  }

  static void checkNesting(int depth, String column) {
    if (depth > ValueWriter.MAX_NESTING) {
      throw new MappingException(
          column,
          "\""
              + column
              + "\" nests deeper than the "
              + ValueWriter.MAX_NESTING
              + " levels that Cosmos DB takes. Flatten it, or exclude it.");
    }
  }

  private static void writeNumber(Number number, JsonGenerator out, String column)
      throws IOException {
    if (number instanceof Integer || number instanceof Short || number instanceof Byte) {
      out.writeNumber(number.intValue());
    } else if (number instanceof Long value) {
      check(DoubleExactness.isExact(value), column);
      out.writeNumber(value);
    } else if (number instanceof Double value) {
      checkFinite(Double.isFinite(value), column);
      out.writeNumber(value);
    } else if (number instanceof Float value) {
      checkFinite(Float.isFinite(value), column);
      out.writeNumber(value);
    } else if (number instanceof BigDecimal value) {
      check(DoubleExactness.isExact(value), column);
      out.writeNumber(value);
    } else if (number instanceof BigInteger value) {
      check(DoubleExactness.isExact(value), column);
      out.writeNumber(value);
    } else {
      throw new MappingException(
          column,
          "Property \""
              + column
              + "\" holds a "
              + number.getClass().getSimpleName()
              + "; use the number types of java.lang, BigDecimal or BigInteger.");
    }
  }

  private static void check(boolean exact, String column) {
    if (!exact) {
      throw new MappingException(
          column,
          "Property \""
              + column
              + "\" holds a number that Cosmos DB, which keeps doubles, would round. Give its text"
              + " or a double.");
    }
  }

  private static void checkFinite(boolean finite, String column) {
    if (!finite) {
      throw new MappingException(
          column,
          "Property \"" + column + "\" is NaN or infinite, which JSON cannot hold. Give null.");
    }
  }
}
