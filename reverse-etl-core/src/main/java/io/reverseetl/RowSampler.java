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
import java.util.OptionalLong;
import java.util.function.Consumer;

/** Maps some rows of a snapshot to see what would be written. */
final class RowSampler {
  /** Enough to see a table whose files differ, few enough to be quick. */
  private static final int FEW_FILES = 8;

  /** A large sample, taken for the spread of keys, comes from more files. */
  private static final int ROWS_PER_FILE = 1_000;

  private final Pipeline pipeline;
  private final TableSnapshot snapshot;
  private final DocumentMapper mapper;

  RowSampler(Pipeline pipeline, TableSnapshot snapshot) {
    this.pipeline = pipeline;
    this.snapshot = snapshot;
    this.mapper = pipeline.mapper().bind(snapshot.schema());
  }

  Preview preview(int rows) {
    requirePositive(rows);
    List<Document> documents = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    long read = 0;
    for (SnapshotPart part : snapshot.parts()) {
      if (read == rows) {
        break;
      }
      read += map(part, rows - read, documents::add, problems);
    }
    return new Preview(snapshot.version().version(), read, documents, problems);
  }

  LoadEstimate estimate(int sampleRows) {
    requirePositive(sampleRows);
    List<SnapshotPart> parts = snapshot.parts();
    OptionalLong rows = InitialLoader.rowCount(parts);
    SampledDocuments sample = new SampledDocuments();
    List<String> problems = new ArrayList<>();
    int files = Math.min(parts.size(), Math.max(FEW_FILES, sampleRows / ROWS_PER_FILE));
    long sampled = 0;
    long held = 0;
    for (int i = 0; i < files; i++) {
      SnapshotPart part = parts.get((int) ((long) i * parts.size() / files));
      long wanted = (sampleRows - sampled) / (files - i);
      long read = map(part, wanted, sample, problems);
      sampled += read;
      // A file that ended before the wanted rows was read whole: the row filter kept the
      // difference.
      held += read < wanted && part.rowCount().isPresent() ? part.rowCount().getAsLong() : read;
    }
    double perRow = held == 0 ? 0 : (double) sample.documents() / held;
    OptionalLong documents =
        rows.isPresent() ? OptionalLong.of(Math.round(rows.getAsLong() * perRow)) : rows;
    double mean = sample.meanBytes();
    return new LoadEstimate(
        snapshot.version().tableUri(),
        snapshot.version().version(),
        parts.size(),
        parts.stream().mapToLong(SnapshotPart::sizeInBytes).sum(),
        rows,
        sampled,
        documents,
        documents.isPresent()
            ? OptionalLong.of(Math.round(documents.getAsLong() * mean))
            : documents,
        mean,
        sample.largest(),
        sample.meanValues(),
        sample.skew(),
        problems.size());
  }

  private long map(
      SnapshotPart part, long limit, Consumer<Document> documents, List<String> problems) {
    long version = snapshot.version().version();
    Consumer<Document> out =
        pipeline.stampSourceVersion()
            ? document -> documents.accept(SourceVersionStamp.stamp(document, version))
            : documents;
    long read = 0;
    try (Cursor<Row> rows = snapshot.open(part)) {
      while (read < limit && rows.advance()) {
        read++;
        try {
          mapper.map(rows.current(), out);
        } catch (MappingException e) {
          problems.add(String.valueOf(e.getMessage()));
        }
      }
    }
    return read;
  }

  private static void requirePositive(int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException("There is at least 1 row to map, not " + rows + ".");
    }
  }
}
