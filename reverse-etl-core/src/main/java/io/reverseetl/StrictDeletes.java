package io.reverseetl;

import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.Rejection;
import io.reverseetl.exceptions.WriteException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Sends deletes of which none may be refused: they have no row that could be set aside. The first
 * refusal ends the sending. One thread sends.
 */
final class StrictDeletes implements WritePath.Owner {
  private final WritePath writes;
  private final String refusal;
  private final AtomicReference<@Nullable WriteException> failure = new AtomicReference<>();

  /**
   * Deletes of one kind.
   *
   * @param refusal how the message begins if one is refused
   */
  StrictDeletes(WritePath writes, String refusal) {
    this.writes = writes;
    this.refusal = refusal;
  }

  /**
   * Sends one.
   *
   * @throws WriteException if one of those before was refused
   */
  void send(DocumentOperation operation) throws InterruptedException {
    throwIfRefused();
    writes.write(operation, this);
  }

  /**
   * Waits until all have ended.
   *
   * @throws WriteException if one was refused
   */
  void end() throws InterruptedException {
    writes.flush();
    throwIfRefused();
  }

  private void throwIfRefused() {
    WriteException refused = failure.get();
    if (refused != null) {
      throw refused;
    }
  }

  // ---- the sink's threads ----

  @Override
  public void durable(DocumentOperation operation) {}

  @Override
  public void rejected(DocumentOperation operation, Rejection rejection) {
    failure.compareAndSet(
        null,
        new WriteException(
            refusal + ": " + rejection.message(),
            rejection.statusCode() == 0 ? null : rejection.statusCode(),
            null));
  }
}
