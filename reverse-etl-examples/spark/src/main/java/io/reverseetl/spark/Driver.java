package io.reverseetl.spark;

/** What load and poll do alike in the driver. */
final class Driver {
  private Driver() {}

  /** The driver's own pipeline. It plans and completes while no task runs. */
  static OpenPipeline open(PipelineFactory factory, BudgetShare share) {
    try {
      return factory.open(share);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new SparkJobException("The factory cannot make the pipeline in the driver.", e);
    }
  }
}
