package io.reverseetl.document;

/**
 * A sink whose sessions also take {@link DocumentOperation.MergeFields} and {@link
 * DocumentOperation.Patch}: it can change a part of a document and leave the rest, so that nobody
 * else's change of the rest is lost. Thread-safe.
 */
public interface PatchingDocumentSink extends DocumentSink {}
