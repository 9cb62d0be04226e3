package io.reverseetl.cli;

import io.reverseetl.Pipeline;
import io.reverseetl.cosmos.ThroughputPlan;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A pipeline and everything that was opened for it; closes the latter, last opened first. */
final class OpenPipeline implements AutoCloseable {
  private final Pipeline.Builder pipeline;
  private final Deque<AutoCloseable> opened;

  private final @Nullable ThroughputPlan plan;

  private OpenPipeline(
      Pipeline.Builder pipeline, Deque<AutoCloseable> opened, @Nullable ThroughputPlan plan) {
    this.pipeline = pipeline;
    this.plan = plan;
    this.opened = opened;
  }

  /** The pipeline's builder, to which a command may add listeners. */
  Pipeline.Builder pipeline() {
    return pipeline;
  }

  /** What to do with the throughput for a load, if asked for. */
  Optional<ThroughputPlan> plan() {
    return Optional.ofNullable(plan);
  }

  @Override
  public void close() throws Exception {
    Exception failure = null;
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
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

  /** Collects what is opened. */
  static final class Builder {
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private @Nullable ThroughputPlan plan;

    void plan(ThroughputPlan raise) {
      plan = raise;
    }

    <T extends AutoCloseable> T closing(T resource) {
      opened.push(resource);
      return resource;
    }

    /** Closes what was opened before something failed; the failure keeps what that throws. */
    void closeQuietly(Throwable failure) {
      while (!opened.isEmpty()) {
        try {
          opened.pop().close();
        } catch (Exception e) {
          failure.addSuppressed(e);
        }
      }
    }

    OpenPipeline build(Pipeline.Builder pipeline) {
      return new OpenPipeline(pipeline, opened, plan);
    }
  }
}
