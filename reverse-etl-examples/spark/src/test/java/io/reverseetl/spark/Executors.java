package io.reverseetl.spark;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** What executors did since the last {@link #forget}. */
final class Executors extends SparkListener {
  private final Set<String> worked = new HashSet<>();
  private final Set<String> lost = new HashSet<>();
  private final List<String> failures = new ArrayList<>();

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd event) {
    if (event.taskInfo().successful()) {
      worked.add(event.taskInfo().executorId());
    } else {
      failures.add(event.reason().toString());
    }
  }

  @Override
  public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved event) {
    lost.add(event.executorId());
  }

  synchronized void forget() {
    worked.clear();
    lost.clear();
    failures.clear();
  }

  /** The executors on which tasks succeeded. */
  Set<String> worked(SparkContext spark) {
    return told(spark, worked);
  }

  /** The executors that are gone. */
  Set<String> lost(SparkContext spark) {
    return told(spark, lost);
  }

  /** Why attempts failed. */
  List<String> failures(SparkContext spark) {
    caughtUp(spark);
    synchronized (this) {
      return List.copyOf(failures);
    }
  }

  private Set<String> told(SparkContext spark, Set<String> what) {
    caughtUp(spark);
    synchronized (this) {
      return Set.copyOf(what);
    }
  }

  /** Waits until Spark has told everything that happened. */
  static void caughtUp(SparkContext spark) {
    try {
      spark.listenerBus().waitUntilEmpty();
    } catch (TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }
}
