package io.reverseetl.spark;

import io.reverseetl.exceptions.ConfigurationException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/**
 * Counts the processes in which tasks of one job are running, and complains when there are more
 * than the budget has parts. Called by Spark, one event after the other.
 */
final class WorkerWatch extends SparkListener {
  /** The property of a job that tells its run. */
  static final String RUN = "reverse-etl.run";

  private final String run = UUID.randomUUID().toString();
  private final int most;
  private final Consumer<ConfigurationException> tooMany;
  private final Set<Integer> stages = new HashSet<>();
  private final Map<String, Set<Long>> tasks = new HashMap<>();

  WorkerWatch(int most, Consumer<ConfigurationException> tooMany) {
    this.most = most;
    this.tooMany = tooMany;
  }

  String run() {
    return run;
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted event) {
    Properties properties = event.properties();
    if (properties != null && run.equals(properties.getProperty(RUN))) {
      stages.add(event.stageInfo().stageId());
    }
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart event) {
    if (!stages.contains(event.stageId())) {
      return;
    }
    tasks
        .computeIfAbsent(event.taskInfo().executorId(), executor -> new HashSet<>())
        .add(event.taskInfo().taskId());
    if (tasks.size() > most) {
      tooMany.accept(SparkJob.tooMany(most, tasks.size()));
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd event) {
    tasks.computeIfPresent(
        event.taskInfo().executorId(),
        (executor, running) -> {
          running.remove(event.taskInfo().taskId());
          return running.isEmpty() ? null : running;
        });
  }
}
