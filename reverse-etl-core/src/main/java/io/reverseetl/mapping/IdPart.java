package io.reverseetl.mapping;

import io.reverseetl.exceptions.MappingException;
import io.reverseetl.table.Row;
import io.reverseetl.table.Values;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** One of the columns, or constant or computed properties, that an id is made of. */
abstract class IdPart {
  private final String column;

  IdPart(String column) {
    this.column = column;
  }

  String column() {
    return column;
  }

  /** The text, in UTF-8. */
  abstract byte[] utf8(Row row);

  final MappingException missing() {
    return new MappingException(
        column,
        "\"" + column + "\" is null, but a document's id needs it. Mend the data, or filter it.");
  }

  static final class ColumnPart extends IdPart {
    private final int[] ordinals;
    private final TextForm form;

    ColumnPart(ColumnPath.Found found, TextForm form) {
      super(found.path().toString());
      this.ordinals = found.ordinals().stream().mapToInt(Integer::intValue).toArray();
      this.form = form;
    }

    @Override
    byte[] utf8(Row row) {
      Values values = row;
      int last = ordinals.length - 1;
      for (int i = 0; i < last; i++) {
        if (values.isNull(ordinals[i])) {
          throw missing();
        }
        values = values.getStruct(ordinals[i]);
      }
      if (values.isNull(ordinals[last])) {
        throw missing();
      }
      return form.utf8(values, ordinals[last]);
    }
  }

  /** A property that no column gives. */
  static final class AddedPart extends IdPart {
    private final ValueSource source;

    AddedPart(String name, ValueSource source) {
      super(name);
      this.source = source;
    }

    @Override
    byte[] utf8(Row row) {
      Object value = source.value();
      if (value == null) {
        throw missing();
      }
      if (value instanceof String
          || value instanceof Boolean
          || value instanceof Long
          || value instanceof Integer
          || value instanceof Short
          || value instanceof Byte
          || value instanceof BigInteger) {
        return Utf8.of(value.toString(), column());
      }
      throw new MappingException(
          column(),
          "\""
              + column()
              + "\" is a "
              + value.getClass().getSimpleName()
              + ", but an id is made of text, whole numbers and booleans.");
    }
  }

  /** Where the value of a constant or computed property is. */
  @FunctionalInterface
  interface ValueSource {
    @Nullable Object value();
  }
}
