package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.LoadProgress;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.TableSnapshot;
import io.reverseetl.table.TableVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads one version of a table into the target, and leaves the checkpoint there, so that change
 * polling goes on at the next version without a hole.
 *
 * <p>The version is pinned when the first run begins and is kept by the checkpoint: a run that is
 * stopped, killed or out of time is followed by another {@link #load()} that goes on from the files
 * that are durable. Documents may be written twice by that, with the same content.
 *
 * <p>Thread-safe, but one load of a pipeline runs at a time: a second one finds the lease taken and
 * stops.
 */
public final class InitialLoader {
  private static final Logger log = LoggerFactory.getLogger(InitialLoader.class);

  private final Pipeline pipeline;
  private final LoadOptions options;
  private final AtomicBoolean stopRequested;

  /** {@link #stopRequested}, or whatever else ends a load. */
  private final BooleanSupplier mustStop;

  private InitialLoader(Pipeline pipeline, LoadOptions options, AtomicBoolean stopRequested) {
    this(pipeline, options, stopRequested, stopRequested::get);
  }

  private InitialLoader(
      Pipeline pipeline,
      LoadOptions options,
      AtomicBoolean stopRequested,
      BooleanSupplier mustStop) {
    this.pipeline = pipeline;
    this.options = options;
    this.stopRequested = stopRequested;
    this.mustStop = mustStop;
  }

  /**
   * A loader of the table's newest version.
   *
   * @param pipeline the parts
   * @return the loader
   */
  public static InitialLoader of(Pipeline pipeline) {
    return new InitialLoader(pipeline, LoadOptions.DEFAULT, new AtomicBoolean());
  }

  /**
   * A loader of a certain version. A service may ask for the same version at each start: once the
   * load is complete, a call finds that out and does nothing, also after polling has taken the
   * target to later versions.
   *
   * <p>Refused with a {@link ConfigurationException} are a version other than the one that a load
   * under way has pinned, and one that a target, once loaded, has not reached yet: that one is for
   * {@link CdcPoller}.
   *
   * @param commitVersion the version, from 0; default: the newest when the first run begins
   * @return a new loader
   * @throws IllegalArgumentException if it is negative
   */
  public InitialLoader atVersion(long commitVersion) {
    if (commitVersion < 0) {
      throw new IllegalArgumentException(
          "A version is not negative, but was " + commitVersion + ".");
    }
    return with(
        new LoadOptions(
            commitVersion, options.checksKeys(), options.removesOrphans(), options.spillFolder()));
  }

  /**
   * A loader that does not look for different rows that stand for one document. Without it, it
   * looks at the end of the load, and does as {@link Pipeline.Builder#duplicateKeys} says. That
   * takes 8 bytes of memory or disk for each document; after a load that went on from an earlier
   * run, it takes another reading of what that one had read.
   *
   * @return a new loader; if the table has such rows all the same, one of them is written, and
   *     which one is not said
   */
  public InitialLoader trustKeys() {
    return with(
        new LoadOptions(options.version(), false, options.removesOrphans(), options.spillFolder()));
  }

  /**
   * A loader that, once everything is written, deletes the documents of the target that the version
   * does not make: those that carry {@code _sourceVersion}, or all if the pipeline {@linkplain
   * Pipeline.Builder#ownsTarget owns the target}; as {@link Pipeline.Builder#deletes} says. For a
   * load into a container that was loaded before. Reads table and target through once more, and
   * needs a sink that is a {@link io.reverseetl.document.ScannableDocumentSink}.
   *
   * <p>A load that an earlier run had completed removes nothing.
   *
   * @return a new loader
   */
  public InitialLoader removeOrphans() {
    return with(
        new LoadOptions(options.version(), options.checksKeys(), true, options.spillFolder()));
  }

  /**
   * A loader with another place for temporary files. They go when the load ends; those of a process
   * that was killed stay.
   *
   * @param folder made if it is not there; default: the folder of the JVM for temporary files
   * @return a new loader
   */
  public InitialLoader spillFolder(Path folder) {
    return with(
        new LoadOptions(
            options.version(),
            options.checksKeys(),
            options.removesOrphans(),
            Objects.requireNonNull(folder, "folder")));
  }

  private InitialLoader with(LoadOptions changed) {
    return new InitialLoader(pipeline, changed, stopRequested);
  }

  /**
   * Loads to the end, on the calling thread and reading threads that end with the call.
   *
   * <p>An interrupt of the calling thread stops the load as {@link #requestStop} does; the thread
   * is still interrupted when the call returns.
   *
   * @return what was done; {@link LoadReport.Outcome#ALREADY_LOADED} if an earlier run had
   *     completed the load, with the version that the checkpoint stands at now
   * @throws ConfigurationException if the parts do not fit together, or {@link #atVersion} and the
   *     checkpoint do not; nothing was written
   * @throws io.reverseetl.exceptions.CheckpointConflictException if another runner is at work
   * @throws CheckpointException if the checkpoint belongs to another table or target
   * @throws io.reverseetl.exceptions.TableReadException if the table cannot be read
   * @throws io.reverseetl.exceptions.MappingException if a row cannot become a document and cannot
   *     be set aside
   * @throws io.reverseetl.exceptions.WriteException if the target does not take a document and it
   *     cannot be set aside, or does not answer
   */
  public LoadReport load() {
    return SafeListener.telling(pipeline.listener(), () -> run(null));
  }

  /**
   * Loads until the end or a deadline, whichever comes first. At the deadline the reading threads
   * stop where they are, what was sent is awaited, and progress is saved; so the call returns a
   * little after the deadline. What is done at the end, the search for duplicates and {@link
   * #removeOrphans}, is not saved in the middle: a run has to get through it before its deadline.
   *
   * @param deadline how long to load, from now; positive
   * @return what was done; {@link LoadReport.Outcome#DEADLINE_REACHED} if there is more to do
   * @throws IllegalArgumentException if the deadline is not positive
   * @see #load() the exceptions
   */
  public LoadReport load(Duration deadline) {
    if (deadline.isZero() || deadline.isNegative()) {
      throw new IllegalArgumentException("A deadline is positive, but was " + deadline + ".");
    }
    Instant end = pipeline.clock().instant().plus(deadline);
    return SafeListener.telling(pipeline.listener(), () -> run(end));
  }

  /**
   * Asks a running {@link #load()} to stop: what was sent is awaited, progress is saved, and the
   * call returns with {@link LoadReport.Outcome#STOPPED}. Returns at once, from any thread, for
   * example a shutdown hook's. A load that starts later stops as well.
   */
  public void requestStop() {
    stopRequested.set(true);
  }

  /**
   * Finds out what a load would read and write, from the table's statistics and a sample of rows.
   * Writes nothing, and needs no target.
   *
   * @param sampleRows how many rows to map, at least 1; they are the first rows of files spread
   *     over the table, eight or one for each 1,000 rows. As many as the table has, and the spread
   *     over partition keys is nearly exact, for the price of reading the table
   * @return the estimate
   */
  public LoadEstimate estimate(int sampleRows) {
    try (TableSnapshot snapshot =
        pipeline.source().openSnapshot(pipeline.snapshotQuery(options.version()))) {
      return new RowSampler(pipeline, snapshot).estimate(sampleRows);
    }
  }

  /**
   * Maps the first rows. Writes nothing, and needs no target.
   *
   * @param rows how many rows to map, at least 1
   * @return the documents as they would be written
   */
  public Preview preview(int rows) {
    try (TableSnapshot snapshot =
        pipeline.source().openSnapshot(pipeline.snapshotQuery(options.version()))) {
      return new RowSampler(pipeline, snapshot).preview(rows);
    }
  }

  /** As {@link #load()}, until it is asked to stop. */
  LoadReport load(BooleanSupplier stop) {
    BooleanSupplier either = () -> stop.getAsBoolean() || stopRequested.get();
    return new InitialLoader(pipeline, options, stopRequested, either).run(null);
  }

  private LoadReport run(@Nullable Instant deadline) {
    if (pipeline.snapshots().isPresent()) {
      return new InitialLoader(pipeline.served(), options, stopRequested, mustStop).run(deadline);
    }
    Instant started = pipeline.clock().instant();
    if (options.removesOrphans()) {
      OrphanRemoval.scannable(pipeline);
    }
    // Connecting and opening the table take long, and neither needs the other.
    try (TargetInquiry inquiry = TargetInquiry.begin(pipeline)) {
      Optional<StoredCheckpoint> stored = pipeline.checkpoints().read(pipeline.checkpointName());
      if (stored.isPresent()) {
        Checkpoint checkpoint = stored.get().checkpoint();
        CheckpointChecks.target(pipeline, checkpoint, fitting(inquiry));
        checkVersion(checkpoint);
        if (checkpoint.load().isEmpty()) {
          checkTable(checkpoint, pipeline.source().latestVersion());
          return alreadyLoaded(checkpoint, started);
        }
      }
      Long pinned =
          stored.isPresent()
              ? Long.valueOf(stored.get().checkpoint().version())
              : options.version();
      try (TableSnapshot snapshot =
          pipeline.source().openSnapshot(pipeline.snapshotQuery(pinned))) {
        // Binding now finds what does not fit before anything is written.
        pipeline.mapper().bind(snapshot.schema());
        return run(inquiry, stored, snapshot, started, deadline);
      }
    }
  }

  private LoadReport run(
      TargetInquiry inquiry,
      Optional<StoredCheckpoint> stored,
      TableSnapshot snapshot,
      Instant started,
      @Nullable Instant deadline) {
    List<SnapshotPart> parts = snapshot.parts();
    if (stored.isPresent()) {
      checkTable(stored.get().checkpoint(), snapshot.version());
      checkParts(stored.get().checkpoint(), parts);
    }
    try (ReadAhead readAhead =
            stored.isPresent() ? ReadAhead.nothing() : readAhead(snapshot, parts);
        // Closed after the run's write session, so that nobody else begins while it writes.
        HeldCheckpoint held = hold(stored, snapshot, fitting(inquiry), parts)) {
      LoadRun run =
          new LoadRun(
              pipeline,
              inquiry.answer().partitionKeyPaths(),
              snapshot,
              parts,
              readAhead,
              held,
              stored.isPresent(),
              options,
              mustStop,
              started,
              deadline);
      return run.run();
    }
  }

  /** Not with a filter: its first row may be the last of the part. */
  private ReadAhead readAhead(TableSnapshot snapshot, List<SnapshotPart> parts) {
    return parts.isEmpty() || pipeline.filter().isPresent()
        ? ReadAhead.nothing()
        : ReadAhead.of(snapshot, parts.get(0));
  }

  private TargetDescription fitting(TargetInquiry inquiry) {
    TargetDescription target = inquiry.answer();
    CheckpointChecks.partitionKey(pipeline, target);
    return target;
  }

  private HeldCheckpoint hold(
      Optional<StoredCheckpoint> stored,
      TableSnapshot snapshot,
      TargetDescription target,
      List<SnapshotPart> parts) {
    String owner = RunnerIdentity.create();
    return stored.isPresent()
        ? HeldCheckpoint.take(pipeline, stored.get(), owner, pipeline.lease())
        : HeldCheckpoint.create(
            pipeline,
            LoadStart.checkpoint(pipeline, snapshot, target, parts),
            owner,
            pipeline.lease());
  }

  private void checkTable(Checkpoint checkpoint, TableVersion table) {
    if (!checkpoint.tableId().equals(table.tableId())
        || !checkpoint.tableUri().equals(table.tableUri())) {
      throw new CheckpointException(
          "The checkpoint of pipeline \""
              + pipeline.name()
              + "\" belongs to table "
              + checkpoint.tableId()
              + " at "
              + checkpoint.tableUri()
              + ", but the source reads table "
              + table.tableId()
              + " at "
              + table.tableUri()
              + ". Give this pipeline another name, or remove the checkpoint and load again.");
    }
  }

  private void checkVersion(Checkpoint checkpoint) {
    Long version = options.version();
    if (version == null || version == checkpoint.version()) {
      return;
    }
    boolean loading = checkpoint.load().isPresent();
    if (loading || version > checkpoint.version()) {
      throw new ConfigurationException(
          "Version "
              + version
              + " was asked for, but pipeline \""
              + pipeline.name()
              + (loading ? "\" is loading version " : "\" is loaded and stands at version ")
              + checkpoint.version()
              + (loading
                  ? ". Leave the version out, or remove the checkpoint and load again."
                  : ". Take later versions in with CdcPoller, or remove the checkpoint and load"
                      + " again."));
    }
  }

  private void checkParts(Checkpoint checkpoint, List<SnapshotPart> parts) {
    LoadProgress progress = checkpoint.load().orElseThrow();
    if (progress.partCount() != parts.size()
        || !progress.partsHash().equals(Fingerprint.of(parts, pipeline.filter()))) {
      throw new CheckpointException(
          "The load of pipeline \""
              + pipeline.name()
              + "\" began with another row filter than the one it has now, so its progress cannot"
              + " be used. Use the filter that it began with, or remove the checkpoint and load"
              + " again.");
    }
  }

  private LoadReport alreadyLoaded(Checkpoint checkpoint, Instant started) {
    if (options.version() != null && options.version() != checkpoint.version()) {
      log.info(
          "Pipeline \"{}\" was asked to load version {}: its load is complete, and the target has"
              + " reached version {}. Nothing is written.",
          pipeline.name(),
          options.version(),
          checkpoint.version());
    }
    LoadReport report =
        new LoadReport(
            pipeline.name(),
            checkpoint.tableUri(),
            checkpoint.version(),
            LoadReport.Outcome.ALREADY_LOADED,
            true,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            Duration.between(started, pipeline.clock().instant()),
            Optional.empty());
    pipeline.listener().onLoadFinished(report);
    return report;
  }

  static OptionalLong rowCount(List<SnapshotPart> parts) {
    long rows = 0;
    for (SnapshotPart part : parts) {
      if (part.rowCount().isEmpty()) {
        return OptionalLong.empty();
      }
      rows += part.rowCount().getAsLong();
    }
    return OptionalLong.of(rows);
  }
}
