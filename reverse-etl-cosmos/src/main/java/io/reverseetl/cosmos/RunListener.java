package io.reverseetl.cosmos;

import org.jspecify.annotations.Nullable;

/** Is told what runs bring about. Must not block. */
interface RunListener {

  /** An operation took effect. */
  void succeeded(Run run, InFlight inFlight, double requestUnits);

  /** An attempt of an operation failed. */
  void failed(Run run, InFlight inFlight, Answer answer);

  /** No more answers come; operations that still belong to the run get none. */
  void ended(Run run, @Nullable Throwable error);
}
