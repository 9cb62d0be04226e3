package io.reverseetl.mapping;

import com.fasterxml.jackson.core.JsonGenerator;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.table.Row;
import io.reverseetl.table.StructType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A {@link ColumnMapper} for rows of one schema. Reuses its buffers: for one thread. */
final class BoundMapper implements DocumentMapper {
  private final ColumnMapper mapper;
  private final IdMaker id;
  private final KeyLevel[] levels;
  private final ComputedValues computed;
  private final ValueWriter body;
  private final JsonBuffer buffer = new JsonBuffer();

  BoundMapper(
      ColumnMapper mapper,
      IdMaker id,
      List<KeyLevel> levels,
      ComputedValues computed,
      ValueWriter body) {
    this.mapper = mapper;
    this.id = id;
    this.levels = levels.toArray(new KeyLevel[0]);
    this.computed = computed;
    this.body = body;
  }

  @Override
  public void map(Row row, Consumer<Document> documents) {
    computed.evaluate(row);
    String documentId = id.make(row);
    @Nullable Object[] values = new Object[levels.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = levels[i].read(row, documentId);
    }
    // Id, levels and body come from the same values of the row.
    documents.accept(Document.ofConsistentJson(DocumentKey.of(documentId, values), json(row)));
  }

  private byte[] json(Row row) {
    boolean complete = false;
    try {
      JsonGenerator out = buffer.generator();
      body.write(row, 0, out);
      byte[] json = buffer.take();
      complete = true;
      return json;
    } catch (IOException e) {
      throw new UncheckedIOException("Writing to memory failed.", e);
    } finally {
      if (!complete) {
        buffer.discard();
      }
    }
  }

  @Override
  public DocumentMapper bind(StructType schema) {
    return mapper.bind(schema);
  }

  @Override
  public Optional<List<String>> columns(StructType tableSchema) {
    return mapper.columns(tableSchema);
  }

  @Override
  public List<String> partitionKeyPaths() {
    return mapper.partitionKeyPaths();
  }
}
