package io.reverseetl.reduce;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a range of commits comes to for one document.
 *
 * @param kind what is left to do
 * @param key which document
 * @param document the document to stand; for a delete the last one that stood, if images are kept
 * @param version the commit that decided
 * @param wasThere whether the document is known to have stood before
 */
public record Reduced(
    Kind kind, DocumentKey key, @Nullable Document document, long version, boolean wasThere) {

  public enum Kind {
    UPSERT,
    DELETE,
    /** After the range the document is what it was before. */
    UNCHANGED
  }

  public Document upserted() {
    return Objects.requireNonNull(document, "An upsert has a document.");
  }
}
