package io.reverseetl.document;

/**
 * Writes operations, many at a time. Thread-safe: several threads may write into one session.
 *
 * <p>Operations may take effect in any order, but never two at once on one document: a later
 * operation on a document waits until the earlier one has ended. What is in flight is bounded, by
 * count and by bytes.
 */
public interface WriteSession extends AutoCloseable {

  /**
   * Hands an operation over. Blocks while as much is in flight as the sink allows, or an earlier
   * operation on the same document is.
   *
   * <p>The callback is called exactly once for each operation handed over, unless the session fails
   * or is closed before; then the outcome of the operations in flight is unknown. It is called on
   * any thread, also on this one, must be quick, and must not call the session.
   *
   * @param operation what to do
   * @param callback is told how it ended
   * @throws io.reverseetl.exceptions.WriteException if the session has failed
   * @throws IllegalStateException if the session is closed
   * @throws InterruptedException if the thread is interrupted while it waits; the operation was not
   *     handed over
   */
  void write(DocumentOperation operation, WriteCallback callback) throws InterruptedException;

  /**
   * Waits until every operation handed over before this call has ended, and every callback has
   * returned.
   *
   * @throws io.reverseetl.exceptions.WriteException if the session has failed
   * @throws IllegalStateException if the session is closed
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  void flush() throws InterruptedException;

  /**
   * What the session has done so far.
   *
   * @return counts since the session was opened
   */
  WriteStatistics statistics();

  /**
   * Ends the session. Does not wait for what is in flight: call {@link #flush} before, or its
   * outcome stays unknown. May be called twice.
   */
  @Override
  void close();
}
