package io.reverseetl.spark;

import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.ReverseEtlException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.StageInfo;

/**
 * Counts the processes in which writing tasks of one job are running, and complains when there are
 * more than the budget has parts. Also complains when a task that reads for a shuffle says that
 * another attempt is of no use. Called by Spark, one event after the other.
 */
final class WorkerWatch extends SparkListener {
  /** The property of a job that tells its run. */
  static final String RUN = "reverse-etl.run";

  private final String run = UUID.randomUUID().toString();
  private final int most;
  private final Consumer<ReverseEtlException> complain;
  private final Set<Integer> reading = new HashSet<>();
  private final Set<Integer> writing = new HashSet<>();
  private final Map<String, Set<Long>> tasks = new HashMap<>();

  WorkerWatch(int most, Consumer<ReverseEtlException> complain) {
    this.most = most;
    this.complain = complain;
  }

  String run() {
    return run;
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted event) {
    Properties properties = event.properties();
    if (properties != null && run.equals(properties.getProperty(RUN))) {
      StageInfo stage = event.stageInfo();
      (stage.shuffleDepId().isDefined() ? reading : writing).add(stage.stageId());
    }
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart event) {
    if (!writing.contains(event.stageId())) {
      return;
    }
    tasks
        .computeIfAbsent(event.taskInfo().executorId(), executor -> new HashSet<>())
        .add(event.taskInfo().taskId());
    if (tasks.size() > most) {
      complain.accept(tooMany(most, tasks.size()));
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd event) {
    if (reading.contains(event.stageId())
        && event.reason() instanceof ExceptionFailure failure
        && failure.exception().isDefined()
        && failure.exception().get() instanceof TaskFailure task
        && task.isFinal()) {
      complain.accept(task.exception());
    }
    tasks.computeIfPresent(
        event.taskInfo().executorId(),
        (executor, running) -> {
          running.remove(event.taskInfo().taskId());
          return running.isEmpty() ? null : running;
        });
  }

  private static ConfigurationException tooMany(int most, int seen) {
    return new ConfigurationException(
        seen
            + " executors work at once, but the budget of request units is divided among "
            + most
            + ". Nothing is lost: say Workers.atMost("
            + seen
            + ") or more, or bound the executors, and run it again.");
  }
}
