package io.reverseetl;

import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.Rejection;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.reduce.Reduced;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Sends what a range of commits comes to for its documents, and sets aside what the target refuses
 * for ever. Called by one thread; answers come on any.
 */
final class ReducedWriter implements WritePath.Owner {
  private final Pipeline pipeline;
  private final OperationMaker operations;
  private final WritePath writes;
  private final RejectedRows rejectedRows;
  private final Runnable beforeFirstWrite;
  private final Predicate<DocumentOperation> triesAgain;
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

  private boolean begun;
  private long upserts;
  private long deletes;
  private long unchanged;
  private long unchangedBytes;

  /**
   * A writer.
   *
   * @param beforeFirstWrite is called before the first operation is sent
   * @param triesAgain is asked, on any thread, about an operation that another document's unique
   *     value is in the way of: whether it takes care of it, or it is to be set aside
   */
  ReducedWriter(
      Pipeline pipeline,
      OperationMaker operations,
      WritePath writes,
      RejectedRows rejectedRows,
      Runnable beforeFirstWrite,
      Predicate<DocumentOperation> triesAgain) {
    this.pipeline = pipeline;
    this.operations = operations;
    this.writes = writes;
    this.rejectedRows = rejectedRows;
    this.beforeFirstWrite = beforeFirstWrite;
    this.triesAgain = triesAgain;
  }

  /** Writes the document, if it is to stand and is not what it was. */
  void upsert(Reduced result) throws InterruptedException {
    switch (result.kind()) {
      case UPSERT -> {
        upserts++;
        send(operations.upsert(result));
      }
      case UNCHANGED -> {
        if (operations.writesUnchanged()) {
          upserts++;
          send(operations.upsert(result));
        } else {
          unchanged++;
          unchangedBytes += result.upserted().sizeInBytes();
        }
      }
      case DELETE -> {}
    }
  }

  /** Deletes the document, if it is to go. Upserts must have been awaited. */
  void delete(Reduced result) throws InterruptedException {
    if (result.kind() == Reduced.Kind.DELETE) {
      deletes++;
      send(operations.delete(result));
    }
  }

  void send(@Nullable DocumentOperation operation) throws InterruptedException {
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

  /** Waits until everything that was sent has ended. */
  void await() throws InterruptedException {
    writes.flush();
    throwIfFailed();
  }

  private void throwIfFailed() {
    RuntimeException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }

  /** Whether an operation was sent. */
  boolean hasBegun() {
    return begun;
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

  // ---- the sink's threads ----

  @Override
  public void durable(DocumentOperation operation) {}

  @Override
  public void rejected(DocumentOperation operation, Rejection rejection) {
    if (rejection.reason() == Rejection.Reason.CONFLICT && triesAgain.test(operation)) {
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
