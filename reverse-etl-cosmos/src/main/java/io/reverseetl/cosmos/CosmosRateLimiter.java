package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.ratelimit.Resilience4jRateLimiter;
import io.reverseetl.ratelimit.WriteRateLimiter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A limiter whose budget is a share of what is provisioned for a container, or is shared with other
 * processes, or both.
 *
 * <pre>{@code
 * try (CosmosRateLimiter limiter =
 *     CosmosRateLimiter.shareOfProvisioned(orders, 0.4).sharedThrough(checkpoints, "orders").build()) {
 *   Pipeline.builder("orders").rateLimiter(limiter)...
 * }
 * }</pre>
 *
 * <p><b>A share follows</b> the provisioned throughput: it is looked at every 15 seconds while
 * something is written. A change that is pending counts when it is done, if it is a rise. Of
 * autoscale throughput the maximum counts; of throughput that a database shares, the database's.
 *
 * <p><b>Processes that share a budget</b> take equal parts of it, as many as write at the time. A
 * newcomer waits until the others have made room, 15 seconds at most; what a crashed process had is
 * divided after 45 seconds. The parts never add up to more than the whole, as long as the clocks of
 * the machines differ by seconds at most.
 *
 * <p>Asks the service on the threads that call {@link #acquire}, one at a time, while the others go
 * on. Thread-safe.
 */
public final class CosmosRateLimiter implements WriteRateLimiter, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CosmosRateLimiter.class);

  private static final Duration REFRESH = Duration.ofSeconds(15);
  private static final Duration LEASE = Duration.ofSeconds(45);

  /** How soon to look again while others have not made room. */
  private static final Duration SOON = Duration.ofSeconds(1);

  /** What the limiter can do at least; far below what a container has. */
  private static final double LEAST = 0.1;

  private final @Nullable CosmosThroughput throughput;
  private final double shareOrRate;
  private final @Nullable BudgetLease lease;
  private final InstantSource clock;
  private final Resilience4jRateLimiter limiter;
  private final ReentrantLock refreshing = new ReentrantLock();

  // Written under the lock.
  private double whole;
  private volatile double budget;
  private volatile Instant nextRefresh;
  private volatile Instant leaseEnds;
  private boolean closed;

  private CosmosRateLimiter(Builder builder) {
    this.throughput = builder.throughput;
    this.shareOrRate = builder.shareOrRate;
    this.lease = builder.lease;
    this.clock = builder.clock;
    Instant now = clock.instant();
    this.whole = throughput == null ? shareOrRate : shareOrRate * rate(throughput.read());
    this.leaseEnds = now;
    this.nextRefresh = now.plus(REFRESH);
    this.budget = whole;
    this.limiter = Resilience4jRateLimiter.requestUnitsPerSecond(Math.max(LEAST, whole));
    if (lease != null) {
      renew(lease, now);
    }
  }

  /**
   * A limiter of a share of what is provisioned.
   *
   * @param container the container that is written to
   * @param share which part of its request units may be spent, more than 0 and at most 1
   * @return a builder
   * @throws IllegalArgumentException if the share is outside that range
   */
  public static Builder shareOfProvisioned(CosmosAsyncContainer container, double share) {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "A share is more than 0 and at most 1, but was " + share + ".");
    }
    return new Builder(CosmosThroughput.of(container), share);
  }

  /**
   * A limiter of a fixed budget, for processes that share one.
   *
   * @param requestUnitsPerSecond how much all of them may spend per second, 0.1 to 100,000,000
   * @return a builder
   * @throws IllegalArgumentException if the budget is outside that range
   */
  public static Builder requestUnitsPerSecond(double requestUnitsPerSecond) {
    if (!(requestUnitsPerSecond >= LEAST && requestUnitsPerSecond <= 100_000_000)) {
      throw new IllegalArgumentException(
          "A budget is 0.1 to 100,000,000 request units per second, but was "
              + requestUnitsPerSecond
              + ".");
    }
    return new Builder(null, requestUnitsPerSecond);
  }

  @Override
  public double requestUnitsPerSecond() {
    return budget;
  }

  /**
   * {@inheritDoc}
   *
   * @throws WriteException if this process shares a budget and could not renew its part until it
   *     expired; writing on would spend what others take
   */
  @Override
  public void acquire(double requestUnits) throws InterruptedException {
    if (!(requestUnits >= 0)) {
      throw new IllegalArgumentException(
          "The estimated cost is at least 0, but was " + requestUnits + ".");
    }
    refreshIfDue();
    while (budget == 0 && requestUnits > 0) {
      Thread.sleep(SOON.toMillis());
      refreshIfDue();
    }
    limiter.acquire(requestUnits);
  }

  @Override
  public void settle(double difference) {
    limiter.settle(difference);
  }

  @Override
  public void throttled(Duration pause) {
    limiter.throttled(pause);
  }

  /** Looks at the throughput and renews the lease, if it is time to. */
  void refreshIfDue() throws InterruptedException {
    Instant now = clock.instant();
    if (now.isBefore(nextRefresh)) {
      return;
    }
    if (lease != null && !now.isBefore(leaseEnds)) {
      // Its part is perhaps another's by now, so nobody may go on with it.
      refreshing.lockInterruptibly();
    } else if (!refreshing.tryLock()) {
      return;
    }
    try {
      now = clock.instant();
      if (!now.isBefore(nextRefresh) && !closed) {
        refresh(now);
      }
    } finally {
      refreshing.unlock();
    }
  }

  private void refresh(Instant now) {
    if (throughput != null) {
      look(throughput);
    }
    nextRefresh = now.plus(REFRESH);
    if (lease == null) {
      change(whole, "");
      return;
    }
    try {
      renew(lease, now);
    } catch (ReverseEtlException e) {
      if (!now.isBefore(leaseEnds)) {
        nextRefresh = now; // Whoever comes next tries again, and does not write before.
        throw new WriteException(
            "The part of a shared budget has expired, as it could not be renewed. Run again when the"
                + " container that it is kept in can be reached: "
                + e.getMessage(),
            e);
      }
      LOG.warn("The part of a shared budget could not be renewed yet: {}", e.getMessage());
      nextRefresh = now.plus(SOON);
    }
  }

  private void look(CosmosThroughput provisioned) {
    try {
      ProvisionedThroughput seen = provisioned.read();
      double wanted = shareOrRate * rate(seen);
      if (!seen.replacePending() || wanted < whole) {
        whole = wanted;
      }
    } catch (ConfigurationException | WriteException e) {
      LOG.warn(
          "The provisioned throughput cannot be looked at, so the budget stays: {}",
          e.getMessage());
    }
  }

  private void renew(BudgetLease held, Instant now) {
    BudgetShares.Share share = held.renew(now);
    leaseEnds = now.plus(held.length());
    nextRefresh = now.plus(share.isFair() ? REFRESH : SOON);
    change(whole * share.part(), ", one part of " + share.runners());
  }

  private void change(double requestUnitsPerSecond, String why) {
    if (requestUnitsPerSecond == budget) {
      return;
    }
    if (requestUnitsPerSecond > 0) {
      limiter.changeTo(Math.max(LEAST, requestUnitsPerSecond));
    }
    budget = requestUnitsPerSecond;
    LOG.info("The budget is {} request units per second now{}.", requestUnitsPerSecond, why);
  }

  private static double rate(ProvisionedThroughput provisioned) {
    return provisioned.requestUnitsPerSecond();
  }

  /**
   * Gives the part of a shared budget back, so that others need not wait until it expires. May be
   * called twice. The limiter is not to be used after it.
   *
   * @throws WriteException if the service does not answer; the part then expires
   */
  @Override
  public void close() {
    refreshing.lock();
    try {
      if (!closed && lease != null) {
        lease.leave();
      }
      closed = true;
    } finally {
      refreshing.unlock();
    }
  }

  @Override
  public String toString() {
    return "CosmosRateLimiter(" + budget + " RU/s)";
  }

  /** Sets the options of a {@link CosmosRateLimiter}. Not thread-safe. */
  public static final class Builder {
    private final @Nullable CosmosThroughput throughput;
    private final double shareOrRate;
    private @Nullable BudgetLease lease;
    private InstantSource clock = InstantSource.system();

    private Builder(@Nullable CosmosThroughput throughput, double shareOrRate) {
      this.throughput = throughput;
      this.shareOrRate = shareOrRate;
    }

    /**
     * Shares the budget with other processes that name it alike, in the same container.
     *
     * @param container where they tell each other, with partition key {@code /id} or {@code
     *     /pipeline}; that of the checkpoints will do. Each process writes to it every 15 seconds
     * @param budget names what is shared, as an id may be; all processes give the same budget or
     *     share of provisioned throughput
     * @return this builder
     * @throws IllegalArgumentException if the name cannot be part of a document's id
     */
    public Builder sharedThrough(CosmosAsyncContainer container, String budget) {
      this.lease =
          new BudgetLease(
              Objects.requireNonNull(container, "container"),
              Objects.requireNonNull(budget, "budget"),
              LEASE);
      return this;
    }

    /**
     * Where the time comes from that leases expire by.
     *
     * @param source the system's clock unless set
     * @return this builder
     */
    public Builder clock(InstantSource source) {
      this.clock = Objects.requireNonNull(source, "source");
      return this;
    }

    /**
     * Reads the provisioned throughput, and takes a part of the shared budget, if asked for.
     *
     * @return the limiter; the caller closes it
     * @throws ConfigurationException if nothing is provisioned (serverless), or the credentials do
     *     not allow to look
     * @throws WriteException if the service does not answer
     */
    public CosmosRateLimiter build() {
      return new CosmosRateLimiter(this);
    }
  }
}
