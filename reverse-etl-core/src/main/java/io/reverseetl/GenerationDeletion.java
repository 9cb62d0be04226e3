package io.reverseetl;

import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.Rejection;
import io.reverseetl.document.SharedDocumentSink;
import io.reverseetl.exceptions.WriteException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the documents of a generation that lies among others, on the way that all operations
 * take, so that the limiter is asked for each. Used once, by one thread.
 */
final class GenerationDeletion implements WritePath.Owner {
  private final Pipeline generation;
  private final String id;
  private final BooleanSupplier mustStop;
  private final AtomicReference<@Nullable WriteException> refused = new AtomicReference<>();
  private boolean stopped;

  GenerationDeletion(Pipeline generation, String id, BooleanSupplier mustStop) {
    this.generation = generation;
    this.id = id;
    this.mustStop = mustStop;
  }

  /**
   * Deletes, if there is anything to delete one by one.
   *
   * @param checkMayWrite throws once another runner is at work
   * @return false if it was stopped or interrupted, and some are left
   */
  boolean run(Runnable checkMayWrite) {
    if (!(generation.sink() instanceof SharedDocumentSink shared)) {
      return true;
    }
    try (WritePath writes = new WritePath(generation, checkMayWrite)) {
      shared.keys(key -> refused.get() == null && delete(writes, key));
      writes.flush();
    } catch (InterruptedException e) {
      endByInterrupt();
    }
    WriteException rejection = refused.get();
    if (rejection != null) {
      throw rejection;
    }
    return !stopped;
  }

  private boolean delete(WritePath writes, DocumentKey key) {
    if (mustStop.getAsBoolean()) {
      stopped = true;
      return false;
    }
    try {
      writes.write(new DocumentOperation.Delete(key, 0), this);
      return true;
    } catch (InterruptedException e) {
      endByInterrupt();
      return false;
    }
  }

  private void endByInterrupt() {
    Thread.currentThread().interrupt();
    stopped = true;
  }

  // ---- the sink's threads ----

  @Override
  public void durable(DocumentOperation operation) {}

  @Override
  public void rejected(DocumentOperation operation, Rejection rejection) {
    refused.compareAndSet(
        null,
        new WriteException(
            "A document of generation "
                + id
                + " cannot be deleted: "
                + rejection.message()
                + " Run again; the rest is deleted then.",
            rejection.statusCode() == 0 ? null : rejection.statusCode(),
            null));
  }
}
