package io.reverseetl;

import io.reverseetl.document.DocumentOperation;
import io.reverseetl.reduce.Reduced;
import io.reverseetl.reduce.Reducer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * Writes one reduced range, in steps: first the upserts of every chunk, then the deletes of every
 * chunk, so that a document that moved is to be seen twice for a while, and never not at all. What
 * the target refuses because another document holds a unique value is tried once more at the end,
 * when the deletes have given such values free.
 */
final class RangeWriter {
  static final int STEPS = 2 * Reducer.CHUNKS;

  private static final Duration SAVE_INTERVAL = Duration.ofSeconds(10);

  private record Refused(int step, DocumentOperation operation) {}

  private final Pipeline pipeline;
  private final Reducer reducer;
  private final ReducedWriter writer;
  private final RejectedRows rejectedRows;
  private final IntConsumer save;
  private final BooleanSupplier mustStop;

  private final Queue<Refused> refused = new ConcurrentLinkedQueue<>();
  private volatile boolean lastTry;

  private boolean upsertsAwaited;
  private boolean interrupted;

  /**
   * A writer.
   *
   * @param beforeFirstWrite is called before the first operation is sent
   * @param save saves that so many steps are durable
   * @param mustStop whether to end after the step at hand
   */
  RangeWriter(
      Pipeline pipeline,
      Reducer reducer,
      OperationMaker operations,
      WritePath writes,
      RejectedRows rejectedRows,
      Runnable beforeFirstWrite,
      IntConsumer save,
      BooleanSupplier mustStop) {
    this.pipeline = pipeline;
    this.reducer = reducer;
    this.writer =
        new ReducedWriter(
            pipeline, operations, writes, rejectedRows, beforeFirstWrite, this::triesAgain);
    this.rejectedRows = rejectedRows;
    this.save = save;
    this.mustStop = mustStop;
  }

  /**
   * Writes from a step on, to the end or until it must stop; at least one step that writes.
   *
   * @return how many steps are durable
   */
  int write(int firstStep) {
    Instant nextSave = pipeline.clock().instant().plus(SAVE_INTERVAL);
    int done = firstStep;
    try {
      while (done < STEPS && !(writer.hasBegun() && mustStop.getAsBoolean())) {
        writeStep(done);
        done++;
        if (writer.hasBegun() && done < STEPS && !pipeline.clock().instant().isBefore(nextSave)) {
          nextSave = pipeline.clock().instant().plus(SAVE_INTERVAL);
          writer.await();
          // Steps that count as done are not written again, so neither are their dead letters.
          rejectedRows.flush();
          save.accept(durable(done));
        }
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    awaitUninterrupted();
    if (done == STEPS) {
      tryRefusedAgain();
    }
    rejectedRows.flush();
    return durable(done);
  }

  /** A refused operation that will be tried again is not durable yet. */
  private int durable(int done) {
    return refused.stream().mapToInt(Refused::step).reduce(done, Math::min);
  }

  private void writeStep(int step) throws InterruptedException {
    boolean upserting = step < Reducer.CHUNKS;
    reducer.forEach(
        step % Reducer.CHUNKS,
        upserting,
        result -> {
          if (upserting) {
            writer.upsert(result);
          } else if (result.kind() == Reduced.Kind.DELETE) {
            awaitUpserts();
            writer.delete(result);
          }
        });
  }

  private void awaitUpserts() throws InterruptedException {
    if (!upsertsAwaited) {
      writer.await();
      upsertsAwaited = true;
    }
  }

  private void tryRefusedAgain() {
    List<Refused> again = List.copyOf(refused);
    refused.clear();
    lastTry = true;
    for (Refused one : again) {
      try {
        writer.send(one.operation());
      } catch (InterruptedException e) {
        // It was not sent, so the range is not done.
        interrupted = true;
        refused.add(one);
      }
    }
    awaitUninterrupted();
  }

  private void awaitUninterrupted() {
    for (; ; ) {
      try {
        writer.await();
        return;
      } catch (InterruptedException e) {
        // What is on its way decides what may be saved, so the wait goes on.
        interrupted = true;
      }
    }
  }

  /** Whether an operation that was refused is tried once more. Called on any thread. */
  private boolean triesAgain(DocumentOperation operation) {
    if (lastTry) {
      return false;
    }
    // A later step may give the value free. Until then the step does not count as durable.
    refused.add(new Refused(Reducer.chunkOf(operation.key()), operation));
    return true;
  }

  long upserts() {
    return writer.upserts();
  }

  long deletes() {
    return writer.deletes();
  }

  long unchanged() {
    return writer.unchanged();
  }

  long unchangedBytes() {
    return writer.unchangedBytes();
  }

  boolean wasInterrupted() {
    return interrupted;
  }
}
