package io.reverseetl.spark;

import io.reverseetl.ChangeRunner;
import java.io.Serializable;

/**
 * Which runner of changes a task uses in its process.
 *
 * @param run the same for all tasks of a poll
 * @param factory makes the pipeline
 * @param share of the budget
 */
record RunnerOf(String run, PipelineFactory factory, BudgetShare share) implements Serializable {
  ExecutorPipelines.Use<ChangeRunner> use() throws Exception {
    return ExecutorPipelines.ofThisProcess()
        .use(run, factory, share, ChangeRunner.class, open -> ChangeRunner.of(open.pipeline()));
  }
}
