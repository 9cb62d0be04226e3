package io.reverseetl.document;

/**
 * Keeps what could not be written. Thread-safe.
 *
 * <p>The pipeline calls {@link #flush} before it moves its checkpoint past a dead letter, so that
 * none is lost by a crash; a crash can make one appear twice.
 */
public interface DeadLetterSink extends AutoCloseable {

  /**
   * Takes a dead letter, perhaps only into memory.
   *
   * @param letter what to keep
   * @throws io.reverseetl.exceptions.WriteException if it cannot be kept
   */
  void write(DeadLetter letter);

  /**
   * Makes durable everything taken so far.
   *
   * @throws io.reverseetl.exceptions.WriteException if it cannot be kept
   */
  void flush();

  /** Flushes, and frees what the sink itself opened. May be called twice. */
  @Override
  void close();
}
