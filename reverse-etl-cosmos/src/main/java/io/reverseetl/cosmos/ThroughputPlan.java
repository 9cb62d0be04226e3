package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.cosmos.ProvisionedThroughput.Mode;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raises a container's throughput for a load, and restores it afterwards, also after a crash.
 *
 * <pre>{@code
 * ThroughputPlan plan =
 *     ThroughputPlan.builder(orders, 50_000).recordedIn(checkpoints, "orders").build();
 * plan.raise();
 * try {
 *   loader.load();
 * } finally {
 *   plan.restore();
 * }
 * }</pre>
 *
 * <p>Before anything is raised, what was provisioned is recorded in a small document. If the
 * process dies, the record stays: the next {@link #raise()} keeps it, and {@link #restore()}, by
 * any process, goes back to it and removes it. The mode, standard or autoscale, is never changed.
 *
 * <p>Look at {@link #floorAfterwards()} first: the lowest throughput that a container can go back
 * to depends on the highest that it ever had. And raising above {@link
 * ThroughputFormulas#instantMaximum} splits partitions, which typically takes hours.
 *
 * <p>Thread-safe, but one plan of a name is at work at a time.
 */
public final class ThroughputPlan {
  private static final Logger LOG = LoggerFactory.getLogger(ThroughputPlan.class);

  private final CosmosThroughput throughput;
  private final int target;
  private final StateDocument record;
  private final @Nullable Integer afterwards;
  private final Duration longestWait;
  private final Duration pollInterval;
  private final InstantSource clock;

  private ThroughputPlan(Builder builder, StateDocument record) {
    this.throughput = CosmosThroughput.of(builder.container);
    this.target = builder.target;
    this.record = record;
    this.afterwards = builder.afterwards;
    this.longestWait = builder.longestWait;
    this.pollInterval = builder.pollInterval;
    this.clock = builder.clock;
  }

  /**
   * Begins a plan.
   *
   * @param container what is loaded
   * @param requestUnitsPerSecond what to raise to, at least 400; for autoscale the maximum. Rounded
   *     up to the next step, 100 or 1,000. If more is provisioned already, nothing is changed
   * @return a builder
   * @throws IllegalArgumentException if it is less than 400
   */
  public static Builder builder(CosmosAsyncContainer container, int requestUnitsPerSecond) {
    if (requestUnitsPerSecond < ThroughputFormulas.LEAST_STANDARD) {
      throw new IllegalArgumentException(
          "Throughput is at least 400 request units per second, but was "
              + requestUnitsPerSecond
              + ".");
    }
    return new Builder(container, requestUnitsPerSecond);
  }

  /**
   * The lowest throughput that the container can go back to after the plan, as far as it is known
   * from here: by the throughput that the plan raises to, and by what the service says now.
   *
   * @return request units per second, for autoscale the maximum
   * @throws ConfigurationException if there is no throughput, or it may not be read
   * @throws WriteException if the service does not answer
   */
  public int floorAfterwards() {
    ProvisionedThroughput now = throughput.read();
    int highest = Math.max(now.requestUnitsPerSecond(), rounded(now.mode(), target));
    return Math.max(
        now.minimum(),
        now.mode() == Mode.STANDARD
            ? ThroughputFormulas.standardFloor(0, highest, 0)
            : ThroughputFormulas.autoscaleFloor(0, highest, 0));
  }

  /**
   * Records what is provisioned, raises it, and waits until the change is in force.
   *
   * @return what is in force
   * @throws ConfigurationException if there is no throughput, it may not be changed, or there is a
   *     record of another container or mode under the plan's name; nothing was changed then
   * @throws WriteException if the service does not answer; or the change is not in force after the
   *     longest wait: it goes on in the service, so call this again later
   * @throws InterruptedException if interrupted while waiting; the change goes on in the service
   */
  public ProvisionedThroughput raise() throws InterruptedException {
    ProvisionedThroughput now = throughput.read();
    int wanted = rounded(now.mode(), target);
    if (now.requestUnitsPerSecond() < wanted) {
      boolean recorded = record(now);
      try {
        now = throughput.change(now, wanted);
      } catch (ConfigurationException e) {
        if (recorded) {
          record.remove(record.read()); // Refused, so there is nothing to restore.
        }
        throw e;
      }
      LOG.info(
          "The throughput of container {} goes up to {} request units per second.",
          throughput.name(),
          wanted);
    }
    return await(now);
  }

  private ProvisionedThroughput await(ProvisionedThroughput seen) throws InterruptedException {
    ProvisionedThroughput now = seen;
    Instant end = clock.instant().plus(longestWait);
    while (now.replacePending()) {
      if (!clock.instant().isBefore(end)) {
        throw new WriteException(
            "The throughput of container "
                + throughput.name()
                + " is not "
                + now.requestUnitsPerSecond()
                + " request units per second after "
                + longestWait
                + ": its partitions are split, which typically takes 4 to 6 hours. The change goes"
                + " on; raise again later, or restore.",
            null);
      }
      Thread.sleep(pollInterval.toMillis());
      now = throughput.read();
    }
    return now;
  }

  /** Returns whether this call made the record; one that is there is older and so is right. */
  private boolean record(ProvisionedThroughput now) {
    StateDocument.Seen seen = record.read();
    if (seen.exists()) {
      check(seen.content(), now); // Nothing is raised that this record would not take back.
      return false;
    }
    ObjectNode content = seen.content();
    content.put("container", throughput.name());
    content.put("level", now.level().name());
    content.put("mode", now.mode().name());
    content.put("requestUnitsPerSecond", now.requestUnitsPerSecond());
    content.put("recordedAt", clock.instant().toString());
    return record.save(seen, content) != null;
  }

  /**
   * Goes back to what was recorded, or to {@link Builder#lowerTo}, but not below what the service
   * allows; and removes the record. Does nothing if nothing is recorded, so it may be called twice,
   * and at every start. Lowering is instant, so it waits for nothing; and a thread that was
   * interrupted, as that of a load that was stopped, goes back all the same and stays interrupted.
   *
   * @return what is provisioned then; empty if nothing was recorded
   * @throws ConfigurationException if the throughput may not be changed, or the record is of
   *     another container
   * @throws WriteException if the service does not answer, or still splits partitions; the record
   *     stays, so call this again later
   */
  public Optional<ProvisionedThroughput> restore() {
    boolean interrupted = Thread.interrupted();
    try {
      return restoreNow();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Optional<ProvisionedThroughput> restoreNow() {
    StateDocument.Seen seen = record.read();
    if (!seen.exists()) {
      return Optional.empty();
    }
    ProvisionedThroughput now = throughput.read();
    check(seen.content(), now);
    int before = seen.content().path("requestUnitsPerSecond").asInt();
    int wanted =
        Math.max(afterwards == null ? before : rounded(now.mode(), afterwards), now.minimum());
    if (now.requestUnitsPerSecond() != wanted) {
      now = throughput.change(now, wanted);
      LOG.info(
          "The throughput of container {} is {} request units per second again{}.",
          throughput.name(),
          wanted,
          wanted > before ? ", as the service allows no less" : "");
    }
    record.remove(seen);
    return Optional.of(now);
  }

  private void check(JsonNode recorded, ProvisionedThroughput now) {
    String of = recorded.path("container").asText();
    if (!of.equals(throughput.name())) {
      throw new ConfigurationException(
          "What was recorded before throughput was raised is of container "
              + of
              + ", not of "
              + throughput.name()
              + ". Give each plan a name of its own.");
    }
    if (!recorded.path("mode").asText().equals(now.mode().name())) {
      throw new ConfigurationException(
          "The throughput of container "
              + of
              + " was "
              + recorded.path("mode").asText()
              + " when it was raised, and is "
              + now.mode()
              + " now: somebody changed it since. Set it as it should be, and remove the record.");
    }
  }

  private static int rounded(Mode mode, int requestUnitsPerSecond) {
    return mode == Mode.STANDARD
        ? ThroughputFormulas.roundUp(requestUnitsPerSecond, 100)
        : Math.max(
            ThroughputFormulas.LEAST_AUTOSCALE,
            ThroughputFormulas.roundUp(requestUnitsPerSecond, 1_000));
  }

  /** Sets the options of a {@link ThroughputPlan}. Not thread-safe. */
  public static final class Builder {
    private final CosmosAsyncContainer container;
    private final int target;
    private @Nullable StateDocument record;
    private @Nullable Integer afterwards;
    private Duration longestWait = Duration.ofHours(12);
    private Duration pollInterval = Duration.ofSeconds(10);
    private InstantSource clock = InstantSource.system();

    private Builder(CosmosAsyncContainer container, int target) {
      this.container = Objects.requireNonNull(container, "container");
      this.target = target;
    }

    /**
     * Where what was provisioned is recorded. Required.
     *
     * @param state a container with partition key {@code /id} or {@code /pipeline}; that of the
     *     checkpoints will do
     * @param plan names the record, as an id may be: for example the pipeline's name
     * @return this builder
     * @throws IllegalArgumentException if the name cannot be part of a document's id
     */
    public Builder recordedIn(CosmosAsyncContainer state, String plan) {
      this.record =
          new StateDocument(
              state, "throughput-before-" + plan, "The throughput before plan \"" + plan + "\"");
      return this;
    }

    /**
     * What to go to afterwards, in place of what was there before.
     *
     * @param requestUnitsPerSecond at least 400; for autoscale the maximum; rounded up to the next
     *     step
     * @return this builder
     * @throws IllegalArgumentException if it is less than 400
     */
    public Builder lowerTo(int requestUnitsPerSecond) {
      if (requestUnitsPerSecond < ThroughputFormulas.LEAST_STANDARD) {
        throw new IllegalArgumentException("Throughput is at least 400 request units per second.");
      }
      this.afterwards = requestUnitsPerSecond;
      return this;
    }

    /**
     * How long to wait until a raise is in force.
     *
     * @param wait zero or more; 12 hours unless set
     * @param pollInterval how often to look, more than zero; every 10 seconds unless set
     * @return this builder
     * @throws IllegalArgumentException if they are less
     */
    public Builder waitAtMost(Duration wait, Duration pollInterval) {
      if (wait.isNegative() || pollInterval.isNegative() || pollInterval.isZero()) {
        throw new IllegalArgumentException(
            "A wait is not negative, and a poll interval is more than zero.");
      }
      this.longestWait = wait;
      this.pollInterval = pollInterval;
      return this;
    }

    /**
     * Where the time comes from.
     *
     * @param source the system's clock unless set
     * @return this builder
     */
    public Builder clock(InstantSource source) {
      this.clock = Objects.requireNonNull(source, "source");
      return this;
    }

    /**
     * Makes the plan. Asks the service nothing yet.
     *
     * @return the plan
     * @throws IllegalStateException if {@link #recordedIn} is missing
     */
    public ThroughputPlan build() {
      if (record == null) {
        throw new IllegalStateException(
            "A throughput plan needs recordedIn(...): without a record a crash would leave the"
                + " throughput raised.");
      }
      return new ThroughputPlan(this, record);
    }
  }
}
