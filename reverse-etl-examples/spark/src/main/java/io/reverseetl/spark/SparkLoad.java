package io.reverseetl.spark;

import io.reverseetl.InitialLoader;
import io.reverseetl.LoadPlan;
import io.reverseetl.LoadPlanner;
import io.reverseetl.LoadReport;
import io.reverseetl.Pipeline;
import io.reverseetl.UnitResult;
import io.reverseetl.UnitRunner;
import io.reverseetl.WorkUnit;
import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.exceptions.ConfigurationException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * An initial load on Spark's executors. The driver plans and completes; each unit is a task. What
 * the target and the checkpoint hold afterwards is what {@link InitialLoader} leaves, and polling
 * goes on from there.
 *
 * <pre>{@code
 * LoadReport report = SparkLoad.of(spark.sparkContext(), factory).load();
 * }</pre>
 *
 * <p>A task that failed, or whose executor is gone, is run again by Spark; tasks that run twice do
 * no harm. When the driver is gone, another one calls {@link #load} with the same factory and
 * settings: it gets the same plan and runs all of its units again.
 *
 * <p>Immutable and thread-safe.
 */
public final class SparkLoad {
  private final SparkContext spark;
  private final PipelineFactory factory;
  private final Workers workers;
  private final UnaryOperator<LoadPlanner> settings;

  private SparkLoad(
      SparkContext spark,
      PipelineFactory factory,
      Workers workers,
      UnaryOperator<LoadPlanner> settings) {
    this.spark = spark;
    this.factory = factory;
    this.workers = workers;
    this.settings = settings;
  }

  /**
   * A load.
   *
   * @param spark the application's context; stays the caller's
   * @param factory makes the pipeline in the driver and in each executor
   * @return the load, with default settings
   */
  public static SparkLoad of(SparkContext spark, PipelineFactory factory) {
    return new SparkLoad(
        Objects.requireNonNull(spark, "spark"),
        Objects.requireNonNull(factory, "factory"),
        Workers.configured(),
        UnaryOperator.identity());
  }

  /**
   * How many processes divide the budget of request units.
   *
   * @param count default: {@link Workers#configured}
   * @return a new load
   */
  public SparkLoad workers(Workers count) {
    return new SparkLoad(spark, factory, Objects.requireNonNull(count, "count"), settings);
  }

  /**
   * What the plan is told, such as how much a task reads at most: small units lose less with an
   * executor, and are spread better.
   *
   * @param more calls setters of the planner; comes after those of earlier calls
   * @return a new load
   */
  public SparkLoad plan(UnaryOperator<LoadPlanner> more) {
    Objects.requireNonNull(more, "more");
    return new SparkLoad(spark, factory, workers, planner -> more.apply(settings.apply(planner)));
  }

  /**
   * Loads, and returns when the target holds the version. Runs on the calling thread, but for the
   * tasks. May be called again after any failure.
   *
   * <p>If some task was tried more than once, or a driver before this one began the load, a run of
   * it may still be writing somewhere; then completing waits a third of the lease, 20 seconds
   * unless set, as {@link LoadPlan#complete} says.
   *
   * @return what was done; {@link LoadReport.Outcome#ALREADY_LOADED} if the load is complete
   * @throws SparkJobException if Spark gave up
   * @throws ConfigurationException if the number of workers is not known or was exceeded, or the
   *     parts do not fit together, or an {@link InitialLoader} has begun the load
   * @throws io.reverseetl.exceptions.ReverseEtlException what the library threw in the driver or in
   *     a task; of what was thrown in a task, causes are told by their texts
   * @throws InterruptedException if interrupted; tasks are told to stop
   * @see LoadPlanner#begin() the other exceptions, before units run
   * @see UnitRunner#run the other exceptions of a unit
   * @see LoadPlan#complete the other exceptions, after units ran
   */
  public LoadReport load() throws InterruptedException {
    return Driver.with(factory, workers.share(spark.getConf(), Integer.MAX_VALUE), this::load);
  }

  private LoadReport load(Pipeline pipeline) throws InterruptedException {
    Optional<Checkpoint> begun = pipeline.status().checkpoint();
    if (begun.isPresent() && begun.get().load().isEmpty()) {
      return InitialLoader.of(pipeline).load();
    }
    LoadPlan plan = settings.apply(LoadPlan.of(pipeline)).begin();
    SparkJob.Results ran = run(pipeline.name(), plan);
    List<UnitResult> results = ran.results().stream().map(UnitResult::ofJson).toList();
    return begun.isEmpty() && ran.onlyRuns()
        ? plan.completeNow(pipeline, results)
        : plan.complete(pipeline, results);
  }

  private SparkJob.Results run(String name, LoadPlan plan) throws InterruptedException {
    List<String> units = plan.units().stream().map(WorkUnit::toJson).toList();
    if (units.isEmpty()) {
      return new SparkJob.Results(List.of(), true);
    }
    BudgetShare share = workers.share(spark.getConf(), units.size());
    return new SparkJob(
            spark, "Load of pipeline \"" + name + "\" at version " + plan.version(), share)
        .run(
            JavaSparkContext.fromSparkContext(spark).parallelize(units, units.size()).rdd(),
            work(UUID.randomUUID().toString(), factory, share));
  }

  /** Static, so that nothing of the driver goes to the executors. */
  private static SparkTask.Work<String> work(
      String run, PipelineFactory factory, BudgetShare share) {
    return units -> {
      try (var use =
          ExecutorPipelines.ofThisProcess()
              .use(run, factory, share, UnitRunner.class, open -> UnitRunner.of(open.pipeline()))) {
        return use.runner().run(WorkUnit.ofJson(units.next())).toJson();
      }
    };
  }
}
