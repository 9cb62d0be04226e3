package io.reverseetl.document;

import java.util.function.Predicate;

/**
 * A sink whose documents lie among those of others, so that they go one by one: a generation in a
 * container that holds several. Before such a generation is discarded, its documents are deleted as
 * any others are, within the pipeline's budget of request units. Thread-safe.
 */
public interface SharedDocumentSink extends DocumentSink {

  /**
   * Names every document of this sink and of no other, in no order. Documents that come or go
   * meanwhile may be named or not.
   *
   * @param each is given each key, on the calling thread, and tells whether to go on; an exception
   *     that it throws ends the reading and is thrown on
   * @throws io.reverseetl.exceptions.WriteException if the target does not answer
   */
  void keys(Predicate<? super DocumentKey> each);

  /**
   * As {@link #keys(Predicate)}, for a caller that is bound by a rate limiter: no page is asked for
   * that the budget does not allow. The default is for targets whose reading costs nothing, and
   * leaves the budget alone.
   *
   * @param budget what each page is taken from
   * @param each as above
   * @throws InterruptedException if the thread is interrupted while it waits for the budget
   * @throws io.reverseetl.exceptions.WriteException if the target does not answer
   */
  default void keys(ReadBudget budget, Predicate<? super DocumentKey> each)
      throws InterruptedException {
    keys(each);
  }
}
