package io.reverseetl;

import io.reverseetl.document.Document;
import io.reverseetl.document.ScannableDocumentSink;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.reduce.CanonicalDigest;
import io.reverseetl.reduce.KeyState;
import io.reverseetl.reduce.OrderValue;
import io.reverseetl.reduce.Reduced;
import io.reverseetl.reduce.Reducer;
import io.reverseetl.table.Row;
import io.reverseetl.table.TableSnapshot;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Compares the target with a version of the table: the documents that are there go into a reducer
 * as ones that went, those that the table makes as ones that stand. What is left over is what the
 * target needs: an upsert where a document is missing or different, a delete where there is one too
 * many, nothing where they are equal. Memory is bounded as that of a range is.
 */
final class TargetComparison implements AutoCloseable {
  private final Pipeline pipeline;
  private final TableSnapshot snapshot;
  private final Reducer reducer;
  private final Predicate<Document> chosen;
  private final @Nullable OwnedFields owned;
  private long documents;
  private long rows;
  private long unmappable;
  private long allFound;
  private long allMapped;

  /** What becomes of rows that cannot be mapped. */
  interface Unmappable {
    void row(String location, MappingException e);
  }

  TargetComparison(
      Pipeline pipeline,
      TableSnapshot snapshot,
      long memoryBudgetBytes,
      @Nullable Path spillFolder,
      Predicate<Document> chosen,
      KeyState.Duplicates duplicates) {
    this.pipeline = pipeline;
    this.snapshot = snapshot;
    this.chosen = chosen;
    this.owned =
        pipeline.writeMode().kind() == WriteMode.Kind.OWNED_FIELDS
            ? new OwnedFields(
                pipeline.writeMode(),
                pipeline.deletes(),
                pipeline.sink().describe().partitionKeyPaths())
            : null;
    this.reducer =
        new Reducer(memoryBudgetBytes, spillFolder, true, new CanonicalDigest(), duplicates);
  }

  static ScannableDocumentSink scannable(Pipeline pipeline, String what) {
    if (pipeline.sink() instanceof ScannableDocumentSink scannable) {
      return scannable;
    }
    throw new ConfigurationException(
        "The sink of pipeline \""
            + pipeline.name()
            + "\" cannot list what is in the target, which "
            + what
            + " needs. Take another sink, or load the table into an empty target.");
  }

  /** Reads both sides. */
  void read(ScannableDocumentSink sink, BooleanSupplier stopRequested, Unmappable handler)
      throws InterruptedException {
    long version = snapshot.version().version();
    String flag = pipeline.deletes().field();
    sink.scan(
        document -> {
          if ((flag != null && Flags.isSet(document, flag))
              || (owned != null && !owned.areIn(document))) {
            return;
          }
          allFound++;
          if (chosen.test(document)) {
            documents++;
            reducer.gone(version, ours(document));
          }
        });
    String order = pipeline.duplicateKeys().column();
    SnapshotDocuments table = new SnapshotDocuments(pipeline, snapshot);
    table.forEach(
        stopRequested,
        new SnapshotDocuments.Taker() {
          @Override
          public void document(Document document, Row row) {
            allMapped++;
            if (chosen.test(document)) {
              int column = order == null ? -1 : row.type().indexOf(order);
              reducer.live(version, ours(document), column < 0 ? null : OrderValue.of(row, column));
            }
          }

          @Override
          public void unmappable(String location, MappingException e) {
            unmappable++;
            handler.row(location, e);
          }
        });
    rows = table.rows();
    reducer.complete();
  }

  /** What is compared: of a document with several owners only what is ours. */
  private Document ours(Document document) {
    return owned == null ? document : owned.of(document);
  }

  Reducer reducer() {
    return reducer;
  }

  /** Documents that were found in the target, without those that are flagged as deleted. */
  long documents() {
    return documents;
  }

  /** As {@link #documents}, those that were not chosen included. */
  long allFound() {
    return allFound;
  }

  /** How many documents the table makes, those that were not chosen included. */
  long allMapped() {
    return allMapped;
  }

  long rows() {
    return rows;
  }

  long unmappable() {
    return unmappable;
  }

  /** Whether a document that the table does not make may be deleted. */
  static boolean isOurs(Pipeline pipeline, Reduced extra) {
    return pipeline.ownsTarget()
        || (extra.document() != null && Flags.has(extra.document(), Document.SOURCE_VERSION));
  }

  @Override
  public void close() {
    reducer.close();
  }
}
