package io.reverseetl;

import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.ScannableDocumentSink;
import io.reverseetl.reduce.Reduced;
import io.reverseetl.reduce.Reducer;
import io.reverseetl.table.TableSnapshot;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * At the end of a load, deletes the documents of the target that the loaded version does not make,
 * and that are ours.
 */
final class OrphanRemoval {
  private static final long MEMORY_BUDGET_BYTES = 64L << 20;

  private final Pipeline pipeline;
  private final TableSnapshot snapshot;
  private final List<String> partitionKeyPaths;
  private final LoadOptions options;
  private final WritePath writes;
  private final BooleanSupplier mustStop;

  OrphanRemoval(
      Pipeline pipeline,
      TableSnapshot snapshot,
      List<String> partitionKeyPaths,
      LoadOptions options,
      WritePath writes,
      BooleanSupplier mustStop) {
    this.pipeline = pipeline;
    this.snapshot = snapshot;
    this.partitionKeyPaths = partitionKeyPaths;
    this.options = options;
    this.writes = writes;
    this.mustStop = mustStop;
  }

  static ScannableDocumentSink scannable(Pipeline pipeline) {
    return TargetComparison.scannable(pipeline, "removing orphans");
  }

  /**
   * Reads the target and the version through, and deletes.
   *
   * @throws InterruptedException if it must stop; then it has to be done again
   */
  void run() throws InterruptedException {
    OperationMaker operations = new OperationMaker(pipeline, partitionKeyPaths);
    StrictDeletes deletes =
        new StrictDeletes(
            writes,
            "The target refuses to delete a document that version "
                + snapshot.version().version()
                + " of pipeline \""
                + pipeline.name()
                + "\" does not make");
    try (TargetComparison comparison =
        new TargetComparison(
            pipeline,
            snapshot,
            MEMORY_BUDGET_BYTES,
            options.spillFolder(),
            document -> true,
            // These were looked at by the check for duplicates; none of them is an orphan.
            (version, key, rivals) -> {})) {
      // A row that cannot be mapped has no document, and was set aside when it was loaded.
      comparison.read(scannable(pipeline), mustStop, (location, e) -> {});
      for (int chunk = 0; chunk < Reducer.CHUNKS; chunk++) {
        comparison
            .reducer()
            .forEach(
                chunk,
                false,
                result -> {
                  if (result.kind() == Reduced.Kind.DELETE
                      && TargetComparison.isOurs(pipeline, result)) {
                    DocumentOperation operation = operations.delete(result);
                    if (operation != null) {
                      deletes.send(operation);
                    }
                  }
                });
      }
      deletes.end();
    }
  }
}
