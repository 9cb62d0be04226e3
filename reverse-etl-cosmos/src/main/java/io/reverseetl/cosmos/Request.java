package io.reverseetl.cosmos;

import com.azure.cosmos.models.CosmosPatchOperations;
import io.reverseetl.document.Document;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of the service next for an operation. Most operations are one request; those that
 * depend on what stands there can be several.
 *
 * @param kind what is asked
 * @param document the body, of a create, upsert or replace
 * @param etag what must stand there; null for anything
 * @param patch the steps of a patch
 * @param condition what the document of a patch must meet; null for nothing
 * @param contested a create has just been refused as something stands in its way
 */
record Request(
    Kind kind,
    @Nullable Document document,
    @Nullable String etag,
    @Nullable CosmosPatchOperations patch,
    @Nullable String condition,
    boolean contested) {

  enum Kind {
    CREATE,
    UPSERT,
    REPLACE,
    PATCH,
    DELETE,
    /** Goes in a request of its own, as only then its answer brings the document for sure. */
    READ
  }

  static final Request READ = new Request(Kind.READ, null, null, null, null, false);
  static final Request DELETE = new Request(Kind.DELETE, null, null, null, null, false);

  static Request create(Document document) {
    return new Request(Kind.CREATE, document, null, null, null, false);
  }

  static Request upsert(Document document) {
    return new Request(Kind.UPSERT, document, null, null, null, false);
  }

  static Request replace(Document document, String etag) {
    return new Request(Kind.REPLACE, document, etag, null, null, false);
  }

  static Request delete(String etag) {
    return new Request(Kind.DELETE, null, etag, null, null, false);
  }

  static Request patch(CosmosPatchOperations steps, @Nullable String condition) {
    return new Request(Kind.PATCH, null, null, steps, condition, false);
  }

  /** The same after a create was refused. */
  Request afterConflict() {
    return new Request(kind, document, etag, patch, condition, true);
  }

  /** The body of a request that has one. */
  Document body() {
    if (document == null) {
      throw new IllegalStateException(kind + " has no body.");
    }
    return document;
  }

  /** The steps of a patch. */
  CosmosPatchOperations steps() {
    if (patch == null) {
      throw new IllegalStateException(kind + " has no steps.");
    }
    return patch;
  }
}
