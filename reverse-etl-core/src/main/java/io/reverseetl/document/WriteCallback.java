package io.reverseetl.document;

/** Is told how one operation ended. */
public interface WriteCallback {

  /**
   * The operation is durable.
   *
   * @param operation the operation
   * @param requestUnits what it cost, retries included, in request units; 0 if the sink has no such
   *     cost
   */
  void written(DocumentOperation operation, double requestUnits);

  /**
   * The target will never take this operation; others are not touched by it.
   *
   * @param operation the operation
   * @param rejection why
   * @param requestUnits what the attempts cost, in request units
   */
  void rejected(DocumentOperation operation, Rejection rejection, double requestUnits);
}
