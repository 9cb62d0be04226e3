package io.reverseetl;

import io.reverseetl.document.DeadLetter;
import io.reverseetl.document.DeadLetterSink;
import io.reverseetl.document.Document;
import io.reverseetl.exceptions.ReverseEtlException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Sets rows aside within the budget; beyond it, or without a place to set them aside, the failure
 * stops the run. Thread-safe.
 */
final class RejectedRows {
  private final Pipeline pipeline;
  private final @Nullable DeadLetterSink letters;
  private final AtomicLong count;

  RejectedRows(Pipeline pipeline, long earlier) {
    this.pipeline = pipeline;
    this.letters = pipeline.deadLetters().orElse(null);
    this.count = new AtomicLong(earlier);
  }

  /**
   * Sets a row aside.
   *
   * @throws ReverseEtlException the failure itself, if it cannot be set aside
   */
  void setAside(
      long version,
      String location,
      String reason,
      Optional<Document> document,
      ReverseEtlException failure) {
    if (letters == null) {
      throw failure;
    }
    long number = count.incrementAndGet();
    if (number > pipeline.maxDeadLetters()) {
      count.decrementAndGet();
      throw failure;
    }
    DeadLetter letter =
        new DeadLetter(
            pipeline.clock().instant(),
            pipeline.name(),
            version,
            location,
            reason,
            String.valueOf(failure.getMessage()),
            document);
    letters.write(letter);
    pipeline.listener().onDeadLetter(letter);
  }

  /** How many rows were set aside, earlier runs included. */
  long count() {
    return count.get();
  }

  void flush() {
    if (letters != null) {
      letters.flush();
    }
  }
}
