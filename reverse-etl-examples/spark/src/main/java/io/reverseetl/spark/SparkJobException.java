package io.reverseetl.spark;

import io.reverseetl.exceptions.ReverseEtlException;
import org.jspecify.annotations.Nullable;

/**
 * Spark gave a job up, for a reason that is not the library's: executors were lost too often, the
 * context was stopped, a class is missing on the executors, or code of the pipeline threw something
 * of its own. The cause is what Spark said. Nothing is lost: run it again.
 */
public final class SparkJobException extends ReverseEtlException {
  private static final long serialVersionUID = 1L;

  SparkJobException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
