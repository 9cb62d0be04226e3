package io.reverseetl.spark;

import io.reverseetl.exceptions.ReverseEtlException;
import java.io.Serializable;
import org.apache.spark.TaskContext;
import scala.Function1;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A task of a job, as Spark sends it to executors.
 *
 * @param <T> the elements of its partition
 */
final class SparkTask<T> implements Function1<Iterator<T>, Outcome>, Serializable {
  private static final long serialVersionUID = 1L;

  /**
   * What is done with a partition.
   *
   * @param <T> its elements
   */
  interface Work<T> extends Serializable {
    /** Gives the result as JSON. */
    String run(java.util.Iterator<T> elements) throws Exception;
  }

  private final Work<T> work;

  SparkTask(Work<T> work) {
    this.work = work;
  }

  @Override
  public Outcome apply(Iterator<T> elements) {
    TaskContext context = TaskContext.get();
    boolean first = context.attemptNumber() == 0 && context.stageAttemptNumber() == 0;
    try {
      return new Outcome(work.run(CollectionConverters.asJava(elements)), null, first);
    } catch (ReverseEtlException e) {
      TaskFailure failure = TaskFailure.of(e);
      if (failure.isFinal()) {
        return new Outcome(null, failure, first);
      }
      throw failure;
    } catch (InterruptedException e) {
      // Spark has killed the task, and takes any exception for that.
      Thread.currentThread().interrupt();
      throw new IllegalStateException("The task was interrupted.", e);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("The task failed: " + e, e);
    }
  }
}
