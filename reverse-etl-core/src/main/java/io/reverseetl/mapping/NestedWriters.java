package io.reverseetl.mapping;

import com.fasterxml.jackson.core.JsonGenerator;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.table.ArrayView;
import io.reverseetl.table.MapView;
import io.reverseetl.table.Values;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The writers of values that hold others. */
final class NestedWriters {
  private NestedWriters() {}

  private static void writeObject(Property[] properties, Values values, JsonGenerator out)
      throws IOException {
    out.writeStartObject();
    for (Property property : properties) {
      property.write(values, out);
    }
    out.writeEndObject();
  }

  /** A struct column as an object. */
  static final class StructWriter extends ValueWriter {
    private final Property[] properties;

    StructWriter(List<Property> properties) {
      this.properties = properties.toArray(new Property[0]);
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      writeObject(properties, values.getStruct(index), out);
    }
  }

  /** An object that is no struct of the table: the document, or one made by a nested path. */
  static final class ObjectWriter extends ValueWriter {
    private final Property[] properties;

    ObjectWriter(List<Property> properties) {
      this.properties = properties.toArray(new Property[0]);
    }

    @Override
    boolean isNull(Values values, int index) {
      return false;
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      writeObject(properties, values, out);
    }
  }

  /** A field of a struct column, written outside of it. */
  static final class FieldWriter extends ValueWriter {
    private final int field;
    private final ValueWriter writer;

    FieldWriter(int field, ValueWriter writer) {
      this.field = field;
      this.writer = writer;
    }

    @Override
    boolean isNull(Values values, int index) {
      return values.isNull(index) || writer.isNull(values.getStruct(index), field);
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      writer.write(values.getStruct(index), field, out);
    }
  }

  static final class ArrayWriter extends ValueWriter {
    private final ValueWriter element;

    ArrayWriter(ValueWriter element) {
      this.element = element;
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      ArrayView array = values.getArray(index);
      Values elements = array.elements();
      int size = array.size();
      out.writeStartArray();
      for (int i = 0; i < size; i++) {
        element.writeNullable(elements, i, out);
      }
      out.writeEndArray();
    }
  }

  static final class EntriesWriter extends ValueWriter {
    private final ValueWriter key;
    private final ValueWriter value;

    EntriesWriter(ValueWriter key, ValueWriter value) {
      this.key = key;
      this.value = value;
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      MapView map = values.getMap(index);
      Values keys = map.keys();
      Values entryValues = map.values();
      int size = map.size();
      out.writeStartArray();
      for (int i = 0; i < size; i++) {
        out.writeStartObject();
        out.writeFieldName("key");
        key.writeNullable(keys, i, out);
        out.writeFieldName("value");
        value.writeNullable(entryValues, i, out);
        out.writeEndObject();
      }
      out.writeEndArray();
    }
  }

  static final class MapObjectWriter extends ValueWriter {
    private final TextForm key;
    private final ValueWriter value;
    private final String column;
    private final Set<String> seen = new HashSet<>();

    MapObjectWriter(TextForm key, ValueWriter value, String column) {
      this.key = key;
      this.value = value;
      this.column = column;
    }

    @Override
    void write(Values values, int index, JsonGenerator out) throws IOException {
      MapView map = values.getMap(index);
      Values keys = map.keys();
      Values entryValues = map.values();
      int size = map.size();
      seen.clear();
      out.writeStartObject();
      for (int i = 0; i < size; i++) {
        String name = key.text(keys, i);
        if (!seen.add(name)) {
          throw new MappingException(
              column,
              "Two keys of the map \""
                  + column
                  + "\" have the same text, and an object holds a property once. Map it as"
                  + " entries (MapFormat.ENTRIES).");
        }
        out.writeFieldName(name);
        value.writeNullable(entryValues, i, out);
      }
      out.writeEndObject();
    }
  }
}
