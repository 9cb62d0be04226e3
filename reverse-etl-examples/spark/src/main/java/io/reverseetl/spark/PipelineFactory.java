package io.reverseetl.spark;

import java.io.Serializable;

/**
 * Makes the same pipeline in every process of a Spark application. It is sent to the executors by
 * Java serialisation: a record of texts and numbers will do, while clients, sources and sinks are
 * made by {@link #open}. Tokens and keys do not belong into it, as Spark keeps it in task binaries;
 * let each process get its own, from its identity or environment.
 *
 * <pre>{@code
 * record ProductPipelines(String table, String endpoint) implements PipelineFactory {
 *   public OpenPipeline open(BudgetShare share) { ... }
 * }
 * }</pre>
 *
 * <p>May be called by several threads, for different runs.
 */
@FunctionalInterface
public interface PipelineFactory extends Serializable {

  /**
   * Makes the pipeline. Called once for each run in the driver and in each executor process,
   * however many tasks that runs; so one client and one limiter serve all of them.
   *
   * @param share which part of the budget of request units this process has. A limiter that is made
   *     with {@link BudgetShare#of} keeps all processes together within the whole
   * @return the pipeline with what has to be closed after it. The checkpoint store and the dead
   *     letter sink must be the same ones in all processes, so no local folder
   * @throws Exception if it cannot be made; in an executor the task fails then, and Spark tries it
   *     again
   */
  OpenPipeline open(BudgetShare share) throws Exception;
}
