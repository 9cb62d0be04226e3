package io.reverseetl.cosmos;

import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.WriteCallback;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An operation that was handed over and has not ended.
 *
 * <p>It belongs to the run that it was last given to. Whoever takes it from the run, an answer or
 * the end of the run, decides what happens to it; everyone else is too late. Between two owners one
 * thread has it, which alone changes the plain fields.
 */
final class InFlight extends AtomicReference<@Nullable Run> {
  private static final long serialVersionUID = 1L;

  final transient DocumentOperation operation;
  final transient WriteCallback callback;

  /** What is asked next. */
  transient Request request;

  double requestUnits;

  /** How often the request at hand failed. */
  int attempts;

  /** How often somebody else was faster. */
  int races;

  boolean conflicted;

  /** Waits for the other operations before it is tried again. */
  volatile boolean parked;

  /** Has ended, and its callback has returned. */
  volatile boolean done;

  /** When it was last given to a run. */
  volatile long sentNanos;

  /** A thread waits for this operation. */
  volatile boolean awaited;

  InFlight(DocumentOperation operation, Request first, WriteCallback callback) {
    this.operation = operation;
    this.request = first;
    this.callback = callback;
  }

  /** Takes the operation from a run; false if somebody else did. */
  boolean takeFrom(Run run) {
    return compareAndSet(run, null);
  }

  /** Bounds what is in flight; a delete weighs a little too. */
  int weight() {
    return operation.sizeInBytes() + 2 * operation.key().id().length();
  }
}
