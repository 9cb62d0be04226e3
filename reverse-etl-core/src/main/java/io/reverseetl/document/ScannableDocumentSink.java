package io.reverseetl.document;

import java.util.function.Consumer;

/**
 * A sink whose target can be read through, to find documents that should not be there, and such
 * that are not what they should be. Thread-safe.
 */
public interface ScannableDocumentSink extends DocumentSink {

  /**
   * Reads every document, in no order, without the properties that the target itself adds.
   * Documents that change meanwhile are given as they were or as they are.
   *
   * @param each is given each document, on the calling thread; an exception that it throws ends the
   *     scan and is thrown on
   * @throws io.reverseetl.exceptions.WriteException if the target does not answer
   */
  void scan(Consumer<? super Document> each);
}
