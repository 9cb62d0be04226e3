package io.reverseetl;

import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.document.WriteStatistics;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.reduce.ChangeEvents;
import io.reverseetl.reduce.Digest;
import io.reverseetl.reduce.KeyBuckets;
import io.reverseetl.reduce.KeyState;
import io.reverseetl.reduce.Reduced;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * One run of one task, on the calling thread: reduces the changes of one document after the other,
 * and sends what its step asks for.
 */
final class TaskRun {
  private final Pipeline pipeline;
  private final ChangeTask task;
  private final TargetDescription target;
  private final RejectedRows rejectedRows;
  private final UnitGuard guard;
  private final Digest digest = Digest.ofBytes();
  private final KeyBuckets refused = KeyBuckets.none();
  private final Into into = new Into();

  private long changes;
  private long deletes;

  /**
   * For one run.
   *
   * @throws io.reverseetl.exceptions.CheckpointConflictException if the plan is over
   */
  TaskRun(Pipeline pipeline, ChangeTask task, TargetDescription target) {
    this.pipeline = pipeline;
    this.task = task;
    this.target = target;
    this.rejectedRows = new RejectedRows(pipeline, 0);
    this.guard = new UnitGuard(pipeline, PlanClaim.of(task.plan()));
  }

  ChangeWriteResult run(Iterator<KeyedChange> sorted) throws InterruptedException {
    try (WritePath writes = new WritePath(pipeline, guard::checkMayWrite)) {
      ReducedWriter writer =
          new ReducedWriter(
              pipeline,
              new OperationMaker(pipeline, target.partitionKeyPaths()),
              writes,
              rejectedRows,
              () -> {},
              this::triesAgain);
      KeyedChange last = null;
      while (sorted.hasNext()) {
        KeyedChange change = sorted.next();
        check(change, last);
        if (last != null && !last.isOfSameDocument(change)) {
          write(into.next(), writer);
        }
        changes++;
        change.tell(into);
        last = change;
      }
      if (last != null) {
        write(into.next(), writer);
      }
      writer.await();
      rejectedRows.flush();
      return result(writer, writes);
    }
  }

  private void check(KeyedChange change, @Nullable KeyedChange last) {
    PollIdentity plan = task.plan();
    if (change.version() < plan.fromVersion() || change.version() > plan.toVersion()) {
      throw wrong(
          "a change of commit "
              + change.version()
              + ", and the plan's range is "
              + plan.fromVersion()
              + ".."
              + plan.toVersion());
    }
    if (last != null && KeyedChange.ORDER.compare(last, change) > 0) {
      throw wrong("changes that are not sorted by key and version");
    }
  }

  private ConfigurationException wrong(String what) {
    return new ConfigurationException(
        "Share "
            + task.share()
            + " of the plan "
            + task.planId()
            + " was given "
            + what
            + ". Hand over what its units gave, in the order of KeyedChange.ORDER.");
  }

  private void write(KeyState state, ReducedWriter writer) throws InterruptedException {
    state.settle(into.duplicates);
    Reduced result = state.reduced(digest);
    if (result == null) {
      return;
    }
    if (result.kind() == Reduced.Kind.DELETE) {
      deletes++;
    }
    switch (task.step()) {
      case UPSERTS -> writer.upsert(result);
      case DELETES -> writer.delete(result);
      case REFUSED -> {
        if (task.refused().mayContain(result.key())) {
          writer.upsert(result);
          writer.delete(result);
        }
      }
    }
  }

  /** Whether an operation that was refused is tried once more. Called on any thread. */
  private boolean triesAgain(DocumentOperation operation) {
    if (task.step() == ChangeStep.REFUSED) {
      return false;
    }
    synchronized (refused) {
      refused.add(operation.key());
    }
    return true;
  }

  private ChangeWriteResult result(ReducedWriter writer, WritePath writes) {
    WriteStatistics statistics = writes.statistics();
    String again;
    synchronized (refused) {
      again = refused.text();
    }
    return new ChangeWriteResult(
        task.planId(),
        task.step(),
        task.share(),
        changes,
        writer.upserts(),
        deletes,
        writer.unchanged(),
        statistics.upserted(),
        statistics.deleted(),
        writes.bytesWritten(),
        rejectedRows.count(),
        statistics.requestUnits(),
        task.step() == ChangeStep.UPSERTS
            ? writes.estimateUpserts(writer.unchanged(), writer.unchangedBytes())
            : 0,
        statistics.throttled(),
        statistics.retried(),
        again);
  }

  /** Collects the changes of one document. */
  private final class Into implements ChangeEvents {
    /** Told once is enough, by the first step. */
    private final KeyState.Duplicates duplicates =
        (version, key, rivals) -> {
          if (task.step() == ChangeStep.UPSERTS) {
            guard.checkMayWrite();
            rejectedRows.duplicates(version, key, rivals);
          }
        };

    private @Nullable KeyState state;

    /** The document's state, when another one's changes follow. */
    KeyState next() {
      KeyState complete = state;
      state = null;
      if (complete == null) {
        throw new IllegalStateException("A change tells of a document.");
      }
      return complete;
    }

    private KeyState state(DocumentKey key, long version) {
      KeyState open = state;
      if (open == null) {
        open = new KeyState(key, version);
        state = open;
      }
      return open;
    }

    @Override
    public void begun(
        DocumentKey key, long firstVersion, byte @Nullable [] firstImage, boolean firstUnsure) {
      throw new IllegalStateException("A change is of a row.");
    }

    @Override
    public void settled(Reduced result) {
      throw new IllegalStateException("A change is of a row.");
    }

    @Override
    public void live(DocumentKey key, long version, KeyState.Live row) {
      state(key, version).addLive(version, row, duplicates);
    }

    @Override
    public void gone(DocumentKey key, long version, byte[] image, byte @Nullable [] json) {
      state(key, version).addGone(version, image, json, duplicates);
    }
  }
}
