package io.reverseetl.document;

import java.util.function.DoubleSupplier;

/**
 * A sink that gathers operations into batches, and can make them small enough to leave evenly when
 * a rate limiter feeds it: a batch that takes a second to fill would spend a second's budget at
 * once. Thread-safe.
 */
public interface PacedDocumentSink extends DocumentSink {

  /**
   * As {@link #openSession()}, for a caller that is bound by a rate limiter.
   *
   * @param requestUnitsPerSecond tells the budget in force, often and from any thread; infinite if
   *     there is none
   * @return a session that the caller closes
   * @throws io.reverseetl.exceptions.ConfigurationException if there is no such target, or the
   *     credentials are refused
   * @throws io.reverseetl.exceptions.WriteException if the target does not answer
   */
  WriteSession openSession(DoubleSupplier requestUnitsPerSecond);
}
