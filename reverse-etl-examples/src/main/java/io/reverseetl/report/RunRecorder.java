package io.reverseetl.report;

import io.reverseetl.LoadReport;
import io.reverseetl.LoadState;
import io.reverseetl.PipelineListener;
import io.reverseetl.PollRange;
import io.reverseetl.PollReport;
import io.reverseetl.WriteProgress;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.table.SchemaChange;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.TableVersion;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what a run did, for {@link HtmlReport}. It takes a bounded piece of memory however long
 * the run is: older amounts are summed up over longer times, and of files and ranges the last ones
 * are kept. It never keeps a value of a row, nor a key. Thread-safe.
 */
public final class RunRecorder implements PipelineListener {
  static final int MAX_ROWS = 200;
  static final int MAX_REASONS = 8;
  private static final String OTHER = "OTHER";

  /** A file that became durable. */
  record LoadedFile(long atMillis, String name, long rows, long bytes) {}

  /** A range that became durable. */
  record WrittenRange(long atMillis, long millis, PollRange range) {}

  /** How many commits were missing from a time on. */
  record LagPoint(long atMillis, long versions) {}

  private final InstantSource clock;
  private final Instant started;
  final String command;
  final String pipeline;
  final OptionalDouble requestUnitsPerSecond;

  final Timeline written = new Timeline();
  final Timeline deleted = new Timeline();
  final Timeline requestUnits = new Timeline();
  final Timeline throttled = new Timeline();
  final Map<String, Timeline> deadLetters = new LinkedHashMap<>();
  final Deque<LagPoint> lags = new ArrayDeque<>();
  final Deque<LoadedFile> files = new ArrayDeque<>();
  final Deque<WrittenRange> ranges = new ArrayDeque<>();

  String tableUri = "";
  String outcome = "UNFINISHED";
  String note = "";
  long fromVersion = -1;
  long toVersion = -1;
  long rowsRead;
  long documentsWritten;
  long documentsDeleted;
  long documentsUnchanged;
  long bytesWritten;
  long throttledCount;
  long retried;
  long deadLetterCount;
  double requestUnitsSpent;
  double requestUnitsSaved;
  int parts;
  int polls;
  int failures;
  long fileCount;
  long rangeCount;
  @Nullable Long lagVersions;
  @Nullable Duration lag;
  @Nullable Duration firstDocument;

  private long toldAt;
  private long rangeBegan;
  private long rowsBefore;
  private int lagStride = 1;
  private int lagsSkipped;

  /**
   * Begins to record; the run's time begins now.
   *
   * @param command what runs, for the heading: load or poll
   * @param pipeline the pipeline's name
   * @param requestUnitsPerSecond the limit, if there is one
   * @param clock tells the time
   */
  public RunRecorder(
      String command, String pipeline, OptionalDouble requestUnitsPerSecond, InstantSource clock) {
    this.command = Objects.requireNonNull(command, "command");
    this.pipeline = Objects.requireNonNull(pipeline, "pipeline");
    this.requestUnitsPerSecond = requestUnitsPerSecond;
    this.clock = clock;
    this.started = clock.instant();
  }

  Instant started() {
    return started;
  }

  /** Milliseconds since the run began. */
  long millis() {
    return Math.max(0, Duration.between(started, clock.instant()).toMillis());
  }

  @Override
  public synchronized void onLoadStarted(TableVersion version, LoadState progress) {
    tableUri = version.tableUri();
    toVersion = version.version();
    parts = progress.partCount();
    rowsBefore = progress.rowsRead();
    // Opening the table takes time in which nothing is written.
    toldAt = millis();
  }

  @Override
  public synchronized void onLoadProgress(LoadState progress) {
    rowsRead = progress.rowsRead() - rowsBefore;
  }

  @Override
  public synchronized void onPartLoaded(SnapshotPart part, long rows) {
    fileCount++;
    keep(files, new LoadedFile(millis(), fileName(part.id()), rows, part.sizeInBytes()));
  }

  /** Without its folders, which can hold values of partition columns. */
  private static String fileName(String partId) {
    return partId.substring(partId.lastIndexOf('/') + 1);
  }

  private static <T> void keep(Deque<T> rows, T row) {
    rows.addLast(row);
    if (rows.size() > MAX_ROWS) {
      rows.removeFirst();
    }
  }

  @Override
  public synchronized void onDeadLetter(DeadLetter letter) {
    deadLetterCount++;
    long now = millis();
    String reason = letter.reason();
    boolean full = deadLetters.size() >= MAX_REASONS && !deadLetters.containsKey(reason);
    deadLetters.computeIfAbsent(full ? OTHER : reason, any -> new Timeline()).add(now, now, 1);
  }

  @Override
  public synchronized void onWriteProgress(WriteProgress since) {
    long now = millis();
    written.add(toldAt, now, since.documentsWritten());
    deleted.add(toldAt, now, since.documentsDeleted());
    requestUnits.add(toldAt, now, since.requestUnits());
    throttled.add(toldAt, now, since.throttled());
    toldAt = now;
    documentsWritten += since.documentsWritten();
    documentsDeleted += since.documentsDeleted();
    documentsUnchanged += since.documentsUnchanged();
    bytesWritten += since.bytesWritten();
    throttledCount += since.throttled();
    retried += since.retried();
    requestUnitsSpent += since.requestUnits();
  }

  @Override
  public synchronized void onLoadFinished(LoadReport report) {
    tableUri = report.tableUri();
    toVersion = report.version();
    outcome = report.outcome().name();
    firstDocument = report.firstDocument().orElse(null);
  }

  @Override
  public synchronized void onRangeStarted(long version) {
    rangeBegan = millis();
    // Reading takes time in which nothing is written.
    toldAt = rangeBegan;
  }

  @Override
  public synchronized void onRangePlanned(PollRange range) {
    rowsRead += range.changes();
    toldAt = millis();
  }

  @Override
  public synchronized void onRangeReduced(PollRange range) {
    documentsUnchanged += range.unchanged();
  }

  @Override
  public synchronized void onRangeWritten(PollRange range) {
    rangeCount++;
    keep(ranges, new WrittenRange(millis(), millis() - rangeBegan, range));
  }

  @Override
  public synchronized void onLag(long versions, Optional<Duration> told) {
    lagVersions = versions;
    lag = told.orElse(null);
    if (++lagsSkipped < lagStride) {
      return;
    }
    lagsSkipped = 0;
    lags.addLast(new LagPoint(millis(), versions));
    if (lags.size() > Timeline.MAX_BUCKETS) {
      thinOutLags();
    }
  }

  private void thinOutLags() {
    Deque<LagPoint> every = new ArrayDeque<>(lags);
    lags.clear();
    boolean keep = true;
    for (LagPoint point : every) {
      if (keep) {
        lags.addLast(point);
      }
      keep = !keep;
    }
    lagStride *= 2;
  }

  @Override
  public synchronized void onSchemaChange(SchemaChange change) {
    note = "Commit " + change.commitVersion() + " changed the table's columns.";
  }

  @Override
  public synchronized void onGap(ChangesUnavailableException gap) {
    note = "Changes could not be had: " + gap.reason() + ".";
  }

  @Override
  public synchronized void onPollFinished(PollReport report) {
    polls++;
    tableUri = report.tableUri();
    outcome = report.outcome().name();
    if (fromVersion < 0) {
      fromVersion = report.fromVersion();
    }
    toVersion = report.toVersion();
    requestUnitsSaved += report.requestUnitsSaved();
    lagVersions = report.lagVersions();
    lag = report.lag().orElse(null);
    if (firstDocument == null) {
      firstDocument = report.firstDocument().orElse(null);
    }
    long now = millis();
    if (lags.isEmpty() || lags.getLast().versions() != report.lagVersions()) {
      lags.addLast(new LagPoint(now, report.lagVersions()));
    }
  }

  @Override
  public synchronized void onFailed(Throwable failure) {
    failures++;
    outcome = "FAILED";
    // Messages of the library's own exceptions hold no values of rows; others may.
    note =
        failure.getClass().getSimpleName()
            + (failure instanceof ReverseEtlException ? ": " + failure.getMessage() : "");
  }
}
