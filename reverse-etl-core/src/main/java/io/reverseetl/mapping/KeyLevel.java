package io.reverseetl.mapping;

import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DoubleExactness;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.table.Row;
import io.reverseetl.table.Values;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One level of the partition key. It gives the very value that Cosmos DB finds in the document, or
 * it would refuse the write.
 */
abstract class KeyLevel {
  /** What Cosmos DB takes. */
  static final int MAX_BYTES = 2048;

  /** The value: text, boolean, double, null, or {@link DocumentKey#ABSENT}. */
  abstract @Nullable Object read(Row row, String id);

  static String checkLength(String text, int utf8Bytes, String column) {
    if (utf8Bytes > MAX_BYTES) {
      throw new MappingException(
          column,
          "\""
              + column
              + "\" has "
              + utf8Bytes
              + " bytes, but Cosmos DB takes "
              + MAX_BYTES
              + " in a partition key. Choose another partition key, such as a computed hash.");
    }
    return text;
  }

  /** Reads a value that is not null. */
  @FunctionalInterface
  interface Form {
    Object level(Values values, int index);
  }

  /** The document's id. */
  static final class OfId extends KeyLevel {
    @Override
    Object read(Row row, String id) {
      return id;
    }
  }

  static final class OfColumn extends KeyLevel {
    private final int[] ordinals;
    private final Form form;
    private final @Nullable Object ofNull;
    private final @Nullable Object ofNullStruct;

    /**
     * A column.
     *
     * @param ownProperty whether the column has a place of its own in the document; else it stands
     *     inside its struct, and is absent if that is null
     */
    OfColumn(ColumnPath.Found found, Form form, NullPolicy nulls, boolean ownProperty) {
      this.ordinals = found.ordinals().stream().mapToInt(Integer::intValue).toArray();
      this.form = form;
      this.ofNull = nulls == NullPolicy.OMIT ? DocumentKey.ABSENT : null;
      this.ofNullStruct = ownProperty ? ofNull : DocumentKey.ABSENT;
    }

    @Override
    @Nullable Object read(Row row, String id) {
      Values values = row;
      int last = ordinals.length - 1;
      for (int i = 0; i < last; i++) {
        if (values.isNull(ordinals[i])) {
          return ofNullStruct;
        }
        values = values.getStruct(ordinals[i]);
      }
      return values.isNull(ordinals[last]) ? ofNull : form.level(values, ordinals[last]);
    }
  }

  /** A constant or computed property. */
  static final class OfAdded extends KeyLevel {
    private final String name;
    private final IdPart.ValueSource source;
    private final @Nullable Object ofNull;

    OfAdded(String name, IdPart.ValueSource source, NullPolicy nulls) {
      this.name = name;
      this.source = source;
      this.ofNull = nulls == NullPolicy.OMIT ? DocumentKey.ABSENT : null;
    }

    @Override
    @Nullable Object read(Row row, String id) {
      Object value = source.value();
      if (value == null) {
        return ofNull;
      }
      if (value instanceof String text) {
        return checkLength(text, text.getBytes(StandardCharsets.UTF_8).length, name);
      }
      if (value instanceof Boolean) {
        return value;
      }
      if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
        return ((Number) value).doubleValue();
      }
      if ((value instanceof Long number && DoubleExactness.isExact(number))
          || (value instanceof BigInteger big && DoubleExactness.isExact(big))) {
        return ((Number) value).doubleValue();
      }
      throw new MappingException(
          name,
          "\""
              + name
              + "\" is part of the partition key, so it must be text, a boolean, null or a whole"
              + " number that a double holds exactly. Give its text.");
    }
  }
}
