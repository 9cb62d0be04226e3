package io.reverseetl.spark;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pipelines of this process: one for each run, made for its first task, shared by all of its
 * tasks, and closed when no task has used it for a while. Thread-safe.
 */
final class ExecutorPipelines {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorPipelines.class);
  private static final Duration IDLE = Duration.ofSeconds(60);

  /** Spark has no place for what lives as long as an executor but this. */
  private static final ExecutorPipelines OF_THIS_PROCESS = start();

  private final ScheduledExecutorService timer;
  private final Map<String, Held<?>> held = new HashMap<>();

  ExecutorPipelines(ScheduledExecutorService timer) {
    this.timer = timer;
  }

  private static ExecutorPipelines start() {
    ExecutorPipelines made =
        new ExecutorPipelines(
            Executors.newSingleThreadScheduledExecutor(
                work -> {
                  Thread thread = new Thread(work, "reverse-etl-spark-idle");
                  thread.setDaemon(true);
                  return thread;
                }));
    Runtime.getRuntime().addShutdownHook(new Thread(made::closeIdle, "reverse-etl-spark-shutdown"));
    return made;
  }

  static ExecutorPipelines ofThisProcess() {
    return OF_THIS_PROCESS;
  }

  /**
   * A task's use of the runner of its process, which it ends by closing it.
   *
   * @param <R> the runner
   */
  final class Use<R> implements AutoCloseable {
    private final String run;
    private final Held<?> entry;
    private final R runner;
    private boolean closed;

    private Use(String run, Held<?> entry, R runner) {
      this.run = run;
      this.entry = entry;
      this.runner = runner;
    }

    R runner() {
      return runner;
    }

    /** May be called twice. */
    @Override
    public void close() {
      if (!closed) {
        closed = true;
        release(run, entry);
      }
    }
  }

  /** A runner over a pipeline, and how many tasks use both. */
  private static final class Held<R extends AutoCloseable> {
    private final OpenPipeline open;
    private final R runner;
    private int users;
    private @Nullable Future<?> closing;

    Held(OpenPipeline open, R runner) {
      this.open = open;
      this.runner = runner;
    }

    void close(String run) {
      try (open;
          runner) {
        LOG.debug("Closing the pipeline of run {}.", run);
      } catch (Exception e) {
        // Everything written is durable, and nobody waits for this.
        LOG.warn("The pipeline of run {} cannot be closed.", run, e);
      }
    }
  }

  /**
   * Lets a task use the runner of its run.
   *
   * @param run the same for all tasks that share a pipeline; then factory and runner are the same
   *     too
   */
  <R extends AutoCloseable> Use<R> use(
      String run,
      PipelineFactory factory,
      BudgetShare share,
      Class<R> type,
      Function<OpenPipeline, R> runner)
      throws Exception {
    Held<?> entry = acquire(run, factory, share, runner);
    return new Use<>(run, entry, type.cast(entry.runner));
  }

  private synchronized <R extends AutoCloseable> Held<?> acquire(
      String run, PipelineFactory factory, BudgetShare share, Function<OpenPipeline, R> runner)
      throws Exception {
    Held<?> entry = held.get(run);
    if (entry == null) {
      OpenPipeline open = factory.open(share);
      entry = new Held<>(open, runner.apply(open));
      held.put(run, entry);
    }
    if (entry.closing != null) {
      entry.closing.cancel(false);
      entry.closing = null;
    }
    entry.users++;
    return entry;
  }

  private synchronized void release(String run, Held<?> entry) {
    entry.users--;
    if (entry.users == 0) {
      entry.closing =
          timer.schedule(() -> closeIfIdle(run, entry), IDLE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private void closeIfIdle(String run, Held<?> entry) {
    synchronized (this) {
      if (entry.users > 0 || !held.remove(run, entry)) {
        return;
      }
    }
    entry.close(run);
  }

  /** Closes what no task uses. */
  void closeIdle() {
    for (Map.Entry<String, Held<?>> each : snapshot().entrySet()) {
      closeIfIdle(each.getKey(), each.getValue());
    }
  }

  private synchronized Map<String, Held<?>> snapshot() {
    return new HashMap<>(held);
  }
}
