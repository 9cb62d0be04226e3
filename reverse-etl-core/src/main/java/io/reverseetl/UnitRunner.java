package io.reverseetl;

import io.reverseetl.document.TargetDescription;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.table.TableSnapshot;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs work units of one {@link LoadPlan} in this process, whichever engine brings them. Opens the
 * table and looks at the target once, with the first unit.
 *
 * <p>Thread-safe: several threads may run units at once. Each is read on the thread that runs it,
 * so how many run at once is for the engine to say, not for {@link Pipeline.Builder#readThreads}.
 */
public final class UnitRunner implements AutoCloseable {
  private final Pipeline pipeline;
  private @Nullable Opened opened;
  private boolean closed;

  private record Opened(
      PlanIdentity plan, Pipeline pipeline, TableSnapshot snapshot, TargetDescription target) {}

  private UnitRunner(Pipeline pipeline) {
    this.pipeline = pipeline;
  }

  /**
   * A runner. Opens nothing yet.
   *
   * @param pipeline the same parts as those the plan was made with, made in this process. Its
   *     checkpoint store must be the same one too: from there a unit learns that its plan is over
   * @return a runner that the caller closes
   */
  public static UnitRunner of(Pipeline pipeline) {
    return new UnitRunner(Objects.requireNonNull(pipeline, "pipeline"));
  }

  /**
   * Writes the documents of a unit, and waits until each of them is durable or set aside. Running a
   * unit again writes the same documents again. An interrupt ends the run; then, and after every
   * exception, the unit is not done, and some of its documents may be written.
   *
   * @param unit what to write
   * @return what was done
   * @throws ConfigurationException if the unit belongs to another pipeline, table, version or
   *     target, or to another plan than units before
   * @throws io.reverseetl.exceptions.CheckpointConflictException if its plan is over
   * @throws io.reverseetl.exceptions.CheckpointException if the checkpoint cannot be read
   * @throws io.reverseetl.exceptions.TableReadException if the table cannot be read
   * @throws io.reverseetl.exceptions.MappingException if a row cannot become a document and cannot
   *     be set aside
   * @throws io.reverseetl.exceptions.WriteException if the target does not take a document and it
   *     cannot be set aside, or does not answer
   * @throws InterruptedException if interrupted
   * @throws IllegalStateException if the runner is closed
   */
  public UnitResult run(WorkUnit unit) throws InterruptedException {
    Opened parts = opened(unit.plan());
    return new UnitRun(parts.pipeline(), unit, parts.snapshot(), parts.target()).run();
  }

  private synchronized Opened opened(PlanIdentity plan) {
    if (closed) {
      throw new IllegalStateException("The runner is closed.");
    }
    if (opened == null) {
      opened = open(plan);
    } else if (!opened.plan().equals(plan)) {
      throw new ConfigurationException(
          "This runner runs units of the plan "
              + opened.plan().id()
              + ", but this one belongs to "
              + plan.id()
              + ". Use a runner for each plan.");
    }
    return opened;
  }

  private Opened open(PlanIdentity plan) {
    Pipeline served = pipeline.snapshots().isPresent() ? pipeline.served() : pipeline;
    plan.checkPipeline(served);
    TargetDescription target = served.sink().describe();
    plan.checkTarget(target);
    CheckpointChecks.partitionKey(served, target);
    TableSnapshot snapshot = served.source().openSnapshot(served.snapshotQuery(plan.version()));
    boolean fits = false;
    try {
      plan.checkTable(served, snapshot);
      fits = true;
    } finally {
      if (!fits) {
        snapshot.close();
      }
    }
    return new Opened(plan, served, snapshot, target);
  }

  /** Frees what the runner opened. No unit may be running. May be called twice. */
  @Override
  public synchronized void close() {
    closed = true;
    if (opened != null) {
      opened.snapshot().close();
      opened = null;
    }
  }
}
