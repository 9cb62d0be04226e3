package io.reverseetl.delta;

import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Plans the commits of a range one after the other, and carries protocol and metadata along. A
 * number of commits is checked ahead: that the feed is on, that the schemas fit, and that the files
 * are there, so that a range that cannot be read to its end fails before its first row, or, if it
 * is long, before the first row of the part that cannot. At most one plan is held. For one thread.
 */
final class CommitPlans {
  /** How many commits are checked before the first row of the first of them. */
  static final int CHECKED_AHEAD = 100;

  private final KernelTable table;
  private final CommitReader commits;
  private final CommitListing listing;
  private final TableStates states;
  private final Rules rules;
  private final CommitPlanner planner;
  private final FileCheck files;
  private final ChangeErrors errors;

  private final long last;
  private long next;
  private long checkedTo;
  private @Nullable TableState before;
  private @Nullable CommitPlan kept;

  /**
   * What every commit of a range must meet.
   *
   * @param first the first version
   * @param firstState the state after it
   * @param feed whether the change data feed must be on
   * @param tableId the identity that the table must keep; null for any
   * @param fixed the state whose columns all rows have; null for those in force at each commit
   * @param readVersion the version of that state
   */
  record Rules(
      long first,
      TableState firstState,
      boolean feed,
      @Nullable String tableId,
      @Nullable TableState fixed,
      long readVersion) {}

  CommitPlans(
      KernelTable table,
      CommitReader commits,
      CommitListing listing,
      TableStates states,
      Rules rules,
      CommitPlanner planner,
      FileCheck files,
      ChangeErrors errors,
      @Nullable TableState before,
      long last) {
    this.table = table;
    this.commits = commits;
    this.listing = listing;
    this.states = states;
    this.rules = rules;
    this.planner = planner;
    this.files = files;
    this.errors = errors;
    this.before = before;
    this.next = rules.first();
    this.checkedTo = next - 1;
    this.last = last;
  }

  /** The last commit of the range. */
  long last() {
    return last;
  }

  /** Checks ahead, if the next commit is not checked yet. */
  void check() {
    if (next > last || next <= checkedTo) {
      return;
    }
    checkedTo = Math.min(last, next + CHECKED_AHEAD - 1);
    TableState state = before;
    for (long version = next; version <= checkedTo; version++) {
      CommitPlan plan = plan(version, state);
      files.check(plan);
      state = plan.state();
      if (version == next) {
        kept = plan;
      }
    }
  }

  /** The plan of the next commit; null after the last one. */
  @Nullable CommitPlan next() {
    if (next > last) {
      return null;
    }
    check();
    CommitPlan plan = kept == null ? plan(next, before) : kept;
    kept = null;
    before = plan.state();
    next++;
    return plan;
  }

  private CommitPlan plan(long version, @Nullable TableState stateBefore) {
    if (Thread.currentThread().isInterrupted()) {
      throw errors.reading().log(new InterruptedException(), errors.action());
    }
    Commit commit = read(version);
    TableState after =
        version == rules.first() || stateBefore == null
            ? rules.firstState()
            : states.after(stateBefore, commit);
    checkState(version, stateBefore, after);
    return planner.plan(commit, listing.timestamp(version), stateBefore, after);
  }

  private Commit read(long version) {
    try {
      return commits.read(version, listing.file(version));
    } catch (TableReadException e) {
      if (e.reason() == Reason.FILE_NOT_FOUND) {
        CommitListing left = CommitListing.from(table, 0);
        throw errors.cleaned(left.isEmpty() ? version + 1 : left.first(), e);
      }
      throw e;
    }
  }

  private void checkState(long version, @Nullable TableState stateBefore, TableState after) {
    if (after == stateBefore && version != rules.first()) {
      return;
    }
    String tableId = rules.tableId();
    if (tableId != null && !after.tableId().equals(tableId)) {
      throw errors.otherTable(tableId, after.tableId(), version);
    }
    if (rules.feed() && !after.feedIsOn()) {
      throw errors.feedOff(version);
    }
    TableState fixed = rules.fixed();
    if (fixed != null) {
      String why = SchemaRules.whyStrictRefuses(after, fixed);
      if (why != null) {
        throw errors.incompatible(version, rules.readVersion(), why);
      }
    }
  }

  /** Remembers the state after a commit that was read to its end. */
  void done(CommitPlan plan) {
    states.put(plan.version(), listing.file(plan.version()), plan.state());
  }
}
