package io.reverseetl;

import io.reverseetl.document.TargetDescription;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.table.DivisibleTableSource;
import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs units and tasks of one {@link PollPlan} in this process, whichever engine brings them. Looks
 * at the table with the first unit, and at the target with the first task.
 *
 * <p>Thread-safe: several threads may run units and tasks at once, each on the thread that calls.
 */
public final class ChangeRunner implements AutoCloseable {
  private final Pipeline pipeline;
  private @Nullable PollIdentity plan;
  private @Nullable Pipeline served;
  private @Nullable TargetDescription target;
  private boolean tableChecked;
  private boolean closed;

  private ChangeRunner(Pipeline pipeline) {
    this.pipeline = pipeline;
  }

  /**
   * A runner. Opens nothing yet.
   *
   * @param pipeline the same parts as those the plan was made with, made in this process. Its
   *     checkpoint store must be the same one too: from there a run learns that its plan is over
   * @return a runner that the caller closes
   */
  public static ChangeRunner of(Pipeline pipeline) {
    return new ChangeRunner(Objects.requireNonNull(pipeline, "pipeline"));
  }

  /**
   * Opens the changes of a unit, for an engine that takes them one by one. Nothing is read yet.
   * Reading a unit again gives the same changes again.
   *
   * @param unit what to read
   * @return a cursor that the caller closes; it throws what {@link #read} throws, but tells of an
   *     interrupt as every cursor does
   * @see #read the exceptions
   */
  public UnitChanges open(ChangeUnit unit) {
    return new UnitChanges(forReading(unit), unit);
  }

  /**
   * Reads and maps the rows of a unit, and hands its changes over. After an exception the unit is
   * not read; what was handed over of it is best thrown away, as another run gives it again.
   *
   * @param unit what to read
   * @param out takes the changes, on the calling thread
   * @return what was done, to be kept until the plan is complete
   * @throws ConfigurationException if the unit belongs to another pipeline or table, or to another
   *     plan than those before; or the mapper does not fit the table's columns
   * @throws io.reverseetl.exceptions.CheckpointConflictException if its plan is over
   * @throws io.reverseetl.exceptions.CheckpointException if the checkpoint cannot be read
   * @throws io.reverseetl.exceptions.ChangesUnavailableException if its changes are gone
   * @throws TableReadException if the table cannot be read
   * @throws io.reverseetl.exceptions.MappingException if a row cannot become a document and cannot
   *     be set aside
   * @throws InterruptedException if interrupted
   * @throws IllegalStateException if the runner is closed
   */
  public ChangeUnitResult read(ChangeUnit unit, ChangeSink out) throws InterruptedException {
    try (UnitChanges changes = open(unit)) {
      while (changes.advance()) {
        out.accept(changes.current());
      }
      return changes.result();
    } catch (TableReadException e) {
      if (e.reason() != TableReadException.Reason.INTERRUPTED) {
        throw e;
      }
      Thread.interrupted();
      InterruptedException interrupted = new InterruptedException("Reading was interrupted.");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  /**
   * Writes one share of the documents in one step, and waits until each operation is durable, set
   * aside, or refused to be tried again. Holds the changes of one document in memory at a time.
   * Running a task again writes the same again. An interrupt ends the run; then, and after every
   * exception, the task is not done, and some of it may be written.
   *
   * @param task what to do
   * @param sorted all changes of the share's documents, in {@link KeyedChange#ORDER}; more of the
   *     same change are no harm. Taken on the calling thread
   * @return what was done, to be kept until the plan is complete
   * @throws ConfigurationException if the task belongs to another pipeline or target, or to another
   *     plan than those before; or the changes are not in order, or not of the plan's range
   * @throws io.reverseetl.exceptions.CheckpointConflictException if its plan is over
   * @throws io.reverseetl.exceptions.CheckpointException if the checkpoint cannot be read
   * @throws io.reverseetl.exceptions.MappingException if different rows stand for one document and
   *     cannot be set aside
   * @throws io.reverseetl.exceptions.WriteException if the target does not take a document and it
   *     cannot be set aside, or does not answer
   * @throws InterruptedException if interrupted
   * @throws IllegalStateException if the runner is closed
   */
  public ChangeWriteResult write(ChangeTask task, Iterator<KeyedChange> sorted)
      throws InterruptedException {
    Objects.requireNonNull(sorted, "sorted");
    return new TaskRun(forWriting(task.plan()), task, describedTarget()).run(sorted);
  }

  private synchronized Pipeline forReading(ChangeUnit unit) {
    Pipeline parts = opened(unit.plan());
    if (unit.piece().shares() > 1 && !(parts.source() instanceof DivisibleTableSource)) {
      throw new ConfigurationException(
          "A unit of the plan "
              + unit.planId()
              + " is a share of a commit, but the source here cannot divide commits. Run it with"
              + " the pipeline that it was made with.");
    }
    if (!tableChecked) {
      unit.plan().checkTable(parts.source().latestVersion().tableUri());
      tableChecked = true;
    }
    return parts;
  }

  private synchronized Pipeline forWriting(PollIdentity identity) {
    Pipeline parts = opened(identity);
    if (target == null) {
      TargetDescription found = parts.sink().describe();
      identity.checkTarget(found);
      CheckpointChecks.partitionKey(parts, found);
      target = found;
    }
    return parts;
  }

  private synchronized TargetDescription describedTarget() {
    return Objects.requireNonNull(target);
  }

  private Pipeline opened(PollIdentity identity) {
    if (closed) {
      throw new IllegalStateException("The runner is closed.");
    }
    Pipeline parts = served;
    if (parts == null) {
      parts = pipeline.snapshots().isPresent() ? pipeline.served() : pipeline;
      identity.checkPipeline(parts);
      plan = identity;
      served = parts;
    } else if (!identity.equals(plan)) {
      throw new ConfigurationException(
          "This runner runs units and tasks of another plan than "
              + identity.id()
              + ". Use a runner for each plan.");
    }
    return parts;
  }

  /** Takes no unit and no task any more. May be called twice; the pipeline's parts stay open. */
  @Override
  public synchronized void close() {
    closed = true;
  }
}
