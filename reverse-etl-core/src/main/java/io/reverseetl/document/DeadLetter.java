package io.reverseetl.document;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A row or document that could not be written, set aside so that the rest goes on.
 *
 * @param time when it was set aside
 * @param pipeline the pipeline's name
 * @param sourceVersion the commit version that it comes from
 * @param sourceLocation where it stands in that version, for example a data file and a row number
 * @param reason a word for the kind, for example {@code TOO_LARGE} or {@code MAPPING}
 * @param message what is wrong and what to do
 * @param document the document, if the row became one
 */
public record DeadLetter(
    Instant time,
    String pipeline,
    long sourceVersion,
    String sourceLocation,
    String reason,
    String message,
    Optional<Document> document) {

  /** Checks that nothing is missing. */
  public DeadLetter {
    Objects.requireNonNull(time, "time");
    Objects.requireNonNull(pipeline, "pipeline");
    Objects.requireNonNull(sourceLocation, "sourceLocation");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(document, "document");
  }
}
