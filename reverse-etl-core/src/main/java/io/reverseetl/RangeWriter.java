package io.reverseetl;

import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.Rejection;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.exceptions.WriteException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes one reduced range, in steps: first the upserts of every chunk, then the deletes of every
 * chunk, so that a document that moved is to be seen twice for a while, and never not at all. What
 * the target refuses because another document holds a unique value is tried once more at the end,
 * when the deletes have given such values free.
 */
final class RangeWriter implements WritePath.Owner {
  static final int STEPS = 2 * Reducer.CHUNKS;

  private static final Duration SAVE_INTERVAL = Duration.ofSeconds(10);

  private record Refused(int step, DocumentOperation operation) {}

  private final Pipeline pipeline;
  private final Reducer reducer;
  private final OperationMaker operations;
  private final WritePath writes;
  private final RejectedRows rejectedRows;
  private final Runnable beforeFirstWrite;
  private final IntConsumer save;
  private final BooleanSupplier mustStop;

  private final Queue<Refused> refused = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
  private volatile boolean lastTry;

  private boolean begun;
  private boolean upsertsAwaited;
  private long upserts;
  private long deletes;
  private long unchanged;
  private long unchangedBytes;
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
    this.operations = operations;
    this.writes = writes;
    this.rejectedRows = rejectedRows;
    this.beforeFirstWrite = beforeFirstWrite;
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
      while (done < STEPS && !(begun && mustStop.getAsBoolean())) {
        writeStep(done);
        done++;
        if (begun && done < STEPS && !pipeline.clock().instant().isBefore(nextSave)) {
          nextSave = pipeline.clock().instant().plus(SAVE_INTERVAL);
          await();
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
          switch (result.kind()) {
            case UPSERT -> {
              if (upserting) {
                upserts++;
                send(operations.upsert(result));
              }
            }
            case DELETE -> {
              if (!upserting) {
                awaitUpserts();
                deletes++;
                send(operations.delete(result));
              }
            }
            case UNCHANGED -> {
              if (upserting && operations.writesUnchanged()) {
                upserts++;
                send(operations.upsert(result));
              } else if (upserting) {
                unchanged++;
                unchangedBytes += result.upserted().sizeInBytes();
              }
            }
          }
        });
  }

  private void awaitUpserts() throws InterruptedException {
    if (!upsertsAwaited) {
      await();
      upsertsAwaited = true;
    }
  }

  private void send(@Nullable DocumentOperation operation) throws InterruptedException {
    if (operation == null) {
      return;
    }
    throwIfFailed();
    if (!begun) {
      begun = true;
      beforeFirstWrite.run();
    }
    writes.write(operation, this);
  }

  private void tryRefusedAgain() {
    List<Refused> again = List.copyOf(refused);
    refused.clear();
    lastTry = true;
    for (Refused one : again) {
      try {
        send(one.operation());
      } catch (InterruptedException e) {
        // It was not sent, so the range is not done.
        interrupted = true;
        refused.add(one);
      }
    }
    awaitUninterrupted();
  }

  private void await() throws InterruptedException {
    writes.flush();
    throwIfFailed();
  }

  private void awaitUninterrupted() {
    for (; ; ) {
      try {
        await();
        return;
      } catch (InterruptedException e) {
        // What is on its way decides what may be saved, so the wait goes on.
        interrupted = true;
      }
    }
  }

  private void throwIfFailed() {
    RuntimeException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }

  long upserts() {
    return upserts;
  }

  long deletes() {
    return deletes;
  }

  long unchanged() {
    return unchanged;
  }

  long unchangedBytes() {
    return unchangedBytes;
  }

  boolean wasInterrupted() {
    return interrupted;
  }

  // ---- the sink's threads ----

  @Override
  public void durable(DocumentOperation operation) {}

  @Override
  public void rejected(DocumentOperation operation, Rejection rejection) {
    if (!lastTry && rejection.reason() == Rejection.Reason.CONFLICT) {
      // A later step may give the value free. Until then the step does not count as durable.
      refused.add(new Refused(Reducer.chunkOf(operation.key()), operation));
      return;
    }
    WriteException reason =
        new WriteException(
            "The target will never take a document of commit "
                + operation.sourceVersion()
                + " of pipeline \""
                + pipeline.name()
                + "\": "
                + rejection.message(),
            rejection.statusCode(),
            null);
    try {
      rejectedRows.setAside(operation, "commit " + operation.sourceVersion(), rejection, reason);
    } catch (ReverseEtlException e) {
      failure.compareAndSet(null, e);
    }
  }
}
