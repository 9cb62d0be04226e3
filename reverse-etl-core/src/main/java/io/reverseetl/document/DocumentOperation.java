package io.reverseetl.document;

import java.util.Objects;
import java.util.Optional;

/** One thing to do to one document. */
public sealed interface DocumentOperation {

  /**
   * Which document.
   *
   * @return id and partition key
   */
  DocumentKey key();

  /**
   * The commit version that the operation comes from.
   *
   * @return the version, from 0
   */
  long sourceVersion();

  /**
   * How much it weighs in buffers and on the wire.
   *
   * @return the size of the body in bytes, 0 without one
   */
  int sizeInBytes();

  /**
   * Makes the document stand as given, whether or not it was there.
   *
   * @param document the document
   * @param sourceVersion the commit version that it comes from
   */
  record Upsert(Document document, long sourceVersion) implements DocumentOperation {
    /** Checks that nothing is missing. */
    public Upsert {
      Objects.requireNonNull(document, "document");
    }

    @Override
    public DocumentKey key() {
      return document.key();
    }

    @Override
    public int sizeInBytes() {
      return document.sizeInBytes();
    }
  }

  /**
   * Makes the document be gone, whether or not it was there.
   *
   * @param key which document
   * @param sourceVersion the commit version that deleted its row
   */
  record Delete(DocumentKey key, long sourceVersion) implements DocumentOperation {
    /** Checks that nothing is missing. */
    public Delete {
      Objects.requireNonNull(key, "key");
    }

    @Override
    public int sizeInBytes() {
      return 0;
    }
  }

  /**
   * Makes the document stand as given, unless one stands there whose number {@link
   * Document#SOURCE_VERSION} is greater. It counts as written either way: the target holds this
   * version or a newer one. A document without the number counts as older than every version.
   *
   * @param document the document; its body carries the version as {@link Document#SOURCE_VERSION}
   * @param sourceVersion the commit version that it comes from
   */
  record UpsertIfNewer(Document document, long sourceVersion) implements DocumentOperation {
    /** Checks that nothing is missing. */
    public UpsertIfNewer {
      Objects.requireNonNull(document, "document");
    }

    @Override
    public DocumentKey key() {
      return document.key();
    }

    @Override
    public int sizeInBytes() {
      return document.sizeInBytes();
    }
  }

  /**
   * Makes the document be gone, unless one stands there whose number {@link
   * Document#SOURCE_VERSION} is greater. It counts as written either way.
   *
   * @param key which document
   * @param sourceVersion the commit version that deleted its row
   */
  record DeleteIfNewer(DocumentKey key, long sourceVersion) implements DocumentOperation {
    /** Checks that nothing is missing. */
    public DeleteIfNewer {
      Objects.requireNonNull(key, "key");
    }

    @Override
    public int sizeInBytes() {
      return 0;
    }
  }

  /**
   * The body that the operation writes.
   *
   * @return the document; empty for an operation that deletes
   */
  default Optional<Document> body() {
    if (this instanceof Upsert upsert) {
      return Optional.of(upsert.document());
    }
    return this instanceof UpsertIfNewer guarded
        ? Optional.of(guarded.document())
        : Optional.empty();
  }
}
