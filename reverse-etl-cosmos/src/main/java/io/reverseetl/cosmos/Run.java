package io.reverseetl.cosmos;

/** A way to the service that operations are given to until it is completed or cancelled. */
interface Run {

  /**
   * Gives an operation to the service. Calls must not overlap.
   *
   * @return false if the run has ended and did not take it
   */
  boolean emit(InFlight inFlight);

  /** Tells that no more operations come. Calls must not overlap with emissions. */
  void complete();

  /** Stops; answers that still come are dropped. */
  void cancel();
}
