package io.reverseetl.document;

/**
 * Request units for reading, of which each page takes its share. The cost of a page is known only
 * afterwards: a sink {@link #acquire acquires} what it expects before it asks for the page, and
 * {@link #settle settles} the difference when the charge comes back. A sink is given one, and uses
 * it from the thread that called it. Nobody closes it.
 */
public interface ReadBudget {

  /**
   * Waits until the budget allows to spend.
   *
   * @param requestUnits the estimated cost, at least 0
   * @throws InterruptedException if the thread is interrupted while it waits; nothing was acquired
   */
  void acquire(double requestUnits) throws InterruptedException;

  /**
   * Corrects an estimate. Never waits.
   *
   * @param difference the actual cost less the acquired estimate, in request units; may be negative
   */
  void settle(double difference);
}
