package io.reverseetl.spark;

import io.reverseetl.exceptions.ConfigurationException;
import java.io.Serializable;

/**
 * The part of a budget that one process has. All processes have the same part, and no more of them
 * work at once than parts there are; a job that Spark spreads further is ended. Immutable and
 * thread-safe.
 */
public final class BudgetShare implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The limiter divides the budget by itself. */
  static final BudgetShare UNDIVIDED = new BudgetShare(0);

  private final int parts;

  private BudgetShare(int parts) {
    this.parts = parts;
  }

  static BudgetShare oneOf(int parts) {
    if (parts < 1) {
      throw new IllegalArgumentException("A budget has at least one part, not " + parts + ".");
    }
    return new BudgetShare(parts);
  }

  /**
   * This process's part of a budget.
   *
   * @param requestUnitsPerSecond the budget of all processes together
   * @return what this process may spend, in request units per second
   * @throws ConfigurationException if the run was told that the limiter divides the budget by
   *     itself ({@link Workers#anyNumber}), as nobody knows the part then
   */
  public double of(double requestUnitsPerSecond) {
    if (parts == 0) {
      throw new ConfigurationException(
          "The budget is divided by the limiter itself, as Workers.anyNumber() says, so a process"
              + " has no fixed part of it. Use a limiter that processes share, or say"
              + " Workers.atMost(n).");
    }
    return requestUnitsPerSecond / parts;
  }

  /** How many processes may work at once. */
  int parts() {
    return parts == 0 ? Integer.MAX_VALUE : parts;
  }

  @Override
  public String toString() {
    return parts == 0 ? "BudgetShare(undivided)" : "BudgetShare(1/" + parts + ")";
  }
}
