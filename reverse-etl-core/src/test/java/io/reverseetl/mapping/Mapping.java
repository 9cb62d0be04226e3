package io.reverseetl.mapping;

import io.reverseetl.document.Document;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Shorthand for tests: one column {@code v}, next to an id and a partition key. */
final class Mapping {
  private static final String PREFIX = "{\"id\":\"1\",\"p\":\"x\"";

  private Mapping() {}

  static StructType table(DataType type) {
    return TestRow.schema("id", Primitive.STRING, "p", Primitive.STRING, "v", type);
  }

  static ColumnMapper.Builder builder() {
    return ColumnMapper.builder().id("id").partitionKey("p");
  }

  /** The JSON of a value, or an empty text if the document does not have the property. */
  static String json(DataType type, Object value, UnaryOperator<ColumnMapper.Builder> options) {
    StructType table = table(type);
    String text = map(options.apply(builder()).build(), new TestRow(table, "1", "x", value)).text();
    String rest = text.substring(PREFIX.length(), text.length() - 1);
    return rest.isEmpty() ? "" : rest.substring(",\"v\":".length());
  }

  static String json(DataType type, Object value) {
    return json(type, value, UnaryOperator.identity());
  }

  static Document map(DocumentMapper mapper, TestRow row) {
    List<Document> documents = new ArrayList<>();
    mapper.bind(row.type()).map(row, documents::add);
    if (documents.size() != 1) {
      throw new AssertionError(documents.size() + " documents");
    }
    return documents.get(0);
  }
}
