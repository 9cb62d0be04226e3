package io.reverseetl.document;

import java.util.Objects;

/**
 * A dead letter as a {@link ReadableDeadLetterSink} keeps it.
 *
 * @param id names it in its sink
 * @param letter what was set aside
 */
public record StoredDeadLetter(String id, DeadLetter letter) {

  /** Checks that nothing is missing. */
  public StoredDeadLetter {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(letter, "letter");
  }
}
