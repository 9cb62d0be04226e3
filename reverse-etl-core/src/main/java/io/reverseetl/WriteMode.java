package io.reverseetl;

/** How documents are written. */
public enum WriteMode {
  /** A document replaces whatever stood in its place. This is the default. */
  UPSERT,
  /**
   * A document carries the version that it comes from as {@code _sourceVersion} and never replaces
   * one that carries a greater version, whoever comes late. Deletes keep the same rule; so that a
   * late write cannot bring back a deleted document, use {@link Deletes#soft} or {@link
   * Deletes#tombstone}, with a time to live longer than any request lives.
   *
   * <p>Costs a further request for each document that is there already, and needs a sink that is a
   * {@link io.reverseetl.document.GuardedDocumentSink}.
   */
  UPSERT_IF_NEWER
}
