package io.reverseetl;

import io.reverseetl.checkpoint.LoadProgress;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.Rejection;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.reduce.Digest;
import io.reverseetl.reduce.KeyCodec;
import io.reverseetl.reduce.KeyFingerprints;
import io.reverseetl.reduce.OrderValue;
import io.reverseetl.reduce.Reduced;
import io.reverseetl.reduce.Reducer;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.TableSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * At the end of a load, finds different rows that stand for one document, of which one was written
 * by chance, and does with them what the pipeline's {@link DuplicateKeys} say.
 *
 * <p>Rows that earlier runs of the load had read are read again for their keys. Then those keys are
 * looked at whose hash occurs more than once: the table is read once more, and their documents are
 * reduced as those of one commit are.
 */
final class DuplicateCheck implements WritePath.Owner {
  private static final int SUSPECTS = 1 << 20;
  private static final long MEMORY_BUDGET_BYTES = 32L << 20;

  private final Pipeline pipeline;
  private final TableSnapshot snapshot;
  private final List<SnapshotPart> parts;
  private final List<String> partitionKeyPaths;
  private final LoadOptions options;
  private final KeyFingerprints keys;
  private final WritePath writes;
  private final RejectedRows rejectedRows;
  private final BooleanSupplier mustStop;
  private final List<DocumentKey> setAside = new ArrayList<>();
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

  DuplicateCheck(
      Pipeline pipeline,
      TableSnapshot snapshot,
      List<SnapshotPart> parts,
      List<String> partitionKeyPaths,
      LoadOptions options,
      KeyFingerprints keys,
      WritePath writes,
      RejectedRows rejectedRows,
      BooleanSupplier mustStop) {
    this.pipeline = pipeline;
    this.snapshot = snapshot;
    this.parts = parts;
    this.partitionKeyPaths = partitionKeyPaths;
    this.options = options;
    this.keys = keys;
    this.writes = writes;
    this.rejectedRows = rejectedRows;
    this.mustStop = mustStop;
  }

  /**
   * Looks, and puts right.
   *
   * @param before what earlier runs had done
   * @throws MappingException if there are duplicates that nothing is said about
   * @throws InterruptedException if it must stop; then it has to be done again
   */
  void run(LoadProgress before) throws InterruptedException {
    readKeysOfEarlierRuns(before);
    Long after = null;
    for (; ; ) {
      long[] suspects = keys.repeated(after, SUSPECTS);
      if (suspects.length == 0) {
        return;
      }
      examine(suspects);
      after = suspects[suspects.length - 1];
    }
  }

  private void readKeysOfEarlierRuns(LoadProgress before) throws InterruptedException {
    KeyFingerprints.Buffer buffer = new KeyFingerprints.Buffer(keys);
    DocumentMapper mapper = pipeline.mapper().bind(snapshot.schema());
    for (int i = 0; i < parts.size(); i++) {
      if (before.finished().contains(i)) {
        readKeys(parts.get(i), Long.MAX_VALUE, mapper, buffer);
      }
    }
    for (Map.Entry<Integer, Long> partial : before.partial().entrySet()) {
      readKeys(parts.get(partial.getKey()), partial.getValue(), mapper, buffer);
    }
    buffer.flush();
  }

  private void readKeys(
      SnapshotPart part, long rows, DocumentMapper mapper, KeyFingerprints.Buffer buffer)
      throws InterruptedException {
    List<Document> documents = new ArrayList<>(1);
    try (Cursor<Row> cursor = snapshot.open(part)) {
      for (long row = 0; row < rows && cursor.advance(); row++) {
        if (mustStop.getAsBoolean()) {
          throw new InterruptedException("Somebody asked to stop.");
        }
        documents.clear();
        try {
          mapper.map(cursor.current(), documents::add);
        } catch (MappingException e) {
          // It was set aside when it was loaded.
          continue;
        }
        documents.forEach(document -> buffer.add(KeyCodec.longHash(document.key())));
      }
    }
  }

  private void examine(long[] suspects) throws InterruptedException {
    long version = snapshot.version().version();
    String order = pipeline.duplicateKeys().column();
    OperationMaker operations = new OperationMaker(pipeline, partitionKeyPaths);
    try (Reducer reducer =
        new Reducer(
            MEMORY_BUDGET_BYTES, options.spillFolder(), false, Digest.ofBytes(), this::found)) {
      new SnapshotDocuments(pipeline, snapshot)
          .forEach(
              mustStop,
              new SnapshotDocuments.Taker() {
                @Override
                public void document(Document document, Row row) {
                  if (Arrays.binarySearch(suspects, KeyCodec.longHash(document.key())) >= 0) {
                    int column = order == null ? -1 : row.type().indexOf(order);
                    reducer.live(version, document, column < 0 ? null : OrderValue.of(row, column));
                  }
                }

                @Override
                public void unmappable(String location, MappingException e) {
                  // It was set aside when it was loaded.
                }
              });
      reducer.complete();
      for (int chunk = 0; chunk < Reducer.CHUNKS; chunk++) {
        reducer.forEach(
            chunk,
            true,
            result -> {
              if (order != null) {
                // Which of them was written last is not known, so the winner is written again.
                send(operations.upsert(result));
              }
            });
      }
    }
    // None of them counts, so there is no document.
    for (DocumentKey key : setAside) {
      send(deletion(operations, key, version));
    }
    setAside.clear();
    writes.flush();
    throwIfFailed();
    rejectedRows.flush();
  }

  private DocumentOperation deletion(OperationMaker operations, DocumentKey key, long version) {
    if (pipeline.deletes().areOwnedFields()) {
      // The rest of the document is others'.
      return Objects.requireNonNull(
          operations.delete(new Reduced(Reduced.Kind.DELETE, key, null, version, true)));
    }
    return pipeline.writeMode() == WriteMode.UPSERT_IF_NEWER
        ? new DocumentOperation.DeleteIfNewer(key, version)
        : new DocumentOperation.Delete(key, version);
  }

  private void found(long version, DocumentKey key, List<Document> rivals) {
    try {
      rejectedRows.duplicates(version, key, rivals);
    } catch (MappingException e) {
      throw new MappingException(
          null,
          "In version "
              + version
              + " "
              + rivals.size()
              + " different rows of pipeline \""
              + pipeline.name()
              + "\" stand for one document, so id and partition key are not unique, and which one"
              + " was written is chance. The load is not complete. Say which row wins with"
              + " Pipeline.Builder.duplicateKeys and load again; or make the keys unique, remove the"
              + " checkpoint and load the new version.",
          e);
    }
    setAside.add(key);
  }

  private void send(DocumentOperation operation) throws InterruptedException {
    throwIfFailed();
    writes.write(operation, this);
  }

  private void throwIfFailed() {
    RuntimeException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }

  // ---- the sink's threads ----

  @Override
  public void durable(DocumentOperation operation) {}

  @Override
  public void rejected(DocumentOperation operation, Rejection rejection) {
    try {
      rejectedRows.setAside(
          operation,
          "version " + operation.sourceVersion(),
          rejection,
          new WriteException(
              "The target will never take a document of version "
                  + operation.sourceVersion()
                  + " of pipeline \""
                  + pipeline.name()
                  + "\": "
                  + rejection.message(),
              rejection.statusCode() == 0 ? null : rejection.statusCode(),
              null));
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
    }
  }
}
