package io.reverseetl;

import io.reverseetl.document.DeadLetter;
import io.reverseetl.document.DeadLetterSink;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.Rejection;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.exceptions.WriteException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sets rows aside within the budget; beyond it, or without a place to set them aside, the failure
 * stops the run. Thread-safe.
 */
final class RejectedRows {
  private final Pipeline pipeline;
  private final @Nullable DeadLetterSink letters;
  private final AtomicLong count;
  private final Consumer<DeadLetter> written;

  RejectedRows(Pipeline pipeline, long earlier) {
    this(pipeline, earlier, letter -> {});
  }

  /**
   * With one who is told of each letter, on any thread.
   *
   * @param earlier how many earlier runs have set aside
   */
  RejectedRows(Pipeline pipeline, long earlier, Consumer<DeadLetter> written) {
    this.pipeline = pipeline;
    this.written = written;
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
    setAside(version, location, reason, document.map(Document::key), document, failure);
  }

  /**
   * Sets a document of a load aside that the target refuses.
   *
   * @throws ReverseEtlException the refusal, if it cannot be set aside
   */
  void setAside(
      DocumentOperation operation, String location, String tableUri, Rejection rejection) {
    setAside(
        operation,
        location,
        rejection,
        new WriteException(
            "The target will never take "
                + location
                + " in version "
                + operation.sourceVersion()
                + " of table "
                + tableUri
                + ": "
                + rejection.message(),
            rejection.statusCode() == 0 ? null : rejection.statusCode(),
            null));
  }

  /** Sets an operation aside that the target refuses. */
  void setAside(
      DocumentOperation operation, String location, Rejection rejection, WriteException failure) {
    setAside(
        operation.sourceVersion(),
        location,
        rejection.reason().name(),
        Optional.of(operation.key()),
        operation.body(),
        failure);
  }

  private void setAside(
      long version,
      String location,
      String reason,
      Optional<DocumentKey> key,
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
            key,
            document);
    letters.write(letter);
    written.accept(letter);
    pipeline.listener().onDeadLetter(letter);
  }

  /**
   * Sets the documents of different rows aside that stand for one document.
   *
   * @throws MappingException if the pipeline does not say that they are set aside
   */
  void duplicates(long version, DocumentKey key, List<Document> rivals) {
    MappingException found =
        new MappingException(
            null,
            "After commit "
                + version
                + " "
                + rivals.size()
                + " different rows of pipeline \""
                + pipeline.name()
                + "\" stand for one document, so id and partition key are not unique. Make them"
                + " unique, or say which row wins with Pipeline.Builder.duplicateKeys.");
    if (!pipeline.duplicateKeys().setsAside()) {
      throw found;
    }
    for (Document rival : rivals) {
      setAside(version, "commit " + version, "DUPLICATE_KEY", Optional.of(rival), found);
    }
  }

  /**
   * Looks at the share of dead letters in a range.
   *
   * @throws MappingException if it is larger than the pipeline allows
   */
  void checkShare(long deadLetters, long rows) {
    if (deadLetters > 0 && deadLetters > pipeline.maxDeadLetterShare() * rows) {
      throw new MappingException(
          null,
          deadLetters
              + " of "
              + rows
              + " row changes of pipeline \""
              + pipeline.name()
              + "\" became dead letters, more than the share that is allowed. See what is wrong"
              + " with them; the checkpoint did not move.");
    }
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
