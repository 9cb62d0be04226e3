package io.reverseetl.mapping;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.Values;
import java.io.IOException;

/** The writers of properties that are not simply a column's value. */
final class AddedWriters {
  private static final int NO_EXPIRY = -1;

  private AddedWriters() {}

  static MappingException badTtl() {
    return new MappingException(
        "ttl",
        "The property \"ttl\" must be a whole number of seconds from 1 to 2147483647, or -1, or"
            + " Cosmos DB refuses the document. Mend the value, or rename the property.");
  }

  static boolean isTtl(long seconds) {
    return seconds == NO_EXPIRY || (seconds > 0 && seconds <= Integer.MAX_VALUE);
  }

  static final class ConstantWriter extends ValueWriter {
    private final SerializedString json;

    ConstantWriter(String json) {
      this.json = new SerializedString(json);
    }

    @Override
    boolean isNull(Values values, int index) {
      return false;
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      out.writeRawValue(json);
    }
  }

  static final class ComputedWriter extends ValueWriter {
    private final ComputedValues computed;
    private final int place;
    private final String name;
    private final int depth;

    ComputedWriter(ComputedValues computed, int place, String name, int depth) {
      this.computed = computed;
      this.place = place;
      this.name = name;
      this.depth = depth;
    }

    @Override
    boolean isNull(Values values, int index) {
      return computed.value(place) == null;
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      PlainJson.write(computed.value(place), out, name, depth);
    }
  }

  /** A computed time to live; the range is part of the contract of Cosmos DB. */
  static final class ComputedTtlWriter extends ValueWriter {
    private final ComputedValues computed;
    private final int place;

    ComputedTtlWriter(ComputedValues computed, int place) {
      this.computed = computed;
      this.place = place;
    }

    @Override
    boolean isNull(Values values, int index) {
      return computed.value(place) == null;
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      Object value = computed.value(place);
      if (!(value instanceof Integer || value instanceof Long)
          || !isTtl(((Number) value).longValue())) {
        throw badTtl();
      }
      out.writeNumber(((Number) value).longValue());
    }
  }

  /** A time to live from a column of whole numbers. */
  static final class TtlWriter extends ValueWriter {
    private final Primitive type;

    TtlWriter(Primitive type) {
      this.type = type;
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      long seconds =
          switch (type) {
            case BYTE -> values.getByte(index);
            case SHORT -> values.getShort(index);
            case INTEGER -> values.getInt(index);
            default -> values.getLong(index);
          };
      if (!isTtl(seconds)) {
        throw badTtl();
      }
      out.writeNumber(seconds);
    }
  }

  /** The document's id. */
  static final class IdWriter extends ValueWriter {
    private final IdMaker id;

    IdWriter(IdMaker id) {
      this.id = id;
    }

    @Override
    boolean isNull(Values values, int index) {
      return false;
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      byte[] utf8 = id.utf8();
      out.writeUTF8String(utf8, 0, utf8.length);
    }
  }
}
