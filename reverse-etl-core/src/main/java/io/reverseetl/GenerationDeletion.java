package io.reverseetl;

import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.ReadBudget;
import io.reverseetl.document.SharedDocumentSink;
import io.reverseetl.ratelimit.WriteRateLimiter;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Deletes the documents of a generation that lies among others, on the way that all operations
 * take, so that the limiter is asked for each, and for the pages that name them. Used once, by one
 * thread.
 */
final class GenerationDeletion {
  private final Pipeline generation;
  private final String id;
  private final BooleanSupplier mustStop;
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
   * @throws io.reverseetl.exceptions.WriteException if the target refuses; the next run goes on
   */
  boolean run(Runnable checkMayWrite) {
    if (!(generation.sink() instanceof SharedDocumentSink shared)) {
      return true;
    }
    try (WritePath writes = new WritePath(generation, checkMayWrite)) {
      StrictDeletes deletes =
          new StrictDeletes(writes, "The target refuses to delete a document of generation " + id);
      shared.keys(new Limited(generation.rateLimiter()), key -> delete(deletes, key));
      deletes.end();
    } catch (InterruptedException e) {
      endByInterrupt();
    }
    return !stopped;
  }

  /** What the limiter grants; whatever is asked for, if there is none. */
  private record Limited(Optional<WriteRateLimiter> limiter) implements ReadBudget {
    @Override
    public void acquire(double requestUnits) throws InterruptedException {
      if (limiter.isPresent()) {
        limiter.get().acquire(requestUnits);
      }
    }

    @Override
    public void settle(double difference) {
      limiter.ifPresent(bounding -> bounding.settle(difference));
    }
  }

  private boolean delete(StrictDeletes deletes, DocumentKey key) {
    if (mustStop.getAsBoolean()) {
      stopped = true;
      return false;
    }
    try {
      deletes.send(new DocumentOperation.Delete(key, 0));
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
}
