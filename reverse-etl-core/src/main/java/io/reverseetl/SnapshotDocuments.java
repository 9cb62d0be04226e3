package io.reverseetl;

import io.reverseetl.document.Document;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.TableSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The documents that a version of the table makes, one after the other. For one thread. */
final class SnapshotDocuments {

  /** Takes what rows come to. */
  interface Taker {
    void document(Document document, Row row) throws InterruptedException;

    /** A row that cannot be mapped; where it stands is in the exception's message. */
    void unmappable(String location, MappingException e);
  }

  private final Pipeline pipeline;
  private final TableSnapshot snapshot;
  private long rows;

  SnapshotDocuments(Pipeline pipeline, TableSnapshot snapshot) {
    this.pipeline = pipeline;
    this.snapshot = snapshot;
  }

  /** How many rows were read. */
  long rows() {
    return rows;
  }

  void forEach(BooleanSupplier stopRequested, Taker taker) throws InterruptedException {
    DocumentMapper mapper = pipeline.mapper().bind(snapshot.schema());
    List<Document> documents = new ArrayList<>(1);
    for (SnapshotPart part : snapshot.parts()) {
      try (Cursor<Row> cursor = snapshot.open(part)) {
        // Counted from 1, as a load does, so that a row's dead letters have one name.
        for (long number = 1; cursor.advance(); number++) {
          if (stopRequested.getAsBoolean()) {
            throw new InterruptedException("Somebody asked to stop.");
          }
          rows++;
          documents.clear();
          try {
            mapper.map(cursor.current(), documents::add);
          } catch (MappingException e) {
            String location = "row " + number + " of " + part.id();
            taker.unmappable(
                location,
                new MappingException(
                    e.column().orElse(null),
                    "Cannot map "
                        + location
                        + " in version "
                        + snapshot.version().version()
                        + " of pipeline \""
                        + pipeline.name()
                        + "\": "
                        + e.getMessage(),
                    e));
            continue;
          }
          for (int i = 0; i < documents.size(); i++) {
            taker.document(documents.get(i), cursor.current());
          }
        }
      }
    }
  }
}
