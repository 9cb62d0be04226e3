package io.reverseetl.spark;

import io.reverseetl.exceptions.ConfigurationException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;

/**
 * How many executor processes work at once, by which the budget of request units is divided.
 * Immutable and thread-safe.
 */
public final class Workers {
  private static final Pattern LOCAL_CLUSTER = Pattern.compile("local-cluster\\[\\s*(\\d+)\\s*,.*");

  private static final int BY_CONFIGURATION = -1;
  private static final int ANY = 0;

  private final int most;

  private Workers(int most) {
    this.most = most;
  }

  /**
   * As many as Spark's configuration says: {@code spark.executor.instances}, or with dynamic
   * allocation {@code spark.dynamicAllocation.maxExecutors}; one in local mode. Where it says
   * nothing, as in a standalone cluster, the run is refused.
   *
   * @return the default
   */
  public static Workers configured() {
    return new Workers(BY_CONFIGURATION);
  }

  /**
   * A number. If Spark runs tasks in more processes than that at once, the run is ended with a
   * {@link ConfigurationException}, as the budget would be exceeded.
   *
   * @param processes how many executor processes there are at most, at least 1
   * @return that number
   * @throws IllegalArgumentException if it is below 1
   */
  public static Workers atMost(int processes) {
    if (processes < 1) {
      throw new IllegalArgumentException("There is at least 1 worker, not " + processes + ".");
    }
    return new Workers(processes);
  }

  /**
   * Any number: the limiter divides the budget by itself, as {@code CosmosRateLimiter} does with
   * {@code sharedThrough}, or the target is to give what it can. {@link BudgetShare#of} is refused
   * then.
   *
   * @return no bound
   */
  public static Workers anyNumber() {
    return new Workers(ANY);
  }

  /**
   * The part of a budget that each process has.
   *
   * @param spark what Spark was told
   * @param tasks how many tasks there are; without speculation no more processes can be at work
   */
  BudgetShare share(SparkConf spark, int tasks) {
    if (most == ANY) {
      return BudgetShare.UNDIVIDED;
    }
    int processes = most == BY_CONFIGURATION ? configured(spark) : most;
    return BudgetShare.oneOf(
        speculates(spark) ? processes : Math.max(1, Math.min(processes, tasks)));
  }

  /** Whether Spark may run a task twice at once. */
  static boolean speculates(SparkConf spark) {
    return spark.getBoolean("spark.speculation", false);
  }

  private static int configured(SparkConf spark) {
    String master = spark.get("spark.master", "").trim().toLowerCase(Locale.ROOT);
    Matcher cluster = LOCAL_CLUSTER.matcher(master);
    if (cluster.matches()) {
      return Integer.parseInt(cluster.group(1));
    }
    if (master.startsWith("local")) {
      return 1;
    }
    String key =
        spark.getBoolean("spark.dynamicAllocation.enabled", false)
            ? "spark.dynamicAllocation.maxExecutors"
            : "spark.executor.instances";
    return Optional.ofNullable(spark.get(key, null))
        .map(Integer::valueOf)
        .filter(count -> count > 0)
        .orElseThrow(
            () ->
                new ConfigurationException(
                    "How many executors work at once is not known, as "
                        + key
                        + " is not set, so the budget of request units cannot be divided. Set it,"
                        + " say Workers.atMost(n), or say Workers.anyNumber() if the limiter divides"
                        + " the budget by itself."));
  }
}
