package io.reverseetl;

import io.reverseetl.checkpoint.CheckpointStore;
import io.reverseetl.document.DeadLetterSink;
import io.reverseetl.document.DocumentSink;
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
  private final TableSource source;
  private final DocumentMapper mapper;
  private final DocumentSink sink;
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
    this.source = Objects.requireNonNull(builder.source);
    this.mapper = Objects.requireNonNull(builder.mapper);
    this.sink = Objects.requireNonNull(builder.sink);
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

  DocumentSink sink() {
    return sink;
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
     * Where documents go. Required.
     *
     * @param target the sink; stays open and yours
     * @return this builder
     */
    public Builder sink(DocumentSink target) {
      this.sink = Objects.requireNonNull(target, "target");
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
      if (sink == null) {
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
      SinkAbilities.check(
          name, writeMode, deletes, stampSourceVersion, Objects.requireNonNull(sink));
      return new Pipeline(this);
    }
  }
}
