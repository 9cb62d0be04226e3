package io.reverseetl.document;

/**
 * A sink whose sessions also take {@link DocumentOperation.UpsertIfNewer} and {@link
 * DocumentOperation.DeleteIfNewer}: comparing the versions and writing are one step that nobody can
 * come between, another session or process neither. Thread-safe.
 */
public interface GuardedDocumentSink extends DocumentSink {}
