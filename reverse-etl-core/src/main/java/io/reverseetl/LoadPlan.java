package io.reverseetl;

import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An initial load in pieces that any engine can run: one process {@linkplain #of plans}, many run
 * {@linkplain #units units}, and one {@linkplain #complete completes}. Between these steps nothing
 * need stay alive, as plan, units and results have a JSON form.
 *
 * <pre>{@code
 * LoadPlan plan = LoadPlan.of(pipeline).begin();                      // one process
 * UnitResult result = WorkUnit.ofJson(json).run(samePipeline);        // many processes
 * LoadReport report = LoadPlan.ofJson(json).complete(pipeline, results);   // one process
 * }</pre>
 *
 * <p>Units are independent: each document of a snapshot comes from one row. They may run in any
 * order, at the same time, and again. A unit that was lost with its worker is run again by whoever
 * drives the plan. Until the plan is complete, the checkpoint says that a load of the version is
 * under way; then it says what {@link InitialLoader} says, and polling goes on at the next version.
 *
 * <p>Immutable and thread-safe.
 */
public final class LoadPlan {
  private final PlanIdentity identity;
  private final int partCount;
  private final boolean checksKeys;
  private final List<WorkUnit> units;

  LoadPlan(PlanIdentity identity, int partCount, boolean checksKeys, List<WorkUnit> units) {
    this.identity = identity;
    this.partCount = partCount;
    this.checksKeys = checksKeys;
    this.units = List.copyOf(units);
  }

  /**
   * Starts to plan.
   *
   * @param pipeline the parts
   * @return collects what a plan may be told
   */
  public static LoadPlanner of(Pipeline pipeline) {
    return new LoadPlanner(Objects.requireNonNull(pipeline, "pipeline"));
  }

  /**
   * Names the plan.
   *
   * @return its id, which units and results carry
   */
  public String id() {
    return identity.id();
  }

  /**
   * Which version is loaded.
   *
   * @return the commit version
   */
  public long version() {
    return identity.version();
  }

  /**
   * What there is to run.
   *
   * @return all units in order; empty if the version has no row
   */
  public List<WorkUnit> units() {
    return units;
  }

  /**
   * What there is still to run.
   *
   * @param results what came back so far; a unit may be among them more than once
   * @return the units without a result, in order
   * @throws ConfigurationException if a result belongs to another plan
   */
  public List<WorkUnit> unfinished(Collection<UnitResult> results) {
    SortedMap<Integer, UnitResult> done = byUnit(results);
    return units.stream().filter(unit -> !done.containsKey(unit.index())).toList();
  }

  /**
   * Ends the load when every unit is done: looks for duplicate keys unless {@link
   * LoadPlanner#trustKeys}, and leaves the checkpoint as {@link InitialLoader#load()} does. May be
   * called again after a failure.
   *
   * <p>An engine may have lost sight of a run that is still writing. So the checkpoint is taken
   * first, which ends such runs, and a third of the lease is waited, until the last of them has
   * noticed; only then may polling begin. No wait is needed, and there is none, when the write mode
   * compares versions in the target.
   *
   * @param pipeline the parts that the plan was made with
   * @param results one for each unit; more of one unit are no harm
   * @return what was done by all units and here; {@link LoadReport.Outcome#ALREADY_LOADED} if the
   *     load was completed before, also if polling has gone on since
   * @throws ConfigurationException if units are missing, or the plan is another pipeline's, table's
   *     or target's; nothing changed
   * @throws MappingException if units together set more aside than the pipeline allows, or keys are
   *     not unique
   * @throws io.reverseetl.exceptions.CheckpointConflictException if another runner is at work
   * @throws io.reverseetl.exceptions.CheckpointException if the checkpoint is not that of the plan
   * @throws InterruptedException if interrupted while waiting; call it again
   * @see InitialLoader#load() the other exceptions
   */
  public LoadReport complete(Pipeline pipeline, Collection<UnitResult> results)
      throws InterruptedException {
    return complete(pipeline, results, !pipeline.writeMode().isGuarded());
  }

  /**
   * As {@link #complete}, without the wait: for an engine that has seen each run of each unit end,
   * the failed and the repeated ones too.
   *
   * @param pipeline the parts that the plan was made with
   * @param results one for each unit; more of one unit are no harm
   * @return what was done by all units and here
   * @throws InterruptedException if interrupted; call it again
   * @see #complete the other exceptions
   */
  public LoadReport completeNow(Pipeline pipeline, Collection<UnitResult> results)
      throws InterruptedException {
    return complete(pipeline, results, false);
  }

  private LoadReport complete(Pipeline pipeline, Collection<UnitResult> results, boolean waits)
      throws InterruptedException {
    SortedMap<Integer, UnitResult> done = byUnit(results);
    if (done.size() < units.size()) {
      throw new ConfigurationException(
          (units.size() - done.size())
              + " of "
              + units.size()
              + " units of the plan "
              + id()
              + " have no result, so the load of pipeline \""
              + identity.checkpoint()
              + "\" is not complete. Run what unfinished() gives, and complete it then.");
    }
    Pipeline served = pipeline.snapshots().isPresent() ? pipeline.served() : pipeline;
    identity.checkPipeline(served);
    checkDeadLetters(served, done.values());
    return new PlanCompletion(served, identity, partCount, checksKeys).run(done.values(), waits);
  }

  private static void checkDeadLetters(Pipeline pipeline, Collection<UnitResult> results) {
    long letters = results.stream().mapToLong(UnitResult::deadLetters).sum();
    if (letters > pipeline.maxDeadLetters()) {
      throw new MappingException(
          null,
          letters
              + " rows of pipeline \""
              + pipeline.name()
              + "\" became dead letters in all units together, and "
              + pipeline.maxDeadLetters()
              + " are allowed. The load is not complete. See what is wrong with them, or allow"
              + " more.");
    }
  }

  private SortedMap<Integer, UnitResult> byUnit(Collection<UnitResult> results) {
    SortedMap<Integer, UnitResult> done = new TreeMap<>();
    for (UnitResult result : results) {
      if (!result.planId().equals(id()) || result.index() >= units.size()) {
        throw new ConfigurationException(
            "A result belongs to unit "
                + result.index()
                + " of the plan "
                + result.planId()
                + ", but this plan is "
                + id()
                + " with "
                + units.size()
                + " units. Hand over the results of this plan only.");
      }
      done.putIfAbsent(result.index(), result);
    }
    return done;
  }

  PlanIdentity identity() {
    return identity;
  }

  int partCount() {
    return partCount;
  }

  boolean checksKeys() {
    return checksKeys;
  }

  /**
   * The form in which it goes to other processes, of format version 1; as large as all its units.
   *
   * @return one JSON object
   */
  public String toJson() {
    return PlanJson.write(this);
  }

  /**
   * Reads the JSON form.
   *
   * @param json what {@link #toJson} gave; properties that are not known are passed over
   * @return the plan
   * @throws ConfigurationException if this is no plan, or one of another format version
   */
  public static LoadPlan ofJson(String json) {
    return PlanJson.plan(json);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LoadPlan that
        && identity.equals(that.identity)
        && partCount == that.partCount
        && checksKeys == that.checksKeys
        && units.equals(that.units);
  }

  @Override
  public int hashCode() {
    return Objects.hash(identity, units);
  }

  @Override
  public String toString() {
    return "LoadPlan(" + id() + ", " + units.size() + " units)";
  }
}
