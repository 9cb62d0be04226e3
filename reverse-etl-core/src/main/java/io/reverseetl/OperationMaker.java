package io.reverseetl;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentOperation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns what a document is to be into the operation that the pipeline's settings ask for. */
class OperationMaker {
  private final Pipeline pipeline;
  private final List<String> partitionKeyPaths;
  private final boolean guarded;

  OperationMaker(Pipeline pipeline, List<String> partitionKeyPaths) {
    this(pipeline, partitionKeyPaths, pipeline.writeMode() == WriteMode.UPSERT_IF_NEWER);
  }

  OperationMaker(Pipeline pipeline, List<String> partitionKeyPaths, boolean guarded) {
    this.pipeline = pipeline;
    this.partitionKeyPaths = partitionKeyPaths;
    this.guarded = guarded;
  }

  /** Whether documents are written that are what they were. */
  boolean writesUnchanged() {
    return false;
  }

  /** The document is to stand. */
  DocumentOperation upsert(Reduced result) {
    return upsert(result.upserted(), result.version());
  }

  DocumentOperation upsert(Document document, long version) {
    if (guarded) {
      return new DocumentOperation.UpsertIfNewer(
          SourceVersionStamp.stamp(document, version), version);
    }
    boolean stamps =
        pipeline.stampSourceVersion() || pipeline.writeMode() == WriteMode.UPSERT_IF_NEWER;
    return new DocumentOperation.Upsert(
        stamps ? SourceVersionStamp.stamp(document, version) : document, version);
  }

  /** The document is to go; null if it may stay. */
  @Nullable DocumentOperation delete(Reduced result) {
    Deletes deletes = pipeline.deletes();
    if (deletes.areIgnored()) {
      return null;
    }
    Document remains = deletes.remains(result.key(), result.document(), partitionKeyPaths);
    if (remains != null) {
      return upsert(remains, result.version());
    }
    return guarded
        ? new DocumentOperation.DeleteIfNewer(result.key(), result.version())
        : new DocumentOperation.Delete(result.key(), result.version());
  }
}
