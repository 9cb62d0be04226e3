package io.reverseetl;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentOperation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns what a document is to be into the operation that the pipeline's settings ask for. */
final class OperationMaker {
  private final Pipeline pipeline;
  private final List<String> partitionKeyPaths;

  OperationMaker(Pipeline pipeline, List<String> partitionKeyPaths) {
    this.pipeline = pipeline;
    this.partitionKeyPaths = partitionKeyPaths;
  }

  /** The document is to stand. */
  DocumentOperation upsert(Reduced result) {
    return upsert(result.upserted(), result.version());
  }

  DocumentOperation upsert(Document document, long version) {
    if (pipeline.writeMode() == WriteMode.UPSERT_IF_NEWER) {
      return new DocumentOperation.UpsertIfNewer(
          SourceVersionStamp.stamp(document, version), version);
    }
    Document stamped =
        pipeline.stampSourceVersion() ? SourceVersionStamp.stamp(document, version) : document;
    return new DocumentOperation.Upsert(stamped, version);
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
    return pipeline.writeMode() == WriteMode.UPSERT_IF_NEWER
        ? new DocumentOperation.DeleteIfNewer(result.key(), result.version())
        : new DocumentOperation.Delete(result.key(), result.version());
  }
}
