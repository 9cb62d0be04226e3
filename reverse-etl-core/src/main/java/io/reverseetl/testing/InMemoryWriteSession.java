package io.reverseetl.testing;

import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.Rejection;
import io.reverseetl.document.WriteCallback;
import io.reverseetl.document.WriteSession;
import io.reverseetl.document.WriteStatistics;
import io.reverseetl.exceptions.WriteException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A session of the in-memory sink. Every field is guarded by the sink's lock. */
final class InMemoryWriteSession implements WriteSession {
  private final InMemoryDocumentSink sink;
  private final List<String> partitionKeyPaths;
  private final Map<DocumentKey, Pending> inFlight = new LinkedHashMap<>();
  private @Nullable WriteException failure;
  private boolean closed;
  private long upserted;
  private long deleted;
  private long unchanged;
  private long rejected;
  private long throttled;
  private double requestUnits;

  InMemoryWriteSession(InMemoryDocumentSink sink, List<String> partitionKeyPaths) {
    this.sink = sink;
    this.partitionKeyPaths = partitionKeyPaths;
  }

  /** An operation that was handed over and has not ended. */
  final class Pending {
    final DocumentOperation operation;
    final WriteCallback callback;
    boolean claimed;

    Pending(DocumentOperation operation, WriteCallback callback) {
      this.operation = operation;
      this.callback = callback;
    }

    DocumentKey key() {
      return operation.key();
    }

    Pending claim() {
      claimed = true;
      return this;
    }

    /** Lets it take effect. Called without the lock, so that the callback is too. */
    void complete() {
      Rejection rejection = null;
      boolean changes = true;
      double cost;
      boolean slowDown;
      sink.lock.lock();
      try {
        if (failure == null) {
          failure = sink.crash();
        }
        if (failure != null || closed) {
          leave(this);
          return;
        }
        slowDown = sink.throttlesNext();
        if (slowDown) {
          throttled++;
        }
        rejection = WriteRules.check(operation, partitionKeyPaths);
        if (rejection == null) {
          rejection = sink.refusal(operation);
        }
        cost = sink.cost(operation);
        requestUnits += cost;
        if (rejection == null) {
          Effects.Effect effect = sink.apply(operation);
          rejection = effect.rejection();
          changes = !effect.isUnchanged();
        }
        if (rejection != null) {
          rejected++;
        } else if (!changes) {
          unchanged++;
        } else if (operation.deletes()) {
          deleted++;
        } else {
          upserted++;
        }
      } finally {
        sink.lock.unlock();
      }
      try {
        if (slowDown) {
          callback.throttled(operation, Duration.ZERO);
        }
        if (rejection != null) {
          callback.rejected(operation, rejection, cost);
        } else if (changes) {
          callback.written(operation, cost);
        } else {
          callback.unchanged(operation, cost);
        }
      } finally {
        sink.lock.lock();
        try {
          leave(this);
        } finally {
          sink.lock.unlock();
        }
      }
    }
  }

  @Override
  public void write(DocumentOperation operation, WriteCallback callback)
      throws InterruptedException {
    Pending pending = new Pending(operation, callback);
    boolean atOnce;
    sink.lock.lockInterruptibly();
    try {
      check();
      while (inFlight.containsKey(operation.key())
          || inFlight.size() >= sink.maxInFlightOperations()) {
        sink.changed.await();
        check();
      }
      failure = sink.crash();
      check();
      atOnce = !sink.isManual();
      pending.claimed = atOnce;
      inFlight.put(operation.key(), pending);
      sink.entered(pending);
    } finally {
      sink.lock.unlock();
    }
    if (atOnce) {
      pending.complete();
    }
  }

  @Override
  public void flush() throws InterruptedException {
    sink.lock.lockInterruptibly();
    try {
      check();
      Set<Pending> before = new HashSet<>(inFlight.values());
      while (inFlight.values().stream().anyMatch(before::contains)) {
        sink.changed.await();
        check();
      }
      failure = sink.crash();
      check();
    } finally {
      sink.lock.unlock();
    }
  }

  @Override
  public WriteStatistics statistics() {
    sink.lock.lock();
    try {
      return new WriteStatistics(
          upserted, deleted, unchanged, rejected, throttled, throttled, requestUnits);
    } finally {
      sink.lock.unlock();
    }
  }

  @Override
  public void close() {
    sink.lock.lock();
    try {
      if (!closed) {
        closed = true;
        for (Pending pending : List.copyOf(inFlight.values())) {
          leave(pending);
        }
        sink.sessionClosed();
      }
    } finally {
      sink.lock.unlock();
    }
  }

  private void leave(Pending pending) {
    pending.claimed = true;
    inFlight.remove(pending.key(), pending);
    sink.left(pending);
  }

  private void check() {
    if (closed) {
      throw new IllegalStateException("The session is closed.");
    }
    if (failure != null) {
      throw new WriteException(
          failure.getMessage() == null ? "The session failed." : failure.getMessage(),
          failure.statusCode().orElse(null),
          failure);
    }
  }
}
