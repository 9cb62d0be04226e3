package io.reverseetl.mapping;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import io.reverseetl.table.Values;
import java.io.IOException;

/** A property of a JSON object: its name, and where its value comes from. */
final class Property {
  private final SerializedString name;
  private final ValueWriter writer;
  private final int ordinal;
  private final boolean omitNull;

  /**
   * A property.
   *
   * @param ordinal the position of the value among those that the object is written from
   */
  Property(String name, ValueWriter writer, int ordinal, NullPolicy nulls) {
    this.name = new SerializedString(name);
    this.name.asQuotedUTF8();
    this.writer = writer;
    this.ordinal = ordinal;
    this.omitNull = nulls == NullPolicy.OMIT;
  }

  void write(Values values, JsonGenerator out) throws IOException {
    if (writer.isNull(values, ordinal)) {
      if (!omitNull) {
        out.writeFieldName(name);
        out.writeNull();
      }
    } else {
      out.writeFieldName(name);
      writer.write(values, ordinal, out);
    }
  }
}
