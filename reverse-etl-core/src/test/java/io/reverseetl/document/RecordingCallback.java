package io.reverseetl.document;

import java.util.ArrayList;
import java.util.List;

/** Remembers how operations ended. Thread-safe. */
public final class RecordingCallback implements WriteCallback {
  private final List<DocumentOperation> written = new ArrayList<>();
  private final List<Rejection> rejections = new ArrayList<>();
  private double requestUnits;

  @Override
  public synchronized void written(DocumentOperation operation, double charge) {
    written.add(operation);
    requestUnits += charge;
  }

  @Override
  public synchronized void rejected(
      DocumentOperation operation, Rejection rejection, double charge) {
    rejections.add(rejection);
    requestUnits += charge;
  }

  /** The operations that became durable, in the order of their callbacks. */
  public synchronized List<DocumentOperation> written() {
    return List.copyOf(written);
  }

  /** The rejections, in the order of their callbacks. */
  public synchronized List<Rejection> rejections() {
    return List.copyOf(rejections);
  }

  /** How many callbacks came. */
  public synchronized int count() {
    return written.size() + rejections.size();
  }

  /** The sum of all charges. */
  public synchronized double requestUnits() {
    return requestUnits;
  }
}
