package io.reverseetl;

import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.table.ChangeMethod;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes the commits after the checkpoint into the target, so that it holds what the table holds at
 * a later version. What it promises, and how, is in {@code docs/guarantees.md}.
 *
 * <pre>{@code
 * try (var poller = CdcPoller.of(pipeline)) {
 *   PollReport report = poller.pollOnce();
 * }
 * }</pre>
 *
 * <p>Commits are taken in ranges. A range is read, mapped and reduced to at most one operation for
 * each document, written, and only then the checkpoint moves, so that a crash repeats work and
 * never skips any. While it writes, a poller holds the pipeline's lease; a second poller, also in
 * another process, stops with a {@link io.reverseetl.exceptions.CheckpointConflictException}.
 *
 * <p>Thread-safe; polls of one poller run one after the other.
 */
public final class CdcPoller implements AutoCloseable {
  private final Pipeline pipeline;
  private final PollSettings settings;
  private final String owner = RunnerIdentity.create();
  private final AtomicBoolean stopRequested = new AtomicBoolean();
  private final ReentrantLock polling = new ReentrantLock();
  private final PollLoop loop;

  private CdcPoller(Pipeline pipeline, PollSettings settings) {
    this.pipeline = pipeline;
    this.settings = settings;
    this.loop = new PollLoop(pipeline, settings, () -> poll(null, () -> false));
  }

  /**
   * A poller with the defaults of {@link Builder}.
   *
   * @param pipeline the parts; stay open and yours
   * @return the poller
   */
  public static CdcPoller of(Pipeline pipeline) {
    return builder(pipeline).build();
  }

  /**
   * A builder of a poller.
   *
   * @param pipeline the parts; stay open and yours
   * @return a new builder
   */
  public static Builder builder(Pipeline pipeline) {
    return new Builder(Objects.requireNonNull(pipeline, "pipeline"));
  }

  /**
   * Takes in every commit that is there when the call begins, on the calling thread. Without a new
   * commit this costs one listing of the table's log and one read of the checkpoint.
   *
   * <p>An interrupt of the calling thread stops the poll as {@link #requestStop} does; the thread
   * is still interrupted when the call returns.
   *
   * @return what was done
   * @throws ConfigurationException if the initial load is missing or not complete, or the parts do
   *     not fit together, or the mapper no longer fits the table; what was before is saved
   * @throws io.reverseetl.exceptions.CheckpointConflictException if another runner is at work
   * @throws io.reverseetl.exceptions.CheckpointException if the checkpoint cannot be read or saved,
   *     or belongs to another target
   * @throws io.reverseetl.exceptions.ChangesUnavailableException if reading on would skip changes
   * @throws io.reverseetl.exceptions.TableReadException if the table cannot be read
   * @throws io.reverseetl.exceptions.MappingException if a row cannot become a document and cannot
   *     be set aside, or if the key is not unique
   * @throws io.reverseetl.exceptions.WriteException if the target does not take a document and it
   *     cannot be set aside, or does not answer
   * @throws IllegalStateException after {@link #close}
   */
  public PollReport pollOnce() {
    return poll(null, () -> false);
  }

  /**
   * As {@link #pollOnce()}, until a deadline. After it, what was sent is awaited and progress is
   * saved, if need be inside a large commit, and the next poll goes on there; so the call returns
   * somewhat after the deadline. A poll always does at least a small part of the work, however
   * short the deadline is.
   *
   * @param deadline how long to poll, from now; positive
   * @return what was done; {@link PollReport.Outcome#DEADLINE_REACHED} if there is more to do
   * @throws IllegalArgumentException if the deadline is not positive
   * @see #pollOnce() the exceptions
   */
  public PollReport pollOnce(Duration deadline) {
    return poll(null, reached(deadline));
  }

  /**
   * As {@link #pollOnce()}, up to a version. A range that an earlier poll had begun to write is
   * finished, also if it ends later.
   *
   * @param version the version that the target is to hold, at least 0; if the table does not have
   *     it yet, the newest
   * @return what was done
   * @throws IllegalArgumentException if it is negative
   * @see #pollOnce() the exceptions
   */
  public PollReport pollUntil(long version) {
    return poll(checked(version), () -> false);
  }

  /**
   * As {@link #pollUntil(long)}, until a deadline.
   *
   * @param version the version that the target is to hold, at least 0
   * @param deadline how long to poll, from now; positive
   * @return what was done
   * @throws IllegalArgumentException if the version is negative or the deadline not positive
   * @see #pollOnce() the exceptions
   */
  public PollReport pollUntil(long version, Duration deadline) {
    return poll(checked(version), reached(deadline));
  }

  private static Long checked(long version) {
    if (version < 0) {
      throw new IllegalArgumentException("A version is not negative, but was " + version + ".");
    }
    return version;
  }

  private BooleanSupplier reached(Duration deadline) {
    if (deadline.isZero() || deadline.isNegative()) {
      throw new IllegalArgumentException("A deadline is positive, but was " + deadline + ".");
    }
    Instant end = pipeline.clock().instant().plus(deadline);
    return () -> !pipeline.clock().instant().isBefore(end);
  }

  /** Polls up to a version, or the newest, until something is reached. */
  PollReport poll(@Nullable Long until, BooleanSupplier deadlineReached) {
    polling.lock();
    try {
      if (loop.isClosed()) {
        throw new IllegalStateException("The poller is closed.");
      }
      ServedPoll poll = new ServedPoll(pipeline, settings, owner, this::mustStop, deadlineReached);
      return SafeListener.telling(pipeline.listener(), () -> poll.run(until));
    } finally {
      polling.unlock();
    }
  }

  private boolean mustStop() {
    return stopRequested.get() || loop.isClosed();
  }

  /**
   * Asks running and later polls to stop: what was sent is awaited, progress is saved, and the call
   * returns with {@link PollReport.Outcome#STOPPED}. Returns at once, from any thread, for example
   * a shutdown hook's.
   */
  public void requestStop() {
    stopRequested.set(true);
    loop.wake();
  }

  /**
   * Begins to poll by itself, on one daemon thread, until {@link #close} or a failure that trying
   * again does not mend. After a poll that found nothing more it waits for the interval; after a
   * failure worth another try for longer and longer, up to {@link Builder#maxBackoff}. While
   * another runner holds the lease it stands by and takes over when that one has ended.
   *
   * @throws IllegalStateException if it was started before, or is closed
   */
  public void start() {
    loop.start();
  }

  /**
   * Waits until a started poller has ended.
   *
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws io.reverseetl.exceptions.ReverseEtlException the failure that it ended with, if it did;
   *     an {@link Error} that ended it is thrown as well
   * @throws IllegalStateException if it was not started
   */
  public void await() throws InterruptedException {
    loop.await();
  }

  /**
   * Makes a started poller wait after the poll at hand, until {@link #resume}; then {@link
   * PipelineListener#onPollerPaused} is told. The poll at hand ends as it would have. Polls that
   * are called for are not affected.
   */
  public void pause() {
    loop.pause();
  }

  /** Makes a paused poller go on; {@link PipelineListener#onPollerResumed} is told. */
  public void resume() {
    loop.resume();
  }

  /**
   * Ends a started poller: the poll at hand stops as {@link #requestStop} says, and its thread is
   * waited for, up to half a minute; then it is interrupted. The pipeline's parts stay open. May be
   * called twice.
   */
  @Override
  public void close() {
    loop.close();
  }

  /** Collects the options of a {@link CdcPoller}. Not thread-safe. */
  public static final class Builder {
    private final Pipeline pipeline;
    private ChangeMethod changes = ChangeMethod.FEED;
    private SchemaPolicy schemaPolicy = SchemaPolicy.PAUSE;
    private GapPolicy gapPolicy = GapPolicy.FAIL;
    private long maxRangeCommits = 1_000;
    private long maxRangeRows = 1_000_000;
    private long maxRangeBytes = 256L << 20;
    private long memoryBudgetBytes = 64L << 20;
    private @Nullable Path spillFolder;
    private Duration interval = Duration.ofSeconds(1);
    private Duration maxBackoff = Duration.ofMinutes(1);
    private Duration retentionWarning = Duration.ofDays(1);
    private Duration grace = SwitchSettings.GRACE;

    private Builder(Pipeline pipeline) {
      this.pipeline = pipeline;
    }

    /**
     * Where row changes come from.
     *
     * @param method default: {@link ChangeMethod#FEED}, the table's change data feed; {@link
     *     ChangeMethod#DIFF} for a table without one
     * @return this builder
     */
    public Builder changes(ChangeMethod method) {
      this.changes = Objects.requireNonNull(method, "method");
      return this;
    }

    /**
     * What a poll does at a commit that changes columns that the mapper reads.
     *
     * @param policy default: {@link SchemaPolicy#PAUSE}
     * @return this builder
     */
    public Builder onSchemaChange(SchemaPolicy policy) {
      this.schemaPolicy = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /**
     * What a poll does when changes cannot be had. The policies that go on need a sink that is a
     * {@link io.reverseetl.document.ScannableDocumentSink}.
     *
     * @param policy default: {@link GapPolicy#FAIL}
     * @return this builder
     */
    public Builder onGap(GapPolicy policy) {
      this.gapPolicy = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /**
     * How many commits a range has at most.
     *
     * @param commits at least 1; default: 1,000
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder maxRangeCommits(long commits) {
      this.maxRangeCommits = atLeastOne(commits, "commits");
      return this;
    }

    /**
     * After how many row changes a range ends, at the next commit. A commit is never parted, so a
     * larger one makes a larger range.
     *
     * @param rows at least 1; default: 1,000,000
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder maxRangeRows(long rows) {
      this.maxRangeRows = atLeastOne(rows, "rows");
      return this;
    }

    /**
     * After how many bytes of mapped documents a range ends, at the next commit.
     *
     * @param bytes at least 1; default: 256 MiB
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder maxRangeBytes(long bytes) {
      this.maxRangeBytes = atLeastOne(bytes, "bytes");
      return this;
    }

    /**
     * How much memory the documents of a range may take. What exceeds it goes to files in the spill
     * folder until the range is written.
     *
     * @param bytes at least 1, estimated; default: 64 MiB
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder memoryBudgetBytes(long bytes) {
      this.memoryBudgetBytes = atLeastOne(bytes, "bytes");
      return this;
    }

    /**
     * Where spill files go. They hold documents and are removed when their range is written; those
     * of a process that was killed stay.
     *
     * @param folder made if it is not there; default: the folder of the JVM for temporary files
     * @return this builder
     */
    public Builder spillFolder(Path folder) {
      this.spillFolder = Objects.requireNonNull(folder, "folder");
      return this;
    }

    /**
     * How long a started poller waits after it found nothing more.
     *
     * @param pause at least a millisecond; default: 1 second
     * @return this builder
     * @throws IllegalArgumentException if it is shorter
     */
    public Builder interval(Duration pause) {
      this.interval = atLeastOneMilli(pause);
      return this;
    }

    /**
     * How long a started poller waits at most after failures that follow one another. It waits for
     * the interval after the first, and twice as long after each one more.
     *
     * @param pause at least a millisecond; default: 1 minute
     * @return this builder
     * @throws IllegalArgumentException if it is shorter
     */
    public Builder maxBackoff(Duration pause) {
      this.maxBackoff = atLeastOneMilli(pause);
      return this;
    }

    /**
     * When to warn that the poller is so far behind that changes will soon be gone: when the table
     * promises to keep those that are to be read next for less than this. The warning is a line in
     * the log and {@link PipelineListener#onRetentionNear}. Needs a source that is a {@link
     * io.reverseetl.table.RetainingTableSource}.
     *
     * @param left not negative, zero to be warned only when they may be gone; default: 1 day
     * @return this builder
     * @throws IllegalArgumentException if it is negative
     */
    public Builder retentionWarning(Duration left) {
      if (left.isNegative()) {
        throw new IllegalArgumentException("A time left is not negative, but was " + left + ".");
      }
      this.retentionWarning = left;
      return this;
    }

    /**
     * How long the generation that readers saw is kept when a poll closes a gap by a switch: with
     * {@link GapPolicy#RESNAPSHOT} and a pipeline that has a snapshot target. Without effect
     * otherwise.
     *
     * @param duration more than zero; default: 10 minutes, as {@link
     *     SnapshotSwitcher.Builder#grace}, which says more
     * @return this builder
     * @throws IllegalArgumentException if it is zero or negative
     */
    public Builder grace(Duration duration) {
      this.grace = SwitchSettings.checkedGrace(duration);
      return this;
    }

    private static long atLeastOne(long number, String what) {
      if (number < 1) {
        throw new IllegalArgumentException(
            "The number of " + what + " is at least 1, but was " + number + ".");
      }
      return number;
    }

    private static Duration atLeastOneMilli(Duration pause) {
      if (pause.compareTo(Duration.ofMillis(1)) < 0) {
        throw new IllegalArgumentException("A pause is at least 1 ms, but was " + pause + ".");
      }
      return pause;
    }

    /**
     * Makes the poller. Reads and writes nothing yet.
     *
     * @return the poller
     */
    public CdcPoller build() {
      return new CdcPoller(
          pipeline,
          new PollSettings(
              changes,
              schemaPolicy,
              gapPolicy,
              maxRangeCommits,
              maxRangeRows,
              maxRangeBytes,
              memoryBudgetBytes,
              spillFolder,
              interval,
              maxBackoff,
              retentionWarning,
              grace));
    }
  }
}
