package io.reverseetl.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.CdcPoller;
import io.reverseetl.InitialLoader;
import io.reverseetl.Pipeline;
import io.reverseetl.PollReport;
import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What docs/migration.md says of the notebook, played with the product catalog, whose change data
 * feed Spark wrote: every row of the feed is upserted in the order in which it is read.
 */
class TutorialTest {
  private static final String TABLE = "data/product-catalog/table";
  private static final ColumnMapper MAPPER =
      ColumnMapper.builder().id("product_id").partitionKey("category").build();

  @Test
  void theNotebookLeavesWhatWasDeletedAndWritesMoreOften() throws IOException {
    try (DeltaTableSource source = DeltaTableSource.open(TABLE)) {
      InMemoryDocumentSink sink = InMemoryDocumentSink.of("/category");
      Pipeline pipeline =
          Pipeline.builder("products")
              .source(source)
              .mapper(MAPPER)
              .sink(sink)
              .checkpoints(InMemoryCheckpointStore.create())
              .build();
      InitialLoader.of(pipeline).atVersion(1).load();
      Map<DocumentKey, String> notebook = new HashMap<>();
      sink.documents().keySet().forEach(key -> notebook.put(key, sink.json(key).orElseThrow()));

      long rows = upsertEveryRow(source, notebook);
      PollReport report = CdcPoller.of(pipeline).pollOnce();

      Set<DocumentKey> gone = new HashSet<>(notebook.keySet());
      gone.removeAll(sink.documents().keySet());
      assertThat(gone).isNotEmpty();
      assertThat(notebook.keySet()).containsAll(sink.documents().keySet());
      assertThat(Pages.computed("docs/migration.md", "catalog"))
          .isEqualTo(
              List.of(
                  "| | every feed row upserted | `CdcPoller` |",
                  "| --- | --- | --- |",
                  row("rows of the feed", rows, report.changesRead()),
                  row("upserts", rows, report.documentsWritten()),
                  row("deletes", 0, report.documentsDeleted()),
                  row("documents afterwards", notebook.size(), sink.size()),
                  row("of them: of products that were deleted or moved", gone.size(), 0)));
    }
  }

  private static long upsertEveryRow(DeltaTableSource source, Map<DocumentKey, String> documents) {
    long rows = 0;
    try (ChangeCursor changes = source.openChanges(ChangeQuery.from(2))) {
      while (changes.advance()) {
        MAPPER.map(
            changes.current().row(), (Document made) -> documents.put(made.key(), made.text()));
        rows++;
      }
    }
    return rows;
  }

  private static String row(String what, long notebook, long here) {
    return String.format(Locale.ROOT, "| %s | %,d | %,d |", what, notebook, here);
  }
}
