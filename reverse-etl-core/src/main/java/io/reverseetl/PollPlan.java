package io.reverseetl;

import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.reduce.KeyBuckets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A poll of one range of commits in pieces that any engine can run, with a shuffle by the identity
 * of documents between reading and writing. One process {@linkplain #of plans}, many {@linkplain
 * ChangeRunner#read read units}, the engine brings all changes of each document together, many
 * {@linkplain ChangeRunner#write write them}, and one {@linkplain #complete completes}. It leaves
 * what {@link CdcPoller} leaves.
 *
 * <pre>{@code
 * PollPlan plan = PollPlan.of(pipeline).begin();                              // one process
 * ChangeUnitResult read = runner.read(ChangeUnit.ofJson(unit), out);          // many processes
 * ChangeWriteResult written = runner.write(ChangeTask.ofJson(task), changes); // many processes
 * PollReport report = plan.complete(pipeline, reads, writes);                 // one process
 * }</pre>
 *
 * <p>Units and the tasks of one step may run in any order, at the same time, and again. The range
 * is entered in the checkpoint when the plan is made; until the plan is complete, the checkpoint
 * says that the range is being written. Whoever polls then, takes the range over, finishes exactly
 * it and goes on; from then on no task writes any more.
 *
 * <p>Immutable and thread-safe. Two plans are equal if they are of the same range with the same
 * units and shares, begun by the same driver.
 */
public final class PollPlan {
  /** In how many steps the checkpoint says that a range of a plan is written. */
  static final int STEPS = 2;

  private final PollIdentity identity;
  private final int shares;
  private final List<ChangeUnit> units;
  private final long newestVersion;
  private final @Nullable Long pausedAt;

  PollPlan(
      PollIdentity identity,
      int shares,
      List<ChangeUnit> units,
      long newestVersion,
      @Nullable Long pausedAt) {
    this.identity = identity;
    this.shares = shares;
    this.units = List.copyOf(units);
    this.newestVersion = newestVersion;
    this.pausedAt = pausedAt;
  }

  /**
   * Starts to plan.
   *
   * @param pipeline the parts
   * @return collects what a plan may be told
   */
  public static PollPlanner of(Pipeline pipeline) {
    return new PollPlanner(Objects.requireNonNull(pipeline, "pipeline"));
  }

  /**
   * Names the plan.
   *
   * @return its id, which units, tasks and results carry
   */
  public String id() {
    return identity.id();
  }

  /**
   * The first commit of the range.
   *
   * @return the version after the checkpoint's
   */
  public long fromVersion() {
    return identity.fromVersion();
  }

  /**
   * The last commit of the range: the version that the target holds when the plan is complete.
   *
   * @return a commit version; one less than {@link #fromVersion} if there is nothing to do
   */
  public long toVersion() {
    return identity.toVersion();
  }

  /**
   * Whether there is no commit to take in. Then nothing was saved, and nothing need be completed. A
   * range of commits that change no row has no unit either, but is not up to date until it is
   * complete.
   *
   * @return true if the range is empty
   */
  public boolean isUpToDate() {
    return identity.isEmpty();
  }

  /**
   * Which commit the range ends before because it changes columns that the mapper reads, see {@link
   * SchemaPolicy#PAUSE}. A plan that is begun again does not tell it any more; the next plan does.
   *
   * @return the commit's version; empty if the range does not end for such a commit
   */
  public OptionalLong pausedAt() {
    return pausedAt == null ? OptionalLong.empty() : OptionalLong.of(pausedAt);
  }

  long newestVersion() {
    return newestVersion;
  }

  PollIdentity identity() {
    return identity;
  }

  /**
   * What there is to read.
   *
   * @return all units in order; empty if no commit of the range changes a row
   */
  public List<ChangeUnit> units() {
    return units;
  }

  /**
   * Into how many shares documents are divided to be written.
   *
   * @return at least 1
   */
  public int shares() {
    return shares;
  }

  /**
   * The tasks of the first step, {@link ChangeStep#UPSERTS}. Later steps are given by {@link
   * #unfinishedTasks}.
   *
   * @return one for each share, in order; empty if there is no unit
   */
  public List<ChangeTask> tasks() {
    List<ChangeTask> tasks = new ArrayList<>();
    for (int share = 0; share < shares && !units.isEmpty(); share++) {
      tasks.add(task(ChangeStep.UPSERTS, share, KeyBuckets.none()));
    }
    return tasks;
  }

  private ChangeTask task(ChangeStep step, int share, KeyBuckets refused) {
    return new ChangeTask(identity, step, share, refused);
  }

  /**
   * What there is still to read.
   *
   * @param reads what came back so far; a unit may be among them more than once
   * @return the units without a result, in order
   * @throws ConfigurationException if a result belongs to another plan
   */
  public List<ChangeUnit> unfinishedUnits(Collection<ChangeUnitResult> reads) {
    SortedMap<Integer, ChangeUnitResult> done = byUnit(reads);
    return units.stream().filter(unit -> !done.containsKey(unit.index())).toList();
  }

  /**
   * What there is to write next: the tasks without a result of the first step that is not done. A
   * share has no task in a step in which it has nothing to do.
   *
   * @param reads one result for each unit; more of one unit are no harm
   * @param writes what came back so far; a task may be among them more than once
   * @return tasks of one step, in order; empty if the plan can be completed
   * @throws ConfigurationException if units are missing, a result belongs to another plan, or fewer
   *     changes were handed to {@link ChangeRunner#write} than were read
   */
  public List<ChangeTask> unfinishedTasks(
      Collection<ChangeUnitResult> reads, Collection<ChangeWriteResult> writes) {
    SortedMap<Integer, ChangeUnitResult> read = allRead(reads);
    long changes = sum(read.values(), ChangeUnitResult::changes);
    WrittenShares written = new WrittenShares(this, writes);
    return changes == 0 ? List.of() : written.unfinished(changes, this::task);
  }

  private SortedMap<Integer, ChangeUnitResult> allRead(Collection<ChangeUnitResult> reads) {
    SortedMap<Integer, ChangeUnitResult> read = byUnit(reads);
    if (read.size() < units.size()) {
      throw incomplete(units.size() - read.size(), "units", "unfinishedUnits()");
    }
    return read;
  }

  private ConfigurationException incomplete(int missing, String what, String ask) {
    return new ConfigurationException(
        missing
            + " "
            + what
            + " of the plan "
            + id()
            + " have no result, so commits "
            + fromVersion()
            + ".."
            + toVersion()
            + " of pipeline \""
            + identity.checkpoint()
            + "\" are not written yet. Run what "
            + ask
            + " gives first.");
  }

  /**
   * Ends the range when every unit is read and every task is done: the checkpoint moves over it, as
   * after a poll of {@link CdcPoller}. May be called again after a failure.
   *
   * <p>An engine may have lost sight of a run that is still writing. So the checkpoint is taken
   * first, which ends such runs, and a third of the lease is waited, until the last of them has
   * noticed; only then the checkpoint moves. No wait is needed, and there is none, when the write
   * mode compares versions in the target.
   *
   * @param pipeline the parts that the plan was made with
   * @param reads one result for each unit; more of one unit are no harm
   * @param writes one result for each task; more of one task are no harm
   * @return what was done by all units and tasks; its elapsed time is that of this call. Outcome
   *     {@link PollReport.Outcome#SCHEMA_CHANGED} if the range ends as {@link #pausedAt} says, else
   *     {@link PollReport.Outcome#UP_TO_DATE}, also if the range was completed before, by whomever
   * @throws ConfigurationException if units or tasks are missing, or the plan is another
   *     pipeline's, table's or target's; nothing changed
   * @throws MappingException if all together set more aside than the pipeline allows; nothing
   *     changed
   * @throws io.reverseetl.exceptions.CheckpointConflictException if another runner is at work
   * @throws io.reverseetl.exceptions.CheckpointException if the checkpoint is not that of the plan,
   *     or cannot be read or saved
   * @throws InterruptedException if interrupted while waiting; call it again
   */
  public PollReport complete(
      Pipeline pipeline, Collection<ChangeUnitResult> reads, Collection<ChangeWriteResult> writes)
      throws InterruptedException {
    return complete(pipeline, reads, writes, !pipeline.writeMode().isGuarded());
  }

  /**
   * As {@link #complete}, without the wait: for an engine that has seen each run of each task end,
   * the failed and the repeated ones too.
   *
   * @param pipeline the parts that the plan was made with
   * @param reads one result for each unit; more of one unit are no harm
   * @param writes one result for each task; more of one task are no harm
   * @return what was done by all units and tasks
   * @throws InterruptedException if interrupted; call it again
   * @see #complete the other exceptions
   */
  public PollReport completeNow(
      Pipeline pipeline, Collection<ChangeUnitResult> reads, Collection<ChangeWriteResult> writes)
      throws InterruptedException {
    return complete(pipeline, reads, writes, false);
  }

  private PollReport complete(
      Pipeline pipeline,
      Collection<ChangeUnitResult> reads,
      Collection<ChangeWriteResult> writes,
      boolean waits)
      throws InterruptedException {
    List<ChangeTask> missing = unfinishedTasks(reads, writes);
    if (!missing.isEmpty()) {
      throw incomplete(
          missing.size(), "tasks of step " + missing.get(0).step(), "unfinishedTasks()");
    }
    Pipeline served = pipeline.snapshots().isPresent() ? pipeline.served() : pipeline;
    identity.checkPipeline(served);
    PollTotals totals =
        new PollTotals(byUnit(reads).values(), new WrittenShares(this, writes).all());
    totals.checkDeadLetters(served);
    return new PollCompletion(served, this, totals).run(waits);
  }

  static <T> long sum(Collection<T> results, ToLongFunction<T> number) {
    return results.stream().mapToLong(number).sum();
  }

  private SortedMap<Integer, ChangeUnitResult> byUnit(Collection<ChangeUnitResult> results) {
    SortedMap<Integer, ChangeUnitResult> done = new TreeMap<>();
    for (ChangeUnitResult result : results) {
      checkOwn(result.planId(), result.index() < units.size(), "unit " + result.index());
      done.putIfAbsent(result.index(), result);
    }
    return done;
  }

  /** Refuses what belongs to another plan. */
  void checkOwn(String planId, boolean exists, String what) {
    if (!planId.equals(id()) || !exists) {
      throw new ConfigurationException(
          "A result belongs to "
              + what
              + " of the plan "
              + planId
              + ", but this plan is "
              + id()
              + " with "
              + units.size()
              + " units and "
              + shares
              + " shares. Hand over the results of this plan only.");
    }
  }

  /**
   * The form in which it goes to other processes, of format version 1; as large as all its units.
   *
   * @return one JSON object
   */
  public String toJson() {
    return PollPlanJson.write(this);
  }

  /**
   * Reads the JSON form.
   *
   * @param json what {@link #toJson} gave; properties that are not known are passed over
   * @return the plan
   * @throws ConfigurationException if this is no plan, or one of another format version
   */
  public static PollPlan ofJson(String json) {
    return PollPlanJson.plan(json);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PollPlan that
        && identity.equals(that.identity)
        && shares == that.shares
        && units.equals(that.units);
  }

  @Override
  public int hashCode() {
    return Objects.hash(identity, units);
  }

  @Override
  public String toString() {
    return "PollPlan(" + id() + ", " + units.size() + " units)";
  }
}
