package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.Lease;
import io.reverseetl.checkpoint.LoadProgress;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.table.PartRange;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SplittableSnapshot;
import io.reverseetl.table.TableSnapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes a {@link LoadPlan}. Immutable and thread-safe. */
public final class LoadPlanner {
  private static final String OWNER = "load-plan/";
  private static final long UNIT_BYTES = 256L << 20;

  /** More are neither quick to plan nor easy to drive; at the default size it is 25 TB. */
  static final int MAX_UNITS = 100_000;

  private final Pipeline pipeline;
  private final @Nullable Long version;
  private final long unitBytes;
  private final boolean checksKeys;

  LoadPlanner(Pipeline pipeline) {
    this(pipeline, null, UNIT_BYTES, true);
  }

  private LoadPlanner(
      Pipeline pipeline, @Nullable Long version, long unitBytes, boolean checksKeys) {
    this.pipeline = pipeline;
    this.version = version;
    this.unitBytes = unitBytes;
    this.checksKeys = checksKeys;
  }

  /**
   * Loads a certain version.
   *
   * @param commitVersion the version, from 0; default: the newest, or the one that was begun
   * @return a new planner
   * @throws IllegalArgumentException if it is negative
   */
  public LoadPlanner atVersion(long commitVersion) {
    if (commitVersion < 0) {
      throw new IllegalArgumentException(
          "A version is not negative, but was " + commitVersion + ".");
    }
    return new LoadPlanner(pipeline, commitVersion, unitBytes, checksKeys);
  }

  /**
   * How much a unit reads at most. Small files share a unit. A larger file is cut at its row
   * groups, if its source is a {@link SplittableSnapshot} and it has no deletion vector; otherwise
   * it is a unit by itself. Below the size of a row group, a few tens of MiB as a rule, units come
   * to nothing: then only one of several finds a row.
   *
   * <p>A plan has at most 100,000 units; {@link #begin} refuses to make more, and says which size
   * is large enough.
   *
   * @param bytes bytes in storage, at least 1; default: 256 MiB
   * @return a new planner
   * @throws IllegalArgumentException if it is below 1
   */
  public LoadPlanner unitBytes(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("A unit has at least 1 byte, not " + bytes + ".");
    }
    return new LoadPlanner(pipeline, version, bytes, checksKeys);
  }

  /**
   * Does not look for different rows that stand for one document. The search is made by {@link
   * LoadPlan#complete}, in one process that reads the version once more, so it takes what one
   * process needs to read the table.
   *
   * @return a new planner; see {@link InitialLoader#trustKeys}
   */
  public LoadPlanner trustKeys() {
    return new LoadPlanner(pipeline, version, unitBytes, false);
  }

  /**
   * Pins the version in the checkpoint, and makes the plan. Reads the list of files, and no file.
   * When the plan of a load that is under way is asked for again, with the same settings, it is
   * given again: results of its units keep their worth.
   *
   * @return the plan
   * @throws ConfigurationException if the parts do not fit together, the load is complete, an
   *     {@link InitialLoader} has begun it, or there would be more than 100,000 units; nothing is
   *     pinned then
   * @throws CheckpointException if the checkpoint belongs to another table or target
   * @throws io.reverseetl.exceptions.CheckpointConflictException if another runner is at work
   * @throws io.reverseetl.exceptions.TableReadException if the table cannot be read
   */
  public LoadPlan begin() {
    if (pipeline.snapshots().isPresent()) {
      return new LoadPlanner(pipeline.served(), version, unitBytes, checksKeys).begin();
    }
    TargetDescription target = pipeline.sink().describe();
    CheckpointChecks.partitionKey(pipeline, target);
    Optional<Checkpoint> begun =
        pipeline.checkpoints().read(pipeline.checkpointName()).map(StoredCheckpoint::checkpoint);
    begun.ifPresent(checkpoint -> checkBegun(checkpoint, target));
    Long pinned = begun.isPresent() ? Long.valueOf(begun.get().version()) : version;
    try (TableSnapshot snapshot = pipeline.source().openSnapshot(pipeline.snapshotQuery(pinned))) {
      // Binding now finds what does not fit before anything is written.
      pipeline.mapper().bind(snapshot.schema());
      List<SnapshotPart> parts = snapshot.parts();
      String owner =
          begun.flatMap(Checkpoint::lease).map(Lease::owner).orElse(OWNER + UUID.randomUUID());
      PlanIdentity identity = PlanIdentity.of(pipeline, owner, snapshot, parts, target);
      LoadPlan plan = plan(identity, parts.size(), pieces(snapshot, parts));
      if (begun.isPresent()) {
        checkSame(begun.get(), identity);
      } else {
        create(LoadStart.checkpoint(pipeline, snapshot, target, parts), owner);
      }
      return plan;
    }
  }

  private LoadPlan plan(PlanIdentity identity, int partCount, List<List<WorkUnit.Piece>> pieces) {
    PlanIdentity named =
        identity.named(identity.owner().substring(OWNER.length()) + "-" + PlanJson.hash(pieces));
    List<WorkUnit> units = new ArrayList<>();
    for (List<WorkUnit.Piece> unit : pieces) {
      units.add(new WorkUnit(named, units.size(), unit));
    }
    return new LoadPlan(named, partCount, checksKeys, units);
  }

  private void create(Checkpoint first, String owner) {
    Instant now = pipeline.clock().instant();
    // Nobody holds the lease: it ended long ago, and only its owner's name is of use.
    Checkpoint saved =
        pipeline
            .checkpoints()
            .create(first.leased(new Lease(owner, Instant.EPOCH, 1), now))
            .checkpoint();
    pipeline.listener().onCheckpointSaved(saved);
  }

  private List<List<WorkUnit.Piece>> pieces(TableSnapshot snapshot, List<SnapshotPart> parts) {
    List<List<WorkUnit.Piece>> units = new ArrayList<>();
    List<WorkUnit.Piece> open = new ArrayList<>();
    long bytes = 0;
    for (SnapshotPart part : parts) {
      if (units.size() > MAX_UNITS) {
        throw tooMany(parts);
      }
      List<PartRange> ranges =
          snapshot instanceof SplittableSnapshot splittable && part.sizeInBytes() > unitBytes
              ? split(splittable, part, parts)
              : List.of();
      for (PartRange range : ranges) {
        units.add(List.of(new WorkUnit.Piece(part, range)));
      }
      if (!ranges.isEmpty()) {
        continue;
      }
      if (!open.isEmpty() && bytes + part.sizeInBytes() > unitBytes) {
        units.add(List.copyOf(open));
        open.clear();
        bytes = 0;
      }
      open.add(new WorkUnit.Piece(part, null));
      bytes += part.sizeInBytes();
    }
    if (!open.isEmpty()) {
      units.add(List.copyOf(open));
    }
    if (units.size() > MAX_UNITS) {
      throw tooMany(parts);
    }
    return units;
  }

  private List<PartRange> split(
      SplittableSnapshot snapshot, SnapshotPart part, List<SnapshotPart> parts) {
    // Asked before, as the ranges alone could be more than memory holds.
    if (part.sizeInBytes() / unitBytes > MAX_UNITS) {
      throw tooMany(parts);
    }
    return snapshot.split(part, unitBytes);
  }

  private ConfigurationException tooMany(List<SnapshotPart> parts) {
    long total = 0;
    for (SnapshotPart part : parts) {
      total += part.sizeInBytes();
    }
    // Any two units side by side are more than one size together.
    long enough = (((total / MAX_UNITS * 2) >> 20) + 1) << 20;
    return new ConfigurationException(
        "Units of "
            + unitBytes
            + " bytes would be more than "
            + MAX_UNITS
            + " for the "
            + total
            + " bytes that pipeline \""
            + pipeline.name()
            + "\" is to load. Set unitBytes("
            + enough
            + ") or more.");
  }

  private void checkBegun(Checkpoint checkpoint, TargetDescription target) {
    CheckpointChecks.target(pipeline, checkpoint, target);
    if (checkpoint.load().isEmpty()) {
      throw new ConfigurationException(
          "The load of pipeline \""
              + pipeline.name()
              + "\" is complete at version "
              + checkpoint.version()
              + ", so there is nothing to plan. Poll, or remove the checkpoint to load again.");
    }
    HeldCheckpoint.checkFree(pipeline, checkpoint, "");
    if (checkpoint.lease().filter(lease -> lease.owner().startsWith(OWNER)).isEmpty()) {
      throw new ConfigurationException(
          "A load of pipeline \""
              + pipeline.name()
              + "\" is under way, and not by a plan; or a plan is being completed. Run"
              + " InitialLoader, which goes on from there, or remove the checkpoint.");
    }
    if (version != null && version != checkpoint.version()) {
      throw new ConfigurationException(
          "Version "
              + version
              + " was asked for, but pipeline \""
              + pipeline.name()
              + "\" is loading version "
              + checkpoint.version()
              + ". Leave the version out, or remove the checkpoint and plan again.");
    }
  }

  private void checkSame(Checkpoint checkpoint, PlanIdentity identity) {
    LoadProgress progress = checkpoint.load().orElseThrow();
    if (!checkpoint.tableId().equals(identity.tableId())
        || !checkpoint.tableUri().equals(identity.tableUri())
        || !progress.partsHash().equals(identity.partsHash())) {
      throw new CheckpointException(
          "The plan for pipeline \""
              + pipeline.name()
              + "\" began with another table or row filter than it has now. Use those that it began"
              + " with, or remove the checkpoint and plan again.");
    }
  }
}
