package io.reverseetl.document;

/**
 * A sink whose sessions also take {@link DocumentOperation.Create}, {@link
 * DocumentOperation.ReplaceIfUnmodified} and {@link DocumentOperation.DeleteIfUnmodified}.
 * Thread-safe.
 */
public interface ConditionalDocumentSink extends DocumentSink {}
