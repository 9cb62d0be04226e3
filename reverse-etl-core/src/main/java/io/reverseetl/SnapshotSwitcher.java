package io.reverseetl;

import io.reverseetl.document.SnapshotTarget;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.table.ChangeMethod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Loads a new snapshot beside the served one and flips a pointer once it is complete, so that
 * readers never see a half-written state: for changes so large that writing them one by one takes
 * longer than loading everything again, and for a new mapping, indexing policy or partition key.
 *
 * <pre>{@code
 * SwitchReport report = SnapshotSwitcher.of(pipeline).switchToLatest();
 * }</pre>
 *
 * <p>The pipeline names a {@link SnapshotTarget}. A switch makes room for a generation there, loads
 * the snapshot into it, takes in the commits that were made meanwhile, compares it with the table,
 * and then moves the pointer by compare-and-set. The generation that was served is kept for a grace
 * period, in which {@link #rollback} goes back to it and readers that began with it end; a later
 * run removes it. Polls of the served generation go on all the while.
 *
 * <p>Every step can be repeated: a run that was stopped or killed, at whatever point, is followed
 * by one that goes on from there. One switcher works on a pipeline at a time, under a lease.
 *
 * <p>Thread-safe.
 */
public final class SnapshotSwitcher {
  private final Pipeline pipeline;
  private final SnapshotTarget target;
  private final SwitchSettings settings;
  private final AtomicBoolean stopRequested = new AtomicBoolean();

  private SnapshotSwitcher(Pipeline pipeline, SnapshotTarget target, SwitchSettings settings) {
    this.pipeline = pipeline;
    this.target = target;
    this.settings = settings;
  }

  /**
   * A switcher with the defaults of {@link Builder}.
   *
   * @param pipeline the parts, with a snapshot target; stay open and yours
   * @return the switcher
   * @throws ConfigurationException if the pipeline has no snapshot target
   */
  public static SnapshotSwitcher of(Pipeline pipeline) {
    return builder(pipeline).build();
  }

  /**
   * A builder of a switcher.
   *
   * @param pipeline the parts, with a snapshot target; stay open and yours
   * @return a new builder
   */
  public static Builder builder(Pipeline pipeline) {
    return new Builder(Objects.requireNonNull(pipeline, "pipeline"));
  }

  /**
   * Loads the newest version, takes in what is committed meanwhile, and points readers to it; or
   * goes on with the switch that an earlier run began. Works on the calling thread.
   *
   * <p>An interrupt of the calling thread stops the run as {@link #requestStop} does.
   *
   * @return what was done
   * @throws ConfigurationException if the parts do not fit together, or the table is behind what
   *     readers see
   * @throws io.reverseetl.exceptions.CheckpointConflictException if another switcher is at work
   * @throws io.reverseetl.exceptions.SwitchOutcomeUnknownException if it is not known whether the
   *     pointer moved; the next run finds out
   * @throws io.reverseetl.exceptions.ReverseEtlException if a step fails; readers then see what
   *     they saw before
   */
  public SwitchReport switchToLatest() {
    return run(null, null);
  }

  /**
   * As {@link #switchToLatest()}, until a deadline, which is looked at while documents of expired
   * generations are deleted, while loading and catching up, and before each step.
   *
   * @param deadline how long to work, from now; positive
   * @return what was done; {@link SwitchReport.Outcome#DEADLINE_REACHED} if there is more to do
   * @throws IllegalArgumentException if the deadline is not positive
   * @see #switchToLatest() the exceptions
   */
  public SwitchReport switchToLatest(Duration deadline) {
    return run(null, end(deadline));
  }

  /**
   * As {@link #switchToLatest()}, with a chosen version. Later commits are taken in only as far as
   * readers have seen them.
   *
   * @param version the commit version, at least 0
   * @return what was done
   * @throws IllegalArgumentException if it is negative
   * @throws ConfigurationException also if readers see a later version of the table already
   * @see #switchToLatest() the exceptions
   */
  public SwitchReport switchTo(long version) {
    return run(checked(version), null);
  }

  /**
   * As {@link #switchTo(long)}, until a deadline.
   *
   * @param version the commit version, at least 0
   * @param deadline how long to work, from now; positive
   * @return what was done; {@link SwitchReport.Outcome#DEADLINE_REACHED} if there is more to do
   * @throws IllegalArgumentException if the version is negative or the deadline not positive
   * @see #switchToLatest() the exceptions
   */
  public SwitchReport switchTo(long version, Duration deadline) {
    return run(checked(version), end(deadline));
  }

  /** For a poll that closes a gap. */
  SwitchReport switchToLatest(BooleanSupplier stop, BooleanSupplier deadlineReached) {
    return new SwitchRun(pipeline, target, settings, stop, deadlineReached).switchTo(null);
  }

  private SwitchReport run(@Nullable Long version, @Nullable Instant end) {
    return new SwitchRun(
            pipeline,
            target,
            settings,
            stopRequested::get,
            () -> end != null && !pipeline.clock().instant().isBefore(end))
        .switchTo(version);
  }

  /**
   * Points readers back to what they saw before the last switch, as long as its grace period lasts.
   * Polls then go on there, from where they had come. A second call changes nothing.
   *
   * <p>It does not wait for a switch that is under way: that one ends with a {@link
   * io.reverseetl.exceptions.CheckpointConflictException}, and a later one goes on with it.
   *
   * @return what was done
   * @throws ConfigurationException if there is none to go back to, or its grace period is over
   * @throws io.reverseetl.exceptions.CheckpointConflictException if somebody else moved the pointer
   *     at the same time
   * @throws io.reverseetl.exceptions.SwitchOutcomeUnknownException if it is not known whether the
   *     pointer moved; call it again
   * @throws io.reverseetl.exceptions.WriteException if the target does not answer
   */
  public SwitchReport rollback() {
    return new SwitchRollback(pipeline, target, settings.grace()).run();
  }

  /**
   * Removes the generations whose grace period is over, and those that were given up. Every switch
   * begins with that; call it where switches are rare.
   *
   * @return the ids of what was removed
   * @throws io.reverseetl.exceptions.CheckpointConflictException if another switcher is at work
   * @throws io.reverseetl.exceptions.ReverseEtlException if a step fails; the next run goes on
   */
  public List<String> discardExpired() {
    return new SwitchRun(pipeline, target, settings, stopRequested::get, () -> false)
        .discardExpired();
  }

  /**
   * Asks running and later switches to stop: what was sent is awaited, progress is saved, and the
   * call returns with {@link SwitchReport.Outcome#STOPPED}. Returns at once, from any thread.
   */
  public void requestStop() {
    stopRequested.set(true);
  }

  private static Long checked(long version) {
    if (version < 0) {
      throw new IllegalArgumentException("A version is not negative, but was " + version + ".");
    }
    return version;
  }

  private Instant end(Duration deadline) {
    if (deadline.isZero() || deadline.isNegative()) {
      throw new IllegalArgumentException("A deadline is positive, but was " + deadline + ".");
    }
    return pipeline.clock().instant().plus(deadline);
  }

  /** Collects the options of a {@link SnapshotSwitcher}. Not thread-safe. */
  public static final class Builder {
    private final Pipeline pipeline;
    private Duration grace = SwitchSettings.GRACE;
    private int verifyOneIn = 1;
    private long maxDeadLetters;
    private boolean catchUp = true;
    private ChangeMethod changes = ChangeMethod.FEED;

    private Builder(Pipeline pipeline) {
      this.pipeline = pipeline;
    }

    /**
     * How long the generation that readers saw is kept after a switch or a rollback: longer than
     * readers may go on with what they know of the pointer and the longest read together.
     *
     * @param duration more than zero; default: 10 minutes
     * @return this builder
     * @throws IllegalArgumentException if it is zero or negative
     */
    public Builder grace(Duration duration) {
      this.grace = SwitchSettings.checkedGrace(duration);
      return this;
    }

    /**
     * Compares the content of only a part of the documents before the flip. All are counted, and
     * table and generation are read through either way.
     *
     * @param documents one in how many documents, at least 1; default: 1, all of them
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder verifyOneIn(int documents) {
      if (documents < 1) {
        throw new IllegalArgumentException("One in at least 1 document, not " + documents + ".");
      }
      this.verifyOneIn = documents;
      return this;
    }

    /**
     * How many rows may be missing from the new generation as dead letters, and it is served all
     * the same.
     *
     * @param count at least 0; default: 0
     * @return this builder
     * @throws IllegalArgumentException if it is negative
     */
    public Builder maxDeadLetters(long count) {
      if (count < 0) {
        throw new IllegalArgumentException("A count is at least 0, but was " + count + ".");
      }
      this.maxDeadLetters = count;
      return this;
    }

    /**
     * Whether {@link SnapshotSwitcher#switchToLatest()} takes in the commits that were made while
     * it loaded. Without it the generation holds the version that was the newest at the beginning,
     * unless readers have seen later ones.
     *
     * @param takeIn default: true
     * @return this builder
     */
    public Builder catchUp(boolean takeIn) {
      this.catchUp = takeIn;
      return this;
    }

    /**
     * Where the row changes come from that are taken in.
     *
     * @param method default: {@link ChangeMethod#FEED}
     * @return this builder
     */
    public Builder changes(ChangeMethod method) {
      this.changes = Objects.requireNonNull(method, "method");
      return this;
    }

    /**
     * Makes the switcher. Reads and writes nothing yet.
     *
     * @return the switcher
     * @throws ConfigurationException if the pipeline has no snapshot target
     */
    public SnapshotSwitcher build() {
      SnapshotTarget target =
          pipeline
              .snapshots()
              .orElseThrow(
                  () ->
                      new ConfigurationException(
                          "Pipeline \""
                              + pipeline.name()
                              + "\" has no snapshot target. Name one with"
                              + " Pipeline.Builder.snapshots."));
      return new SnapshotSwitcher(
          pipeline,
          target,
          new SwitchSettings(grace, verifyOneIn, maxDeadLetters, catchUp, changes));
    }
  }
}
