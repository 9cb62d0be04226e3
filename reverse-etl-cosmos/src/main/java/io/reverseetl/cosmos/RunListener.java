package io.reverseetl.cosmos;

import org.jspecify.annotations.Nullable;

/** Is told what runs bring about. Must not block. */
interface RunListener {

  /**
   * The request of an operation was done.
   *
   * @param found the document, if the request was to read it
   */
  void succeeded(Run run, InFlight inFlight, double requestUnits, @Nullable Found found);

  /** The request of an operation failed. */
  void failed(Run run, InFlight inFlight, Answer answer);

  /** No more answers come; operations that still belong to the run get none. */
  void ended(Run run, @Nullable Throwable error);
}
