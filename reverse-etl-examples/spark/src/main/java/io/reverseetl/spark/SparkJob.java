package io.reverseetl.spark;

import io.reverseetl.exceptions.ReverseEtlException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.SparkContext;
import org.apache.spark.rdd.RDD;
import org.jspecify.annotations.Nullable;
import scala.concurrent.ExecutionContext;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;
import scala.util.Try;

/**
 * One job: a task for each partition, of which each gives one text. Ends early when a task says
 * that another attempt is of no use, when more processes work than the budget has parts, and when
 * the caller is interrupted.
 */
final class SparkJob {
  private static final String INTERRUPT = "spark.job.interruptOnCancel";
  private static final String DESCRIPTION = "spark.job.description";

  private final SparkContext spark;
  private final String what;
  private final BudgetShare share;
  private final SortedMap<Integer, Outcome> outcomes = new TreeMap<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable ReverseEtlException failure;
  private @Nullable Try<BoxedUnit> answer;

  /**
   * A job, to be run once.
   *
   * @param what for the user interface and messages, such as {@code Load of pipeline "orders"}
   * @param share how many processes may work at once
   */
  SparkJob(SparkContext spark, String what, BudgetShare share) {
    this.spark = spark;
    this.what = what;
    this.share = share;
  }

  /**
   * What all tasks gave.
   *
   * @param results one for each partition, in order
   * @param onlyRuns whether no task was ever tried twice, so that none can be running anywhere
   */
  record Results(List<String> results, boolean onlyRuns) {}

  /** Runs a task for every partition, and waits for their end. */
  <T> Results run(RDD<T> partitions, SparkTask.Work<T> work) throws InterruptedException {
    return run(
        partitions, IntStream.range(0, partitions.getNumPartitions()).boxed().toList(), work);
  }

  /** Runs a task for some of the partitions, and waits for their end. */
  <T> Results run(RDD<T> partitions, List<Integer> chosen, SparkTask.Work<T> work)
      throws InterruptedException {
    WorkerWatch watch = new WorkerWatch(share.parts(), this::fail);
    spark.addSparkListener(watch);
    try {
      return await(submit(partitions, chosen, new SparkTask<>(work), watch));
    } finally {
      spark.removeSparkListener(watch);
    }
  }

  private Results await(SimpleFutureAction<BoxedUnit> action) throws InterruptedException {
    action.onComplete(this::answered, ExecutionContext.global());
    try {
      ended.await();
    } finally {
      if (!action.isCompleted()) {
        action.cancel();
      }
    }
    return results();
  }

  private <T> SimpleFutureAction<BoxedUnit> submit(
      RDD<T> partitions, List<Integer> chosen, SparkTask<T> task, WorkerWatch watch) {
    List<Object> all = new ArrayList<>(chosen);
    Map<String, @Nullable String> before = new TreeMap<>();
    for (String key : List.of(INTERRUPT, DESCRIPTION, WorkerWatch.RUN)) {
      before.put(key, spark.getLocalProperty(key));
    }
    try {
      spark.setLocalProperty(INTERRUPT, "true");
      spark.setLocalProperty(DESCRIPTION, what);
      spark.setLocalProperty(WorkerWatch.RUN, watch.run());
      return spark.submitJob(
          partitions,
          task,
          CollectionConverters.asScala(all).toSeq(),
          (partition, outcome) -> {
            succeeded((Integer) partition, outcome);
            return BoxedUnit.UNIT;
          },
          () -> BoxedUnit.UNIT);
    } catch (IllegalStateException e) {
      throw new SparkJobException(what + " cannot be submitted. Start a SparkContext.", e);
    } finally {
      before.forEach(spark::setLocalProperty);
    }
  }

  private synchronized void succeeded(int partition, Outcome outcome) {
    outcomes.put(partition, outcome);
    if (outcome.failure() != null) {
      fail(outcome.failure().exception());
    }
  }

  /** Ends the job; the first reason counts. */
  private synchronized void fail(ReverseEtlException e) {
    if (failure == null) {
      failure = e;
    }
    ended.countDown();
  }

  private synchronized @Nullable Object answered(Try<BoxedUnit> how) {
    answer = how;
    ended.countDown();
    return null;
  }

  private synchronized Results results() {
    if (failure != null) {
      throw failure;
    }
    if (answer != null && answer.isFailure()) {
      throw failed(answer.failed().get());
    }
    List<String> results = new ArrayList<>();
    boolean only = !Workers.speculates(spark.getConf());
    for (Outcome outcome : outcomes.values()) {
      results.add(String.valueOf(outcome.result()));
      only &= outcome.firstAttempt();
    }
    return new Results(results, only);
  }

  private ReverseEtlException failed(Throwable thrown) {
    return typed(thrown)
        .orElseGet(
            () ->
                new SparkJobException(
                    what
                        + " was given up by Spark; its cause says why. Nothing is lost: mend that,"
                        + " and run it again.",
                    thrown));
  }

  private static Optional<ReverseEtlException> typed(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof TaskFailure task) {
        ReverseEtlException made = task.exception();
        made.addSuppressed(thrown);
        return Optional.of(made);
      }
    }
    return Optional.empty();
  }
}
