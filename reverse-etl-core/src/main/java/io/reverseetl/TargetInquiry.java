package io.reverseetl;

import io.reverseetl.document.DocumentSink;
import io.reverseetl.document.TargetDescription;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Asks a sink what its target is while the calling thread does something else: connecting takes as
 * long as opening a table does. Apart from that, belongs to one thread.
 */
final class TargetInquiry implements AutoCloseable {
  private final FutureTask<TargetDescription> answer;
  private final Thread thread;
  private boolean told;

  private TargetInquiry(DocumentSink sink, String pipeline) {
    answer = new FutureTask<>(sink::describe);
    thread = new Thread(answer, "reverse-etl-" + pipeline + "-connect");
    thread.setDaemon(true);
  }

  /** Begins to ask. */
  static TargetInquiry begin(Pipeline pipeline) {
    TargetInquiry inquiry = new TargetInquiry(pipeline.sink(), pipeline.name());
    inquiry.thread.start();
    return inquiry;
  }

  /**
   * Waits for the answer. An interrupt is handed on to the thread that asks; what then comes of it,
   * an answer or an exception, is the outcome, and the calling thread stays interrupted.
   */
  TargetDescription answer() {
    told = true;
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return answer.get();
        } catch (InterruptedException e) {
          interrupted = true;
          thread.interrupt();
        }
      }
    } catch (ExecutionException e) {
      throw unchecked(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static RuntimeException unchecked(@Nullable Throwable failure) {
    if (failure instanceof RuntimeException e) {
      return e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    return new IllegalStateException(failure);
  }

  /**
   * Waits until nobody uses the sink any more. Throws what the sink threw, if nobody was told; so
   * an exception that makes the caller leave early keeps it as suppressed.
   */
  @Override
  public void close() {
    if (!told) {
      answer();
    }
  }
}
