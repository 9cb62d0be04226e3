package io.reverseetl.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.reverseetl.LoadReport;
import io.reverseetl.LoadState;
import io.reverseetl.PipelineListener;
import io.reverseetl.PollRange;
import io.reverseetl.PollReport;
import io.reverseetl.WriteProgress;
import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.table.SchemaChange;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.TableVersion;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/**
 * Counts what a pipeline does in meters of a Micrometer registry. Their names, units and meanings
 * are in docs/metrics.md. Give it to {@link io.reverseetl.Pipeline.Builder#listener}.
 *
 * <p>The tags are the pipeline's name and words of which there are few; never a key, an id or a
 * value of a row. Gauges tell NaN until there is something to tell.
 *
 * <p>Make one for each pipeline and registry. Thread-safe. The registry stays the caller's; {@link
 * #close} removes the meters from it, which is of use where pipelines come and go.
 */
public final class PipelineMetrics implements PipelineListener, AutoCloseable {
  private static final double NOT_KNOWN = Double.NaN;

  private final MeterRegistry registry;
  private final Tags tags;
  private final Set<Meter> meters = ConcurrentHashMap.newKeySet();

  private final Counter written;
  private final Counter deleted;
  private final Counter unchanged;
  private final Counter bytes;
  private final Counter rowsLoaded;
  private final Counter rowsPolled;
  private final Counter parts;
  private final Counter commits;
  private final Counter requestUnits;
  private final Counter requestUnitsSaved;
  private final Counter throttled;
  private final Counter retries;
  private final Counter schemaChanges;
  private final Timer rangeDuration;

  private volatile double freshAtMillis = NOT_KNOWN;
  private volatile double savedAtMillis = NOT_KNOWN;
  private volatile double checkpointVersion = NOT_KNOWN;
  private volatile double lagSeconds = NOT_KNOWN;
  private volatile double lagVersions = NOT_KNOWN;
  private volatile double retentionLeft = NOT_KNOWN;
  private volatile double loadProgress = NOT_KNOWN;

  /** How many rows of the load at hand are counted. Guarded by this. */
  private long rowsCounted;

  /** When the range at hand began, by the registry's clock; touched by the polling thread only. */
  private volatile long rangeBegan;

  private PipelineMetrics(MeterRegistry registry, String pipeline) {
    this.registry = Objects.requireNonNull(registry, "registry");
    this.tags = Tags.of("pipeline", Objects.requireNonNull(pipeline, "pipeline"));
    gauge(PipelineMeter.FRESHNESS, () -> secondsSince(freshAtMillis));
    gauge(PipelineMeter.LAG, () -> lagSeconds);
    gauge(PipelineMeter.LAG_VERSIONS, () -> lagVersions);
    gauge(PipelineMeter.CHECKPOINT_VERSION, () -> checkpointVersion);
    gauge(PipelineMeter.CHECKPOINT_AGE, () -> secondsSince(savedAtMillis));
    gauge(PipelineMeter.RETENTION_LEFT, () -> retentionLeft);
    gauge(PipelineMeter.LOAD_PROGRESS, () -> loadProgress);
    this.written = counter(PipelineMeter.DOCUMENTS, "result", "written");
    this.deleted = counter(PipelineMeter.DOCUMENTS, "result", "deleted");
    this.unchanged = counter(PipelineMeter.DOCUMENTS, "result", "unchanged");
    this.bytes = counter(PipelineMeter.BYTES);
    this.rowsLoaded = counter(PipelineMeter.ROWS, "by", "load");
    this.rowsPolled = counter(PipelineMeter.ROWS, "by", "poll");
    this.parts = counter(PipelineMeter.PARTS);
    this.commits = counter(PipelineMeter.COMMITS);
    this.requestUnits = counter(PipelineMeter.REQUEST_UNITS);
    this.requestUnitsSaved = counter(PipelineMeter.REQUEST_UNITS_SAVED);
    this.throttled = counter(PipelineMeter.THROTTLED);
    this.retries = counter(PipelineMeter.RETRIES);
    this.schemaChanges = counter(PipelineMeter.SCHEMA_CHANGES);
    this.rangeDuration = timer(PipelineMeter.RANGE_DURATION);
  }

  /**
   * Registers the meters of a pipeline.
   *
   * @param pipeline the pipeline's name; the value of the tag {@code pipeline}
   * @param registry where the meters go
   * @return a listener for that pipeline
   */
  public static PipelineMetrics of(String pipeline, MeterRegistry registry) {
    return new PipelineMetrics(registry, pipeline);
  }

  private void gauge(PipelineMeter meter, DoubleSupplier value) {
    meters.add(
        Gauge.builder(meter.id(), value::getAsDouble)
            .description(meter.meaning())
            .baseUnit(meter.unit().isEmpty() ? null : meter.unit())
            .tags(tags)
            .strongReference(true)
            .register(registry));
  }

  private Counter counter(PipelineMeter meter, String... more) {
    Counter counter =
        Counter.builder(meter.id())
            .description(meter.meaning())
            .baseUnit(meter.unit())
            .tags(tags.and(more))
            .register(registry);
    meters.add(counter);
    return counter;
  }

  private Timer timer(PipelineMeter meter, String... more) {
    Timer timer =
        Timer.builder(meter.id())
            .description(meter.meaning())
            .tags(tags.and(more))
            .register(registry);
    meters.add(timer);
    return timer;
  }

  private double secondsSince(double millis) {
    return (registry.config().clock().wallTime() - millis) / 1000;
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void onLoadStarted(TableVersion version, LoadState progress) {
    synchronized (this) {
      rowsCounted = progress.rowsRead();
    }
    loadProgress = share(progress);
  }

  @Override
  public void onLoadProgress(LoadState progress) {
    long more;
    synchronized (this) {
      more = progress.rowsRead() - rowsCounted;
      rowsCounted = progress.rowsRead();
    }
    rowsLoaded.increment(more);
    loadProgress = share(progress);
  }

  private static double share(LoadState state) {
    if (state.rowsTotal().isPresent() && state.rowsTotal().getAsLong() > 0) {
      return Math.min(1, (double) state.rowsRead() / state.rowsTotal().getAsLong());
    }
    return state.partCount() == 0 ? 1 : (double) state.partsFinished() / state.partCount();
  }

  @Override
  public void onPartLoaded(SnapshotPart part, long rows) {
    parts.increment();
  }

  @Override
  public void onCheckpointSaved(Checkpoint checkpoint) {
    checkpointVersion = checkpoint.version();
    savedAtMillis = registry.config().clock().wallTime();
  }

  @Override
  public void onDeadLetter(DeadLetter letter) {
    counter(PipelineMeter.DEAD_LETTERS, "reason", letter.reason().toLowerCase(Locale.ROOT))
        .increment();
  }

  @Override
  public void onLoadFinished(LoadReport report) {
    timer(PipelineMeter.LOAD_DURATION, "outcome", word(report.outcome())).record(report.elapsed());
  }

  @Override
  public void onRangeStarted(long fromVersion) {
    rangeBegan = registry.config().clock().monotonicTime();
  }

  @Override
  public void onRangePlanned(PollRange range) {
    rowsPolled.increment(range.changes());
  }

  @Override
  public void onRangeReduced(PollRange range) {
    unchanged.increment(range.unchanged());
  }

  @Override
  public void onRangeWritten(PollRange range) {
    commits.increment(range.toVersion() - range.fromVersion() + 1.0);
    rangeDuration.record(Duration.ofNanos(registry.config().clock().monotonicTime() - rangeBegan));
  }

  @Override
  public void onLag(long versions, Optional<Duration> lag) {
    lagVersions = versions;
    lagSeconds = lag.map(PipelineMetrics::seconds).orElse(NOT_KNOWN);
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  @Override
  public void onSchemaChange(SchemaChange change) {
    schemaChanges.increment();
  }

  @Override
  public void onGap(ChangesUnavailableException gap) {
    counter(PipelineMeter.GAPS, "reason", word(gap.reason())).increment();
  }

  @Override
  public void onWriteProgress(WriteProgress since) {
    written.increment(since.documentsWritten());
    deleted.increment(since.documentsDeleted());
    unchanged.increment(since.documentsUnchanged());
    bytes.increment(since.bytesWritten());
    throttled.increment(since.throttled());
    retries.increment(since.retried());
    requestUnits.increment(since.requestUnits());
  }

  @Override
  public void onRetentionNear(Duration left) {
    retentionLeft = seconds(left);
  }

  @Override
  public void onPollFinished(PollReport report) {
    retentionLeft = report.retentionLeft().map(PipelineMetrics::seconds).orElse(NOT_KNOWN);
    requestUnitsSaved.increment(report.requestUnitsSaved());
    lagVersions = report.lagVersions();
    if (report.lag().isPresent()) {
      lagSeconds = seconds(report.lag().get());
    }
    if (report.lagVersions() == 0) {
      // The newest version was asked for when the poll began.
      freshAtMillis = registry.config().clock().wallTime() - report.elapsed().toMillis();
    }
    timer(PipelineMeter.POLL_DURATION, "outcome", word(report.outcome())).record(report.elapsed());
  }

  @Override
  public void onFailed(Throwable failure) {
    counter(PipelineMeter.FAILURES, "exception", failure.getClass().getSimpleName()).increment();
  }

  /** Removes the meters from the registry. May be called twice. */
  @Override
  public void close() {
    for (Meter meter : meters) {
      registry.remove(meter);
    }
    meters.clear();
  }
}
