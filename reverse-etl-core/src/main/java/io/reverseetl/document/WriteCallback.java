package io.reverseetl.document;

import java.time.Duration;

/** Is told how one operation fares. */
public interface WriteCallback {

  /**
   * The target asked to slow down; the sink tries the operation again by itself.
   *
   * @param operation the operation
   * @param pause how long the target asked to wait; zero if it did not say
   */
  default void throttled(DocumentOperation operation, Duration pause) {}

  /**
   * The operation is durable.
   *
   * @param operation the operation
   * @param requestUnits what it cost, retries included, in request units; 0 if the sink has no such
   *     cost
   */
  void written(DocumentOperation operation, double requestUnits);

  /**
   * The target was left as it is, and needs nothing more: what was to be created is there, a newer
   * document stands, or a condition of the operation is not met.
   *
   * @param operation the operation
   * @param requestUnits what it cost, retries included, in request units
   */
  default void unchanged(DocumentOperation operation, double requestUnits) {
    written(operation, requestUnits);
  }

  /**
   * The target will never take this operation; others are not touched by it.
   *
   * @param operation the operation
   * @param rejection why
   * @param requestUnits what the attempts cost, in request units
   */
  void rejected(DocumentOperation operation, Rejection rejection, double requestUnits);
}
