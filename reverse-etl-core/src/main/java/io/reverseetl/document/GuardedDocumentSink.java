package io.reverseetl.document;

/**
 * A sink whose sessions also take {@link DocumentOperation.UpsertIfNewer} and {@link
 * DocumentOperation.DeleteIfNewer}, each in one step that nobody can come between. Thread-safe.
 */
public interface GuardedDocumentSink extends DocumentSink {}
