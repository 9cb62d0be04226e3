package io.reverseetl.delta;

import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.VersionParser;
import org.apache.parquet.VersionParser.ParsedVersion;
import org.apache.parquet.VersionParser.VersionParseException;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReaderImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/** The columns of a file that are read without assembling records. For one thread. */
final class FlatColumns {
  private record Leaf(FlatLeaf leaf, ColumnDescriptor column) {}

  /** A column chunk, and how many values of it were read. */
  private static final class Chunk {
    private final Leaf leaf;
    private final ColumnReader values;
    private long read;

    Chunk(Leaf leaf, ColumnReader values) {
      this.leaf = leaf;
      this.values = values;
    }

    @SuppressWarnings("deprecation") // Nothing else tells how many values a chunk has.
    void read(int rows, boolean last) {
      read += leaf.leaf().read(values, rows);
      long there = values.getTotalValueCount();
      if (read > there || (last && read < there)) {
        throw new ParquetDecodingException(
            "Column "
                + String.join(".", leaf.column().getPath())
                + " has "
                + there
                + " values, which do not fit the rows of its row group.");
      }
    }
  }

  private final MessageType schema;
  private final @Nullable ParsedVersion writer;
  private final List<Leaf> leaves = new ArrayList<>();
  private List<Chunk> chunks = List.of();
  private long rowsLeft;

  /**
   * No columns as yet.
   *
   * @param schema the columns that are read
   * @param createdBy the program that wrote the file; some wrote what needs care
   */
  FlatColumns(MessageType schema, @Nullable String createdBy) {
    this.schema = schema;
    ParsedVersion version;
    try {
      version = VersionParser.parse(createdBy);
    } catch (RuntimeException | VersionParseException e) {
      // As Parquet's own reader does: whoever cannot be told is a writer without known faults.
      version = null;
    }
    this.writer = version;
  }

  /**
   * Adds a column.
   *
   * @return null if its records must be assembled
   */
  @Nullable FlatNode add(DataType wanted, Type file) {
    List<Leaf> found = new ArrayList<>();
    FlatNode node = node(wanted, file, new Place(List.of(), 0), new ArrayList<>(), found);
    if (node != null) {
      leaves.addAll(found);
    }
    return node;
  }

  /** Where in the schema: the names up to there, and the definition level of what is there. */
  private record Place(List<String> path, int level) {
    Place at(Type type) {
      List<String> longer = new ArrayList<>(path);
      longer.add(type.getName());
      return new Place(longer, type.isRepetition(Repetition.REQUIRED) ? level : level + 1);
    }
  }

  /** The structs wait for the first column in them, which is to tell whether they are null. */
  private @Nullable FlatNode node(
      DataType wanted, Type file, Place parent, List<FlatStruct> waiting, List<Leaf> found) {
    if (file.isRepetition(Repetition.REPEATED)) {
      return null;
    }
    Place place = parent.at(file);
    if (file.isPrimitive()) {
      FlatColumn column = FlatColumn.of(wanted, file.asPrimitiveType());
      if (column != null) {
        column.place(place.level(), take(waiting));
        found.add(new Leaf(column, column(place)));
      }
      return column;
    }
    if (wanted instanceof StructType struct) {
      return struct(struct, file.asGroupType(), place, waiting, found);
    }
    return wanted instanceof ArrayType array
        ? list(array, file.asGroupType(), place, waiting, found)
        : null;
  }

  private @Nullable FlatNode struct(
      StructType wanted, GroupType file, Place place, List<FlatStruct> waiting, List<Leaf> found) {
    List<@Nullable FlatNode> fields = new ArrayList<>();
    FlatStruct struct = new FlatStruct(wanted, place.level(), fields);
    waiting.add(struct);
    for (StructField field : wanted.fields()) {
      Type type = FileSchema.find(field, file);
      FlatNode node = type == null ? null : node(field.getDataType(), type, place, waiting, found);
      if (type != null && node == null) {
        return null;
      }
      fields.add(node);
    }
    return waiting.contains(struct) ? null : struct;
  }

  private @Nullable FlatNode list(
      ArrayType wanted, GroupType file, Place place, List<FlatStruct> waiting, List<Leaf> found) {
    if (file.getFieldCount() != 1
        || file.getType(0).isPrimitive()
        || !file.getType(0).isRepetition(Repetition.REPEATED)
        || file.getType(0).asGroupType().getFieldCount() != 1) {
      return null;
    }
    GroupType repeated = file.getType(0).asGroupType();
    Type element = repeated.getType(0);
    FlatColumn column =
        element.isPrimitive() && !element.isRepetition(Repetition.REPEATED)
            ? FlatColumn.of(wanted.getElementType(), element.asPrimitiveType())
            : null;
    if (column == null) {
      return null;
    }
    Place inner = place.at(repeated).at(element);
    column.place(inner.level(), List.of());
    FlatList list = new FlatList(wanted, place.level(), column, take(waiting));
    found.add(new Leaf(list, column(inner)));
    return list;
  }

  private static List<FlatStruct> take(List<FlatStruct> waiting) {
    List<FlatStruct> taken = List.copyOf(waiting);
    waiting.clear();
    return taken;
  }

  private ColumnDescriptor column(Place place) {
    return schema.getColumnDescription(place.path().toArray(new String[0]));
  }

  /** Goes on with a row group. */
  void open(PageReadStore rowGroup) {
    rowsLeft = rowGroup.getRowCount();
    chunks = new ArrayList<>(leaves.size());
    for (Leaf leaf : leaves) {
      ColumnReader values =
          new ColumnReaderImpl(
              leaf.column(),
              rowGroup.getPageReader(leaf.column()),
              leaf.leaf().converter(),
              writer);
      chunks.add(new Chunk(leaf, values));
    }
  }

  /**
   * Reads the next rows of the row group.
   *
   * @throws ParquetDecodingException if a column has fewer or more values than the rows need
   */
  void read(int rows) {
    rowsLeft -= rows;
    for (int i = 0; i < chunks.size(); i++) {
      chunks.get(i).read(rows, rowsLeft == 0);
    }
  }

  /** The row group is closed. */
  void close() {
    chunks = List.of();
  }
}
