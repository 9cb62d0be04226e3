package io.reverseetl;

import io.reverseetl.checkpoint.CheckpointStore;
import io.reverseetl.document.DeadLetterSink;
import io.reverseetl.document.DocumentSink;
import io.reverseetl.document.Generation;
import io.reverseetl.document.SnapshotPointer;
import io.reverseetl.document.SnapshotTarget;
import io.reverseetl.document.StoredPointer;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.ratelimit.WriteRateLimiter;
import io.reverseetl.table.RowFilter;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.TableSource;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one reverse ETL, named once: which table, how its rows become documents, where these
 * go, and where progress is kept. Loader, poller and switcher all take it, so that nobody can load
 * with one mapper and poll with another.
 *
 * <p>Immutable and thread-safe. The parts belong to whoever made them: a pipeline closes none.
 *
 * <pre>{@code
 * Pipeline pipeline =
 *     Pipeline.builder("customers")
 *         .source(source)
 *         .mapper(mapper)
 *         .sink(sink)
 *         .checkpoints(FileCheckpointStore.of(Path.of("checkpoints")))
 *         .rateLimiter(Resilience4jRateLimiter.requestUnitsPerSecond(2_000))
 *         .build();
 * }</pre>
 */
public final class Pipeline {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  private final String name;

  /** The name of the checkpoint; that of a generation is its own. */
  private final String checkpointName;

  private final TableSource source;
  private final DocumentMapper mapper;
  private final @Nullable DocumentSink sink;
  private final @Nullable SnapshotTarget snapshots;

  /** Whether this is a part of a pipeline with a snapshot target. */
  private final boolean ofSnapshots;

  private final CheckpointStore checkpoints;
  private final @Nullable RowFilter filter;
  private final @Nullable WriteRateLimiter rateLimiter;
  private final @Nullable DeadLetterSink deadLetters;
  private final long maxDeadLetters;
  private final double maxDeadLetterShare;
  private final WriteMode writeMode;
  private final Deletes deletes;
  private final DuplicateKeys duplicateKeys;
  private final boolean ownsTarget;
  private final Duration lease;
  private final boolean stampSourceVersion;
  private final int readThreads;
  private final PipelineListener listener;
  private final InstantSource clock;

  private Pipeline(Builder builder) {
    this.name = builder.name;
    this.checkpointName = builder.name;
    this.source = Objects.requireNonNull(builder.source);
    this.mapper = Objects.requireNonNull(builder.mapper);
    this.sink = builder.sink;
    this.snapshots = builder.snapshots;
    this.ofSnapshots = false;
    this.checkpoints = Objects.requireNonNull(builder.checkpoints);
    this.filter = builder.filter;
    this.rateLimiter = builder.rateLimiter;
    this.deadLetters = builder.deadLetters;
    this.maxDeadLetters = builder.deadLetters == null ? 0 : builder.maxDeadLetters;
    this.maxDeadLetterShare = builder.maxDeadLetterShare;
    this.writeMode = builder.writeMode;
    this.deletes = builder.deletes == null ? Deletes.hard() : builder.deletes;
    this.duplicateKeys = builder.duplicateKeys;
    this.ownsTarget = builder.ownsTarget;
    this.lease = builder.lease;
    this.stampSourceVersion = builder.stampSourceVersion;
    this.readThreads = builder.readThreads;
    this.listener = new SafeListener(builder.listeners);
    this.clock = builder.clock;
  }

  /** The same parts with another target, the checkpoint of its own, and no snapshots. */
  private Pipeline(
      Pipeline parts,
      String checkpointName,
      @Nullable DocumentSink target,
      boolean ownsTarget,
      PipelineListener listener) {
    this.name = parts.name;
    this.checkpointName = checkpointName;
    this.source = parts.source;
    this.mapper = parts.mapper;
    this.sink = target;
    this.snapshots = null;
    this.ofSnapshots = parts.snapshots != null;
    this.checkpoints = parts.checkpoints;
    this.filter = parts.filter;
    this.rateLimiter = parts.rateLimiter;
    this.deadLetters = parts.deadLetters;
    this.maxDeadLetters = parts.maxDeadLetters;
    this.maxDeadLetterShare = parts.maxDeadLetterShare;
    this.writeMode = parts.writeMode;
    this.deletes = parts.deletes;
    this.duplicateKeys = parts.duplicateKeys;
    this.ownsTarget = ownsTarget;
    this.lease = parts.lease;
    this.stampSourceVersion = parts.stampSourceVersion;
    this.readThreads = parts.readThreads;
    this.listener = listener;
    this.clock = parts.clock;
    if (target != null) {
      SinkAbilities.check(name, writeMode, deletes, stampSourceVersion, target);
    }
  }

  /**
   * Starts naming the parts.
   *
   * @param name names the pipeline in checkpoints, reports and logs: 1 to 100 of the characters
   *     {@code A-Z a-z 0-9 . _ -}, the first a letter or digit
   * @return a builder
   * @throws IllegalArgumentException if the name has another form
   */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /**
   * The pipeline's name.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Compares the checkpoint with the table's newest version. Writes nothing.
   *
   * @return where the pipeline stands
   * @throws io.reverseetl.exceptions.ReverseEtlException if the table or the checkpoint cannot be
   *     read
   */
  public PipelineStatus status() {
    return PipelineStatus.of(this);
  }

  TableSource source() {
    return source;
  }

  DocumentMapper mapper() {
    return mapper;
  }

  /** The sink; asked of what {@link #served} gave. */
  DocumentSink sink() {
    return Objects.requireNonNull(sink, "The served generation was not looked up.");
  }

  boolean hasSink() {
    return sink != null;
  }

  /** What the checkpoint is saved under. */
  String checkpointName() {
    return checkpointName;
  }

  Optional<SnapshotTarget> snapshots() {
    return Optional.ofNullable(snapshots);
  }

  /**
   * The pipeline that writes to what readers see now: itself, unless it has a snapshot target. It
   * keeps that target and its checkpoint, also when readers are pointed elsewhere later.
   *
   * @throws ConfigurationException if nothing is served yet
   */
  Pipeline served() {
    return servedIfAny()
        .orElseThrow(
            () ->
                new ConfigurationException(
                    "Pipeline \""
                        + name
                        + "\" serves no snapshot yet. Load the first one with SnapshotSwitcher."));
  }

  /** As {@link #served()}; empty if nothing is served yet. */
  Optional<Pipeline> servedIfAny() {
    return snapshots == null
        ? Optional.of(this)
        : servedIfAny(snapshots.read().map(StoredPointer::pointer));
  }

  /** As {@link #servedIfAny()}, by a pointer that was read. */
  Optional<Pipeline> servedIfAny(Optional<SnapshotPointer> pointer) {
    SnapshotTarget target = Objects.requireNonNull(snapshots);
    pointer.ifPresent(this::checkPointer);
    Optional<Generation> generation = pointer.flatMap(SnapshotPointer::served);
    if (generation.isPresent()) {
      return Optional.of(generation(generation.get(), target.open(generation.get())));
    }
    return Optional.ofNullable(sink)
        .map(first -> new Pipeline(this, name, first, ownsTarget, listener));
  }

  /** Whether gaps are closed by a switch, and not in place. */
  boolean isOfSnapshots() {
    return ofSnapshots;
  }

  /** Throws if the pointer is another pipeline's. */
  void checkPointer(SnapshotPointer pointer) {
    if (!pointer.pipeline().equals(name)) {
      throw new ConfigurationException(
          "The snapshots of the target belong to pipeline \""
              + pointer.pipeline()
              + "\", but this one is \""
              + name
              + "\". Give it that name, or another snapshot target.");
    }
  }

  /** The pipeline that fills and polls one generation, whose every document is ours. */
  Pipeline generation(Generation generation, DocumentSink target) {
    return new Pipeline(this, name + "@" + generation.id(), target, true, listener);
  }

  /** The pipeline whose lease the switcher holds. */
  Pipeline switching() {
    return new Pipeline(this, name + "@switch", null, false, new SafeListener(List.of()));
  }

  CheckpointStore checkpoints() {
    return checkpoints;
  }

  Optional<RowFilter> filter() {
    return Optional.ofNullable(filter);
  }

  Optional<WriteRateLimiter> rateLimiter() {
    return Optional.ofNullable(rateLimiter);
  }

  Optional<DeadLetterSink> deadLetters() {
    return Optional.ofNullable(deadLetters);
  }

  long maxDeadLetters() {
    return maxDeadLetters;
  }

  double maxDeadLetterShare() {
    return maxDeadLetterShare;
  }

  WriteMode writeMode() {
    return writeMode;
  }

  Deletes deletes() {
    return deletes;
  }

  DuplicateKeys duplicateKeys() {
    return duplicateKeys;
  }

  /** Whether a delete needs the last values of the row. */
  boolean needsImages() {
    return deletes.needsImage() || writeMode.kind() == WriteMode.Kind.REPLACE_IF_UNMODIFIED;
  }

  boolean ownsTarget() {
    return ownsTarget;
  }

  /** What is read of a version; null for the newest. */
  SnapshotQuery snapshotQuery(@Nullable Long version) {
    SnapshotQuery anyColumns =
        version == null ? SnapshotQuery.latest() : SnapshotQuery.atVersion(version);
    String order = duplicateKeys.column();
    SnapshotQuery query = order == null ? anyColumns.columns(mapper::columns) : anyColumns;
    return filter == null ? query : query.where(filter);
  }

  Duration lease() {
    return lease;
  }

  boolean stampSourceVersion() {
    return stampSourceVersion;
  }

  int readThreads() {
    return readThreads;
  }

  PipelineListener listener() {
    return listener;
  }

  InstantSource clock() {
    return clock;
  }

  @Override
  public String toString() {
    return "Pipeline(" + name + ")";
  }

  /** Collects the parts of a {@link Pipeline}. Not thread-safe. */
  public static final class Builder {
    private final String name;
    private @Nullable TableSource source;
    private @Nullable DocumentMapper mapper;
    private @Nullable DocumentSink sink;
    private @Nullable SnapshotTarget snapshots;
    private @Nullable CheckpointStore checkpoints;
    private @Nullable RowFilter filter;
    private @Nullable WriteRateLimiter rateLimiter;
    private @Nullable DeadLetterSink deadLetters;
    private long maxDeadLetters = Long.MAX_VALUE;
    private double maxDeadLetterShare = 1;
    private WriteMode writeMode = WriteMode.UPSERT;
    private @Nullable Deletes deletes;
    private DuplicateKeys duplicateKeys = DuplicateKeys.fail();
    private boolean ownsTarget;
    private Duration lease = Duration.ofSeconds(60);
    private boolean stampSourceVersion;
    private int readThreads = Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors()));
    private final List<PipelineListener> listeners = new ArrayList<>();
    private InstantSource clock = InstantSource.system();

    private Builder(String name) {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "A pipeline's name is 1 to 100 of A-Z a-z 0-9 . _ -, and begins with a letter or"
                + " digit.");
      }
      this.name = name;
    }

    /**
     * The table to read. Required.
     *
     * @param table the table; stays open and yours
     * @return this builder
     */
    public Builder source(TableSource table) {
      this.source = Objects.requireNonNull(table, "table");
      return this;
    }

    /**
     * How a row becomes documents. Required.
     *
     * @param rowMapper the mapper
     * @return this builder
     */
    public Builder mapper(DocumentMapper rowMapper) {
      this.mapper = Objects.requireNonNull(rowMapper, "rowMapper");
      return this;
    }

    /**
     * Where documents go. Required unless {@link #snapshots} is there; with both, this is where
     * they go until the first switch.
     *
     * @param target the sink; stays open and yours
     * @return this builder
     */
    public Builder sink(DocumentSink target) {
      this.sink = Objects.requireNonNull(target, "target");
      return this;
    }

    /**
     * Where snapshots of the table stand beside each other, of which readers see one: {@link
     * SnapshotSwitcher} loads them, and polls, checks and repairs go to the one that readers see.
     * Each has a checkpoint of its own. Default: none.
     *
     * @param target the snapshot target; this pipeline's alone
     * @return this builder
     */
    public Builder snapshots(SnapshotTarget target) {
      this.snapshots = Objects.requireNonNull(target, "target");
      return this;
    }

    /**
     * Where progress is kept. Required.
     *
     * @param store the store; must outlive the process for the pipeline to resume after a crash
     * @return this builder
     */
    public Builder checkpoints(CheckpointStore store) {
      this.checkpoints = Objects.requireNonNull(store, "store");
      return this;
    }

    /**
     * Takes only some rows. Default: all.
     *
     * @param rows what a row must meet
     * @return this builder
     */
    public Builder where(RowFilter rows) {
      this.filter = Objects.requireNonNull(rows, "rows");
      return this;
    }

    /**
     * Bounds what is spent. Default: no bound but the target's own.
     *
     * @param limiter the limiter; may be shared with other pipelines
     * @return this builder
     */
    public Builder rateLimiter(WriteRateLimiter limiter) {
      this.rateLimiter = Objects.requireNonNull(limiter, "limiter");
      return this;
    }

    /**
     * Sets rows aside that cannot be mapped or that the target will never take, and goes on with
     * the rest. Default: none, so that the first such row stops the run.
     *
     * @param letters takes them; stays open and yours
     * @return this builder
     */
    public Builder deadLetters(DeadLetterSink letters) {
      this.deadLetters = Objects.requireNonNull(letters, "letters");
      return this;
    }

    /**
     * How many dead letters a load, all its runs together, or a single poll may have before it
     * stops. Has no effect without {@link #deadLetters}.
     *
     * @param count the largest allowed number, at least 0; default: no limit
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
     * Which share of a poll's range may become dead letters before the poll stops. Looked at when a
     * range is read, and again before the checkpoint moves over it. Has no effect without {@link
     * #deadLetters}, nor on a load.
     *
     * @param share dead letters by row changes, from 0 to 1; default: 1, no limit
     * @return this builder
     * @throws IllegalArgumentException if it is not from 0 to 1
     */
    public Builder maxDeadLetterShare(double share) {
      if (!(share >= 0 && share <= 1)) {
        throw new IllegalArgumentException("A share is from 0 to 1, but was " + share + ".");
      }
      this.maxDeadLetterShare = share;
      return this;
    }

    /**
     * How documents are written.
     *
     * @param mode default: {@link WriteMode#UPSERT}
     * @return this builder
     */
    public Builder writeMode(WriteMode mode) {
      this.writeMode = Objects.requireNonNull(mode, "mode");
      return this;
    }

    /**
     * What becomes of the document of a row that is gone.
     *
     * @param policy default: {@link Deletes#hard}, except with {@link WriteMode#ownedFields}, where
     *     it must be said
     * @return this builder
     */
    public Builder deletes(Deletes policy) {
      this.deletes = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /**
     * What becomes of rows of one commit, or of the version that is loaded, that are different and
     * stand for one document.
     *
     * @param policy default: {@link DuplicateKeys#fail}
     * @return this builder
     */
    public Builder duplicateKeys(DuplicateKeys policy) {
      this.duplicateKeys = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /**
     * Says that every document of the target is this pipeline's, so that one that the table does
     * not make may be deleted where a gap is closed. Without it that is only true of documents that
     * carry {@code _sourceVersion}.
     *
     * @param owns default: false
     * @return this builder
     */
    public Builder ownsTarget(boolean owns) {
      this.ownsTarget = owns;
      return this;
    }

    /**
     * For how long a runner has the right to write, until it renews it; it does so every third of
     * this. When a runner dies, others wait this long before they take over, except where they can
     * see that its process is gone.
     *
     * @param duration at least a second; default: 60 seconds. Longer than the clocks of the
     *     machines may differ, four times over
     * @return this builder
     * @throws IllegalArgumentException if it is shorter
     */
    public Builder lease(Duration duration) {
      if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
        throw new IllegalArgumentException("A lease lasts at least a second, not " + duration);
      }
      this.lease = duration;
      return this;
    }

    /**
     * Writes the commit version that a document comes from into it, as number {@code
     * _sourceVersion}. Default: off.
     *
     * @param stamp whether to write it
     * @return this builder
     */
    public Builder stampSourceVersion(boolean stamp) {
      this.stampSourceVersion = stamp;
      return this;
    }

    /**
     * How many files of the table are read at once.
     *
     * @param threads at least 1; default: the number of processors, at most 4
     * @return this builder
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder readThreads(int threads) {
      if (threads < 1) {
        throw new IllegalArgumentException("There is at least 1 thread, not " + threads + ".");
      }
      this.readThreads = threads;
      return this;
    }

    /**
     * Adds a listener. Default: none.
     *
     * @param listener is told of everything that happens, in the order in which listeners were
     *     added
     * @return this builder
     */
    public Builder listener(PipelineListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /**
     * Where the time comes from. Default: the system's clock.
     *
     * @param time the clock
     * @return this builder
     */
    public Builder clock(InstantSource time) {
      this.clock = Objects.requireNonNull(time, "time");
      return this;
    }

    /**
     * Makes the pipeline.
     *
     * @return the pipeline
     * @throws IllegalStateException if a required part is missing; names all that are
     * @throws io.reverseetl.exceptions.ConfigurationException if the sink cannot write in the
     *     {@link #writeMode}, or the {@link #deletes} do not fit it
     */
    public Pipeline build() {
      List<String> missing = new ArrayList<>();
      if (source == null) {
        missing.add("source");
      }
      if (mapper == null) {
        missing.add("mapper");
      }
      if (sink == null && snapshots == null) {
        missing.add("sink");
      }
      if (checkpoints == null) {
        missing.add("checkpoints");
      }
      if (duplicateKeys.setsAside() && deadLetters == null) {
        missing.add("deadLetters, which duplicateKeys names");
      }
      if (deletes == null && writeMode.kind() == WriteMode.Kind.OWNED_FIELDS) {
        missing.add("deletes, which owned fields need: the document may hold what others wrote");
      }
      if (!missing.isEmpty()) {
        throw new IllegalStateException(
            "Pipeline \"" + name + "\" lacks " + String.join(", ", missing) + ".");
      }
      if (sink != null) {
        SinkAbilities.check(name, writeMode, deletes, stampSourceVersion, sink);
      }
      return new Pipeline(this);
    }
  }
}
