package io.reverseetl.reduce;

import io.reverseetl.document.Document;
import org.jspecify.annotations.Nullable;

/** Takes changes of documents. */
public interface DocumentChanges {

  /**
   * A row stands after a commit.
   *
   * @param version the commit; never goes down from call to call
   * @param order what orders it among rows of the same document; null if nothing does
   */
  void live(long version, Document document, @Nullable OrderValue order);

  /**
   * A row stood before a commit and does not stand, or not as it was, after it.
   *
   * @param version the commit; never goes down from call to call
   */
  void gone(long version, Document document);
}
