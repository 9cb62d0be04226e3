package io.reverseetl.spark;

import io.reverseetl.Pipeline;
import io.reverseetl.exceptions.ReverseEtlException;

/** What load and poll do alike in the driver. */
final class Driver {
  private Driver() {}

  /**
   * What is done in the driver.
   *
   * @param <R> its report
   */
  interface Work<R> {
    R with(Pipeline pipeline) throws InterruptedException;
  }

  /** Works with the driver's own pipeline, which plans and completes while no task runs. */
  static <R> R with(PipelineFactory factory, BudgetShare share, Work<R> work)
      throws InterruptedException {
    try (OpenPipeline open = factory.open(share)) {
      return work.with(open.pipeline());
    } catch (InterruptedException | ReverseEtlException | IllegalArgumentException e) {
      throw e;
    } catch (Exception e) {
      throw new SparkJobException(
          "The pipeline of the driver cannot be made or closed; the cause says why. Mend that, and"
              + " run it again.",
          e);
    }
  }
}
