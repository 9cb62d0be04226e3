package io.reverseetl.spark;

import io.reverseetl.CdcPoller;
import io.reverseetl.ChangeTask;
import io.reverseetl.ChangeUnit;
import io.reverseetl.ChangeUnitResult;
import io.reverseetl.ChangeWriteResult;
import io.reverseetl.KeyedChange;
import io.reverseetl.Pipeline;
import io.reverseetl.PollPlan;
import io.reverseetl.PollPlanner;
import io.reverseetl.PollReport;
import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.exceptions.ConfigurationException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.util.CollectionAccumulator;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * One range of commits on Spark's executors, with a shuffle by the identity of documents: units are
 * read, all changes of a document come together, and what is left of them is written. It leaves
 * what {@link CdcPoller} leaves.
 *
 * <pre>{@code
 * PollReport report = SparkPoll.of(spark.sparkContext(), factory).poll();
 * }</pre>
 *
 * <p>A task that failed, or whose executor is gone, is run again by Spark; tasks that run twice do
 * no harm. When the driver is gone, another one calls {@link #poll} with the same factory and
 * settings, or a {@link CdcPoller} polls: both finish the range that was begun.
 *
 * <p>What is shuffled holds rows, and Spark keeps it on disks of the executors; {@code
 * spark.io.encryption.enabled} encrypts it.
 *
 * <p>Immutable and thread-safe.
 */
public final class SparkPoll {
  private final SparkContext spark;
  private final PipelineFactory factory;
  private final Workers workers;
  private final UnaryOperator<PollPlanner> settings;

  private SparkPoll(
      SparkContext spark,
      PipelineFactory factory,
      Workers workers,
      UnaryOperator<PollPlanner> settings) {
    this.spark = spark;
    this.factory = factory;
    this.workers = workers;
    this.settings = settings;
  }

  /**
   * A poll.
   *
   * @param spark the application's context; stays the caller's
   * @param factory makes the pipeline in the driver and in each executor
   * @return the poll, with default settings
   */
  public static SparkPoll of(SparkContext spark, PipelineFactory factory) {
    return new SparkPoll(
        Objects.requireNonNull(spark, "spark"),
        Objects.requireNonNull(factory, "factory"),
        Workers.configured(),
        UnaryOperator.identity());
  }

  /**
   * How many processes divide the budget of request units.
   *
   * @param count default: {@link Workers#configured}
   * @return a new poll
   */
  public SparkPoll workers(Workers count) {
    return new SparkPoll(spark, factory, Objects.requireNonNull(count, "count"), settings);
  }

  /**
   * What the plan is told, such as the number of shares, which is that of the shuffle's partitions.
   *
   * @param more calls setters of the planner; comes after those of earlier calls
   * @return a new poll
   */
  public SparkPoll plan(UnaryOperator<PollPlanner> more) {
    Objects.requireNonNull(more, "more");
    return new SparkPoll(spark, factory, workers, planner -> more.apply(settings.apply(planner)));
  }

  /**
   * Takes in one range of commits, and returns when the target holds its end. Runs on the calling
   * thread, but for the tasks. May be called again after any failure. Later commits than {@link
   * PollPlanner#maxRangeCommits} allows are left to the next call.
   *
   * <p>If some task was tried more than once, or the range was begun before, a run of it may still
   * be writing somewhere; then completing waits a third of the lease, 20 seconds unless set, as
   * {@link PollPlan#complete} says.
   *
   * @return what was done
   * @throws SparkJobException if Spark gave up
   * @throws ConfigurationException if the number of workers is not known or was exceeded, the
   *     initial load is not complete, or the parts do not fit together
   * @throws io.reverseetl.exceptions.ReverseEtlException what the library threw in the driver or in
   *     a task; of what was thrown in a task, causes are told by their texts
   * @throws InterruptedException if interrupted; tasks are told to stop
   * @see PollPlanner#begin() the other exceptions, before units run
   * @see io.reverseetl.ChangeRunner the other exceptions of a unit or task
   * @see PollPlan#complete the other exceptions, after tasks ran
   */
  public PollReport poll() throws InterruptedException {
    return Driver.with(factory, workers.share(spark.getConf(), Integer.MAX_VALUE), this::poll);
  }

  private PollReport poll(Pipeline pipeline) throws InterruptedException {
    boolean begun = pipeline.status().checkpoint().flatMap(Checkpoint::poll).isPresent();
    PollPlan plan = settings.apply(PollPlan.of(pipeline)).begin();
    Steps steps = new Steps(pipeline, plan);
    steps.run();
    return !begun && steps.onlyRuns
        ? plan.completeNow(pipeline, steps.reads(), steps.writes)
        : plan.complete(pipeline, steps.reads(), steps.writes);
  }

  /** The jobs of a range, one for each step of the plan. */
  private final class Steps {
    private final Pipeline pipeline;
    private final PollPlan plan;
    private final CollectionAccumulator<String> reads =
        spark.collectionAccumulator("reverse-etl reads");
    private final List<ChangeWriteResult> writes = new ArrayList<>();
    private boolean onlyRuns = true;

    Steps(Pipeline pipeline, PollPlan plan) {
      this.pipeline = pipeline;
      this.plan = plan;
    }

    void run() throws InterruptedException {
      BudgetShare share = workers.share(spark.getConf(), plan.shares());
      RunnerOf runners = new RunnerOf(UUID.randomUUID().toString(), factory, share);
      List<ChangeTask> tasks = plan.tasks();
      if (tasks.isEmpty()) {
        return;
      }
      // Later steps find the shuffle's files where the first one left them.
      RDD<Tuple2<ChangeKey, byte[]>> shuffled = shuffled(runners);
      while (!tasks.isEmpty()) {
        write(tasks, runners, shuffled, share);
        tasks = plan.unfinishedTasks(reads(), writes);
      }
    }

    private RDD<Tuple2<ChangeKey, byte[]>> shuffled(RunnerOf runners) {
      List<String> units = plan.units().stream().map(ChangeUnit::toJson).toList();
      return JavaSparkContext.fromSparkContext(spark)
          .parallelize(units, units.size())
          .mapPartitionsToPair(new ReadTask(runners, reads))
          .repartitionAndSortWithinPartitions(
              new ChangeKey.ByDocument(plan.shares()), ChangeKey.Order.BY_KEY_AND_VERSION)
          .rdd();
    }

    private void write(
        List<ChangeTask> tasks,
        RunnerOf runners,
        RDD<Tuple2<ChangeKey, byte[]>> shuffled,
        BudgetShare share)
        throws InterruptedException {
      HashMap<Integer, String> texts = new HashMap<>();
      tasks.forEach(task -> texts.put(task.share(), task.toJson()));
      String what =
          "Poll of pipeline \""
              + pipeline.name()
              + "\" of commits "
              + plan.fromVersion()
              + ".."
              + plan.toVersion()
              + ", "
              + tasks.get(0).step();
      SparkJob.Results ran =
          new SparkJob(spark, what, share)
              .run(
                  shuffled,
                  tasks.stream().map(ChangeTask::share).toList(),
                  writing(runners, texts));
      ran.results().forEach(result -> writes.add(ChangeWriteResult.ofJson(result)));
      onlyRuns &= ran.onlyRuns();
    }

    private List<ChangeUnitResult> reads() {
      return reads.value().stream().map(ChangeUnitResult::ofJson).toList();
    }
  }

  /** Static, so that nothing of the driver goes to the executors. */
  @SuppressWarnings("NonApiType") // It goes to executors, so it has to be serializable.
  private static SparkTask.Work<Tuple2<ChangeKey, byte[]>> writing(
      RunnerOf runners, HashMap<Integer, String> tasks) {
    return changes -> {
      String task = text(tasks, TaskContext.getPartitionId());
      try (var use = runners.use()) {
        return use.runner().write(ChangeTask.ofJson(task), new Sorted(changes)).toJson();
      }
    };
  }

  private static String text(Map<Integer, String> tasks, int share) {
    @Nullable String text = tasks.get(share);
    if (text == null) {
      throw new IllegalStateException("There is no task for share " + share + ".");
    }
    return text;
  }

  /** What the shuffle gives, as the library takes it. */
  private record Sorted(Iterator<Tuple2<ChangeKey, byte[]>> changes)
      implements Iterator<KeyedChange> {
    @Override
    public boolean hasNext() {
      return changes.hasNext();
    }

    @Override
    public KeyedChange next() {
      return KeyedChange.ofBytes(changes.next()._2());
    }
  }
}
