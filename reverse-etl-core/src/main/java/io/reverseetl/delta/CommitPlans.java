package io.reverseetl.delta;

import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Plans the commits of a range one after the other, and carries protocol and metadata along. A
 * number of commits is checked ahead: that the feed is on, that the schemas fit, and that the files
 * are there, so that a range that cannot be read to its end fails before its first row, or, if it
 * is long, before the first row of the part that cannot. Few plans are held. For one thread.
 */
final class CommitPlans implements AutoCloseable {
  /** How many commits are checked before the first row of the first of them. */
  static final int CHECKED_AHEAD = 100;

  /** How many commits, and files of them, are planned before they are wanted. */
  private static final int PLANNED_AHEAD = 4;

  private static final int FILES_AHEAD = 8;

  private final KernelTable table;
  private final CommitsAhead commits;
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

  /** Those that come next. */
  private final Deque<CommitPlan> planned = new ArrayDeque<>();

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
      CommitsAhead commits,
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
    commits.forgetBefore(next);
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
    try {
      for (long version = next; version <= checkedTo; version++) {
        CommitPlan plan = plan(version, state, false);
        files.add(plan);
        state = plan.state();
      }
    } catch (ReverseEtlException e) {
      // What is wrong with an earlier commit comes first.
      files.flush();
      throw e;
    }
    files.flush();
  }

  /** The plan of the next commit; null after the last one. */
  @Nullable CommitPlan next() {
    if (next > last) {
      return null;
    }
    check();
    CommitPlan plan = planned.isEmpty() ? plan(next, before, true) : planned.remove();
    before = plan.state();
    next++;
    return plan;
  }

  /**
   * Plans commits that are checked already and come soon, each once.
   *
   * @return the plans; none if enough is planned
   */
  List<CommitPlan> planAhead() {
    List<CommitPlan> more = new ArrayList<>();
    int reads = planned.stream().mapToInt(CommitPlans::reads).sum();
    while (planned.size() < PLANNED_AHEAD
        && reads < FILES_AHEAD
        && next + planned.size() <= checkedTo) {
      CommitPlan last = planned.peekLast();
      CommitPlan plan = plan(next + planned.size(), last == null ? before : last.state(), true);
      planned.add(plan);
      more.add(plan);
      reads += reads(plan);
    }
    return more;
  }

  private static int reads(CommitPlan plan) {
    return plan.before().size() + plan.after().size();
  }

  private CommitPlan plan(long version, @Nullable TableState stateBefore, boolean uses) {
    if (Thread.currentThread().isInterrupted()) {
      throw errors.reading().log(new InterruptedException(), errors.action());
    }
    Commit commit = read(version, uses);
    TableState after =
        version == rules.first() || stateBefore == null
            ? rules.firstState()
            : states.after(stateBefore, commit);
    checkState(version, stateBefore, after);
    return planner.plan(commit, listing.timestamp(version), stateBefore, after);
  }

  private Commit read(long version, boolean uses) {
    try {
      return uses ? commits.take(version) : commits.look(version, checkedTo);
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

  /** Reads no more commits ahead. */
  @Override
  public void close() {
    commits.close();
  }

  /** Remembers the state after a commit that was read to its end. */
  void done(CommitPlan plan) {
    states.put(plan.version(), listing.file(plan.version()), plan.state());
  }
}
