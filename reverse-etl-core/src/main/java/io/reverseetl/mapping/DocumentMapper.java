package io.reverseetl.mapping;

import io.reverseetl.document.Document;
import io.reverseetl.table.Row;
import io.reverseetl.table.StructType;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Turns a row into documents: usually one, or none, or several.
 *
 * <p>A mapper is a function of the row: the same row always gives the same documents, or a replay
 * after a crash would not heal. So no clock and no random ids. Use {@link ColumnMapper} unless your
 * documents need code:
 *
 * <pre>{@code
 * DocumentMapper mapper =
 *     (row, documents) ->
 *         documents.accept(
 *             Document.of(
 *                 DocumentKey.of(row.getString("sku"), row.getString("shop")),
 *                 Map.of("shop", row.getString("shop"), "price", row.getDouble("price"))));
 * }</pre>
 *
 * <p>The mapper itself must be thread-safe; what {@link #bind} returns is used by one thread.
 */
@FunctionalInterface
public interface DocumentMapper {

  /**
   * Maps one row.
   *
   * @param row the row; valid during the call
   * @param documents takes the documents
   * @throws io.reverseetl.exceptions.MappingException if the row cannot become a document; the
   *     pipeline then stops, or sets the row aside as a dead letter
   */
  void map(Row row, Consumer<Document> documents);

  /**
   * Prepares for rows of one schema: finds the columns, and refuses what will not work. Called
   * before the first row of a schema, once per reading thread.
   *
   * @param schema the columns of the rows to come
   * @return a mapper for such rows, used by one thread; default: this one
   * @throws io.reverseetl.exceptions.ConfigurationException if the mapper needs a column that is
   *     not there, or cannot take its type
   */
  default DocumentMapper bind(StructType schema) {
    return this;
  }

  /**
   * Which columns the mapper reads, so that others need not be decoded. Called with the schema of
   * the whole table, before {@link #bind} is with what is left of it, so it may check the table.
   *
   * @param tableSchema the columns of the table
   * @return names of columns of the table; default: empty, which means all
   * @throws io.reverseetl.exceptions.ConfigurationException if the mapper does not fit the table
   */
  default Optional<List<String>> columns(StructType tableSchema) {
    return Optional.empty();
  }

  /**
   * Where in the documents the partition key's values stand, to be compared with the container's
   * definition before the first write.
   *
   * @return one to three paths as {@code /a} or {@code /a/b}; default: none, which means not
   *     checked
   */
  default List<String> partitionKeyPaths() {
    return List.of();
  }
}
