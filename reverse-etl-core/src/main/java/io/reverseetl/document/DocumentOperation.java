package io.reverseetl.document;

import java.util.Objects;

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
}
