package io.reverseetl.spark;

import io.reverseetl.Pipeline;
import java.util.List;
import java.util.Objects;

/**
 * A pipeline with what was opened for it in this process. Thread-safe; closed by whoever asked the
 * {@link PipelineFactory} for it, which this package does.
 */
public final class OpenPipeline implements AutoCloseable {
  private final Pipeline pipeline;
  private final List<AutoCloseable> resources;
  private boolean closed;

  private OpenPipeline(Pipeline pipeline, List<AutoCloseable> resources) {
    this.pipeline = pipeline;
    this.resources = resources;
  }

  /**
   * A pipeline and its resources.
   *
   * @param pipeline the parts
   * @param resources source, sink, client and the like, in the order in which they were opened;
   *     they are closed in the opposite one
   * @return both together
   */
  public static OpenPipeline of(Pipeline pipeline, AutoCloseable... resources) {
    return new OpenPipeline(Objects.requireNonNull(pipeline, "pipeline"), List.of(resources));
  }

  /**
   * The parts.
   *
   * @return the pipeline
   */
  public Pipeline pipeline() {
    return pipeline;
  }

  /**
   * Closes all resources, also if one of them fails. May be called twice.
   *
   * @throws Exception what the first one that failed threw, with the others suppressed
   */
  @Override
  public synchronized void close() throws Exception {
    if (closed) {
      return;
    }
    closed = true;
    Exception failure = null;
    for (int i = resources.size() - 1; i >= 0; i--) {
      try {
        resources.get(i).close();
      } catch (Exception e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
