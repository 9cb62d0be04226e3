package io.reverseetl.mapping;

import io.reverseetl.mapping.NestedWriters.ArrayWriter;
import io.reverseetl.mapping.NestedWriters.EntriesWriter;
import io.reverseetl.mapping.NestedWriters.MapObjectWriter;
import io.reverseetl.mapping.NestedWriters.StructWriter;
import io.reverseetl.mapping.ScalarWriters.DecimalWriter;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.ArrayType;
import io.reverseetl.table.DataType.DecimalType;
import io.reverseetl.table.DataType.MapType;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the writer of each column from its type and the options, once for a schema. */
final class WriterCompiler {
  private final Placement placement;
  private final Formats formats;
  private final Problems problems;

  WriterCompiler(Placement placement, Formats formats, Problems problems) {
    this.placement = placement;
    this.formats = formats;
    this.problems = problems;
  }

  /**
   * Makes a writer.
   *
   * @param depth the nesting at which an object or array of this value opens; the document is 1
   * @return the writer; null for a struct all of whose fields are written elsewhere
   */
  @Nullable ValueWriter compile(ColumnPath path, DataType type, int depth) {
    if (type instanceof Primitive primitive) {
      ValueWriter writer = ScalarWriters.of(primitive, path, formats);
      return writer instanceof VariantWriter variant ? variant.atDepth(depth) : writer;
    }
    if (type instanceof DecimalType) {
      return new DecimalWriter(formats.decimals().at(path), path.toString());
    }
    if (depth > ValueWriter.MAX_NESTING) {
      return tooDeep(path);
    }
    if (type instanceof StructType struct) {
      return struct(path, struct, depth);
    }
    if (type instanceof ArrayType array) {
      return new ArrayWriter(inner(path, array.elementType(), depth + 1));
    }
    return map(path, (MapType) type, depth);
  }

  private ValueWriter tooDeep(ColumnPath path) {
    problems.add(
        "The column \""
            + path.column()
            + "\" nests deeper than the "
            + ValueWriter.MAX_NESTING
            + " levels that Cosmos DB takes. Exclude it, or write a DocumentMapper.");
    return new StructWriter(List.of());
  }

  private ValueWriter inner(ColumnPath path, DataType type, int depth) {
    ValueWriter writer = compile(path, type, depth);
    // Only fields outside of collections are written elsewhere, so there always is one.
    return writer == null ? new StructWriter(List.of()) : writer;
  }

  private @Nullable ValueWriter struct(ColumnPath path, StructType struct, int depth) {
    List<Property> properties = new ArrayList<>();
    Set<String> names = new HashSet<>();
    boolean movedAny = false;
    for (int i = 0; i < struct.size(); i++) {
      Column field = struct.column(i);
      ColumnPath fieldPath = path.child(field.name());
      if (!placement.isWritten(fieldPath)) {
        continue;
      }
      if (placement.isElsewhere(fieldPath)) {
        movedAny = true;
        continue;
      }
      ValueWriter writer = compile(fieldPath, field.type(), depth + 1);
      if (writer == null) {
        movedAny = true;
        continue;
      }
      String name = placement.nameInStruct(fieldPath);
      if (!Utf8.isValid(name)) {
        problems.add("A field of \"" + path + "\" has a name that is not valid Unicode.");
        continue;
      }
      if (!names.add(name)) {
        problems.add(
            "Two fields of \"" + path + "\" would be the property \"" + name + "\". Rename one.");
      }
      properties.add(new Property(name, writer, i, formats.nulls().at(fieldPath)));
    }
    return properties.isEmpty() && movedAny ? null : new StructWriter(properties);
  }

  private ValueWriter map(ColumnPath path, MapType map, int depth) {
    MapFormat format = formats.maps().at(path);
    boolean entries =
        format == MapFormat.ENTRIES
            || (format == MapFormat.AUTO && map.keyType() != Primitive.STRING);
    if (entries) {
      // An entry is an object inside the array.
      if (depth + 1 > ValueWriter.MAX_NESTING) {
        return tooDeep(path);
      }
      return new EntriesWriter(
          inner(path, map.keyType(), depth + 2), inner(path, map.valueType(), depth + 2));
    }
    TextForm key = TextForm.ofMapKey(map.keyType(), path.toString());
    if (key == null) {
      problems.add(
          "The keys of the map \""
              + path
              + "\" are "
              + map.keyType()
              + ", which cannot be property names. Use MapFormat.ENTRIES.");
      return new StructWriter(List.of());
    }
    return new MapObjectWriter(key, inner(path, map.valueType(), depth + 1), path.toString());
  }
}
