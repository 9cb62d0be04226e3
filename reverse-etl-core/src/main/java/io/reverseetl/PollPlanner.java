package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.Lease;
import io.reverseetl.checkpoint.PollProgress;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.table.ChangeMethod;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.CommitSize;
import io.reverseetl.table.DivisibleTableSource;
import io.reverseetl.table.SchemaChange;
import io.reverseetl.table.SchemaMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes a {@link PollPlan}. Immutable and thread-safe. */
public final class PollPlanner {
  private static final String OWNER = "poll-plan/";

  /** What a planner is told. Only a copy that nobody has yet is changed. */
  private static final class Settings {
    private @Nullable Long until;
    private long maxRangeCommits = 1_000;
    private long unitBytes = 256L << 20;
    private int shares = 64;
    private ChangeMethod changes = ChangeMethod.FEED;
    private SchemaPolicy schemaPolicy = SchemaPolicy.PAUSE;

    Settings copy() {
      Settings copy = new Settings();
      copy.until = until;
      copy.maxRangeCommits = maxRangeCommits;
      copy.unitBytes = unitBytes;
      copy.shares = shares;
      copy.changes = changes;
      copy.schemaPolicy = schemaPolicy;
      return copy;
    }
  }

  private final Pipeline pipeline;
  private final Settings settings;

  PollPlanner(Pipeline pipeline) {
    this(pipeline, new Settings());
  }

  private PollPlanner(Pipeline pipeline, Settings settings) {
    this.pipeline = pipeline;
    this.settings = settings;
  }

  /**
   * Takes in commits up to a version.
   *
   * @param version the last commit, from 0; if the table does not have it yet, the newest. Default:
   *     the newest
   * @return a new planner
   * @throws IllegalArgumentException if it is negative
   */
  public PollPlanner until(long version) {
    if (version < 0) {
      throw new IllegalArgumentException("A version is not negative, but was " + version + ".");
    }
    return with(to -> to.until = version);
  }

  /**
   * How many commits the range has at most. Later ones belong to the next plan.
   *
   * @param commits at least 1; default: 1,000
   * @return a new planner
   * @throws IllegalArgumentException if it is below 1
   */
  public PollPlanner maxRangeCommits(long commits) {
    return with(to -> to.maxRangeCommits = atLeastOne(commits, "commits"));
  }

  /**
   * How much a unit reads at most. Small commits that follow each other share a unit. A larger one
   * is divided by its files, where the source can; a single file is not.
   *
   * @param bytes bytes in storage, at least 1; default: 256 MiB
   * @return a new planner
   * @throws IllegalArgumentException if it is below 1
   */
  public PollPlanner unitBytes(long bytes) {
    return with(to -> to.unitBytes = atLeastOne(bytes, "bytes"));
  }

  /**
   * Into how many shares documents are divided to be written, each by a task of its own.
   *
   * @param count at least 1; default: 64
   * @return a new planner
   * @throws IllegalArgumentException if it is below 1
   */
  public PollPlanner shares(int count) {
    return with(to -> to.shares = (int) atLeastOne(count, "shares"));
  }

  /**
   * Where row changes come from.
   *
   * @param method default: {@link ChangeMethod#FEED}; with {@link ChangeMethod#DIFF}, a commit that
   *     both adds and removes rows is not divided
   * @return a new planner
   */
  public PollPlanner changes(ChangeMethod method) {
    return with(to -> to.changes = Objects.requireNonNull(method, "method"));
  }

  /**
   * What to do at a commit that changes columns that the mapper reads.
   *
   * @param policy default: {@link SchemaPolicy#PAUSE}: the range ends before it, see {@link
   *     PollPlan#pausedAt}
   * @return a new planner
   */
  public PollPlanner onSchemaChange(SchemaPolicy policy) {
    return with(to -> to.schemaPolicy = Objects.requireNonNull(policy, "policy"));
  }

  private PollPlanner with(Consumer<Settings> change) {
    Settings changed = settings.copy();
    change.accept(changed);
    return new PollPlanner(pipeline, changed);
  }

  private static long atLeastOne(long number, String what) {
    if (number < 1) {
      throw new IllegalArgumentException(
          "The number of " + what + " is at least 1, but was " + number + ".");
    }
    return number;
  }

  /**
   * Enters the range in the checkpoint, and makes the plan. Reads the log, and no data file. A
   * range that is being written already is planned as it is, whatever commits there are: when its
   * plan is asked for again, with the same settings, it is given again, and results of its units
   * and tasks keep their worth; of one that a poller began, a plan is made. If there is no commit
   * to take in, nothing is saved.
   *
   * @return the plan
   * @throws ConfigurationException if the initial load is missing or not complete, the parts do not
   *     fit together, the source is no {@link DivisibleTableSource}, or the mapper does not fit the
   *     first commit
   * @throws io.reverseetl.exceptions.ChangesUnavailableException if changes cannot be had, or the
   *     first commit changes columns and {@link SchemaPolicy#FAIL} is set. A gap is closed by a
   *     {@link CdcPoller} with a {@link GapPolicy}, not by a plan
   * @throws io.reverseetl.exceptions.CheckpointException if the checkpoint cannot be read or saved,
   *     or belongs to another target
   * @throws io.reverseetl.exceptions.CheckpointConflictException if another runner is at work
   * @throws TableReadException if the table cannot be read
   */
  public PollPlan begin() {
    if (pipeline.snapshots().isPresent()) {
      return new PollPlanner(pipeline.served(), settings).begin();
    }
    StoredCheckpoint stored = CheckpointChecks.loaded(pipeline);
    Checkpoint before = stored.checkpoint();
    TargetDescription target = pipeline.sink().describe();
    CheckpointChecks.partitionKey(pipeline, target);
    CheckpointChecks.target(pipeline, before, target);
    HeldCheckpoint.checkFree(pipeline, before, "");
    long newest = pipeline.source().newestVersion(before.version());
    Optional<PollProgress> pending = before.poll();
    PlannedRange range = range(before, newest, pending);
    if (range.end() <= before.version()) {
      range.throwIfBlocked(settings.schemaPolicy);
      return plan(stored, range, newest, false);
    }
    return plan(stored, range, newest, true);
  }

  private PlannedRange range(Checkpoint before, long newest, Optional<PollProgress> pending) {
    long from = before.version() + 1;
    long last = from + Math.min(newest - from, settings.maxRangeCommits - 1);
    Long until = settings.until;
    if (until != null) {
      last = Math.min(last, until);
    }
    // What was begun is finished, or the target would hold no version at all.
    last = pending.map(PollProgress::toVersion).orElse(last);
    PlannedRange range = new PlannedRange(pipeline, before);
    if (last >= from) {
      range.take(
          commits(before, from, last),
          pending.isPresent() ? SchemaPolicy.CONTINUE : settings.schemaPolicy);
    }
    if (pending.isPresent() && range.end() < last) {
      range.throwIfBlocked(settings.schemaPolicy);
      throw CheckpointChecks.cutShort(pipeline, before, last, range.end());
    }
    return range;
  }

  private List<CommitSize> commits(Checkpoint before, long from, long last) {
    if (!(pipeline.source() instanceof DivisibleTableSource source)) {
      throw new ConfigurationException(
          "The source of pipeline \""
              + pipeline.name()
              + "\" cannot tell its commits without reading them, so a range of them cannot be"
              + " planned. Take a DivisibleTableSource, or poll with CdcPoller.");
    }
    return source.commits(
        ChangeQuery.from(from)
            .to(last)
            .schemaMode(SchemaMode.PER_COMMIT)
            .method(settings.changes)
            .tableId(before.tableId()));
  }

  private PollPlan plan(StoredCheckpoint stored, PlannedRange range, long newest, boolean saves) {
    Checkpoint before = stored.checkpoint();
    Optional<String> begun =
        before
            .lease()
            .map(Lease::owner)
            .filter(owner -> owner.startsWith(OWNER))
            .filter(owner -> before.poll().filter(Stragglers::mayBeIn).isPresent());
    String owner = begun.orElse(OWNER + UUID.randomUUID());
    List<ChangeUnit.Piece> pieces = range.pieces(settings.unitBytes);
    PollIdentity identity =
        PollIdentity.of(pipeline, owner, before, range.end(), settings.changes, range.schemaHash());
    identity =
        identity.named(
            owner.substring(OWNER.length())
                + "-"
                + PollPlanJson.hash(identity, pieces, settings.shares));
    if (saves && begun.isEmpty()) {
      save(stored, owner, range.end());
    }
    List<ChangeUnit> units = new ArrayList<>();
    for (ChangeUnit.Piece piece : pieces) {
      units.add(new ChangeUnit(identity, units.size(), piece));
    }
    SchemaChange blockedBy = range.blockedBy();
    return new PollPlan(
        identity,
        settings.shares,
        units,
        newest,
        blockedBy == null ? null : blockedBy.commitVersion());
  }

  private void save(StoredCheckpoint stored, String owner, long end) {
    Checkpoint before = stored.checkpoint();
    Instant now = pipeline.clock().instant();
    long fence = before.lease().map(Lease::fence).orElse(0L) + 1;
    // Nobody holds the lease: it ended long ago, and only its owner's name is of use.
    Checkpoint saved =
        pipeline
            .checkpoints()
            .replace(
                before
                    .polling(new PollProgress(end, PollPlan.STEPS, 0))
                    .leased(new Lease(owner, Instant.EPOCH, fence), now),
                stored)
            .checkpoint();
    pipeline.listener().onCheckpointSaved(saved);
  }
}
