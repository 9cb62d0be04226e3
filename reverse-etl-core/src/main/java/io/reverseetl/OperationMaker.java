package io.reverseetl;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.DocumentOperation.IfMissing;
import io.reverseetl.document.FieldChange;
import io.reverseetl.reduce.Reduced;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Turns what a document is to be into the operation that the pipeline's settings ask for. */
class OperationMaker {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<Map<String, @Nullable Object>> MAP = new TypeReference<>() {};

  private final Pipeline pipeline;
  private final WriteMode mode;
  private final List<String> partitionKeyPaths;
  private final boolean guarded;
  private final boolean stamps;
  private final OwnedFields owned;

  OperationMaker(Pipeline pipeline, List<String> partitionKeyPaths) {
    this(pipeline, partitionKeyPaths, pipeline.writeMode().isGuarded());
  }

  OperationMaker(Pipeline pipeline, List<String> partitionKeyPaths, boolean guarded) {
    this.pipeline = pipeline;
    this.mode = pipeline.writeMode();
    this.partitionKeyPaths = partitionKeyPaths;
    this.guarded = guarded;
    this.stamps = pipeline.stampSourceVersion() || mode.isGuarded();
    this.owned = new OwnedFields(mode, pipeline.deletes(), partitionKeyPaths);
  }

  /** Whether documents are written that are what they were. */
  boolean writesUnchanged() {
    return false;
  }

  /** The document is to stand. */
  DocumentOperation upsert(Reduced result) {
    return upsert(result.upserted(), result.version());
  }

  DocumentOperation upsert(Document mapped, long version) {
    return switch (mode.kind()) {
      case UPSERT ->
          guarded
              ? new DocumentOperation.UpsertIfNewer(stamped(mapped, version), version)
              : new DocumentOperation.Upsert(stamped(mapped, version), version);
      case CREATE -> new DocumentOperation.Create(stamped(mapped, version), version);
      case REPLACE_IF_UNMODIFIED -> {
        Document document = Document.ofJson(mapped.key(), without(mapped, mode.fields()));
        yield new DocumentOperation.ReplaceIfUnmodified(
            stamped(document, version), etag(mapped), version);
      }
      case OWNED_FIELDS -> owned(owned.of(mapped), mode.ifMissing(), version);
    };
  }

  private DocumentOperation owned(Document document, IfMissing ifMissing, long version) {
    String condition = mode.condition();
    if (condition == null) {
      return new DocumentOperation.MergeFields(
          stamped(document, version), owned.names(), ifMissing, guarded, version);
    }
    Map<String, @Nullable Object> properties = properties(document);
    List<FieldChange> changes = new ArrayList<>();
    for (String name : new TreeSet<>(owned.names())) {
      changes.add(FieldChange.set(path(name), properties.get(name)));
    }
    if (stamps && !guarded) {
      changes.add(FieldChange.set(path(Document.SOURCE_VERSION), version));
    }
    return new DocumentOperation.Patch(
        document.key(), changes, condition, ifMissing, guarded, version);
  }

  /** The document is to go; null if it may stay. */
  @Nullable DocumentOperation delete(Reduced result) {
    Deletes deletes = pipeline.deletes();
    if (deletes.areIgnored()) {
      return null;
    }
    long version = result.version();
    if (deletes.areOwnedFields()) {
      Document nothing =
          Document.ofJson(result.key(), Deletes.keyOnly(result.key(), partitionKeyPaths));
      // The number of the version stays, so that a late write of an older one has no effect.
      return owned(nothing, IfMissing.SKIP, version);
    }
    Document remains = deletes.remains(result.key(), result.document(), partitionKeyPaths);
    if (remains != null) {
      return upsert(remains, version);
    }
    if (guarded) {
      return new DocumentOperation.DeleteIfNewer(result.key(), version);
    }
    String etag =
        mode.kind() == WriteMode.Kind.REPLACE_IF_UNMODIFIED && result.document() != null
            ? etag(result.document())
            : null;
    return etag == null
        ? new DocumentOperation.Delete(result.key(), version)
        : new DocumentOperation.DeleteIfUnmodified(result.key(), etag, version);
  }

  private Document stamped(Document document, long version) {
    return stamps ? SourceVersionStamp.stamp(document, version) : document;
  }

  private @Nullable String etag(Document mapped) {
    return properties(mapped).get(mode.fields().iterator().next()) instanceof String text
        ? text
        : null;
  }

  private static byte[] without(Document document, Set<String> names) {
    return JsonProperties.edit(document.json(), names, "");
  }

  private static String path(String name) {
    return "/" + name.replace("~", "~0").replace("/", "~1");
  }

  private static Map<String, @Nullable Object> properties(Document document) {
    try {
      return JSON.readValue(document.json(), MAP);
    } catch (IOException e) {
      throw new UncheckedIOException("A document is JSON.", e);
    }
  }
}
