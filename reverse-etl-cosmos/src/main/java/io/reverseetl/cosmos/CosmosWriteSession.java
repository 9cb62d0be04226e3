package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosDiagnostics;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.Rejection;
import io.reverseetl.document.WriteCallback;
import io.reverseetl.document.WriteSession;
import io.reverseetl.document.WriteStatistics;
import io.reverseetl.exceptions.WriteException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes through the client's bulk executor.
 *
 * <p>The session has no thread of its own. Answers arrive on the client's threads and never wait;
 * delays before retries are Reactor's timers; and what needs watching, a batch that is left partly
 * filled or a service that does not answer, is watched by the threads that wait in {@link #write}
 * and {@link #flush}.
 */
final class CosmosWriteSession implements WriteSession, RunListener {
  private static final Logger LOG = LoggerFactory.getLogger(CosmosWriteSession.class);
  private static final long NUDGE_NANOS = Duration.ofMillis(50).toNanos();
  private static final int MAX_DIAGNOSTICS = 4_000;

  private final CosmosAsyncContainer container;
  private final SinkOptions options;
  private final DocumentCheck check;
  private final FlightGate gate;
  private final BatchPace pace;
  private final Emitter emitter;
  private final Signals signals = new Signals();
  private final SessionCounters counters = new SessionCounters();
  private final RetryLog retryLog = new RetryLog(LOG);
  private final ConcurrentHashMap<DocumentKey, InFlight> inFlight = new ConcurrentHashMap<>();
  private final Queue<InFlight> parked = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable WriteException> failure = new AtomicReference<>();
  private volatile boolean closed;

  private volatile long lastAnswer = System.nanoTime();
  private volatile boolean rescued;
  private volatile @Nullable CosmosDiagnostics lastDiagnostics;

  CosmosWriteSession(
      CosmosAsyncContainer container,
      SinkOptions options,
      List<String> partitionKeyPaths,
      int ranges,
      BatchPace pace) {
    this.container = container;
    this.options = options;
    this.check = new DocumentCheck(partitionKeyPaths);
    this.gate = new FlightGate(options.maxInFlightOperations(ranges), options.maxInFlightBytes());
    this.pace = pace;
    this.emitter = new Emitter(container, options, pace, this);
  }

  @Override
  public void write(DocumentOperation operation, WriteCallback callback)
      throws InterruptedException {
    checkUsable();
    if (!(operation instanceof DocumentOperation.Upsert
        || operation instanceof DocumentOperation.Delete)) {
      // Taking one operation for another would be worse than any failure.
      throw new IllegalArgumentException("This sink takes upserts and deletes only.");
    }
    Rejection rejection = check.check(operation);
    if (rejection != null) {
      counters.rejected.increment();
      callback.rejected(operation, rejection, 0);
      return;
    }
    InFlight next = new InFlight(operation, callback);
    int weight = next.weight();
    if (!gate.tryEnter(weight)) {
      signals.await(() -> isOver() || gate.tryEnter(weight), this::watch);
      // If the session is over, who holds permits no longer matters.
      checkUsable();
    }
    boolean registered = false;
    try {
      InFlight earlier;
      while ((earlier = inFlight.putIfAbsent(operation.key(), next)) != null) {
        awaitEnd(earlier);
      }
      registered = true;
    } finally {
      if (!registered && gate.leave(weight)) {
        signals.raise();
      }
    }
    if (gate.operations() == 1) {
      lastAnswer = System.nanoTime(); // Nothing was missing an answer until now.
    }
    emitter.emit(next);
  }

  private void awaitEnd(InFlight earlier) throws InterruptedException {
    earlier.awaited = true;
    signals.await(
        () -> earlier.done || isOver(),
        () -> {
          if (earlier.parked) {
            unpark();
          }
          emitter.rollIfOwner(earlier);
          watch();
        });
    checkUsable();
  }

  @Override
  public void flush() throws InterruptedException {
    checkUsable();
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    List<InFlight> open = new ArrayList<>(inFlight.values());
    emitter.roll();
    List<InFlight> last = new ArrayList<>();
    for (InFlight each : open) {
      awaitFlushed(each, true);
      if (!each.done) {
        last.add(each);
      }
    }
    if (!last.isEmpty()) {
      // Everything else is done, and so may be whatever held their unique values.
      unpark();
      emitter.roll();
      for (InFlight each : last) {
        awaitFlushed(each, false);
      }
    }
    checkUsable();
  }

  private void awaitFlushed(InFlight each, boolean leaveParked) throws InterruptedException {
    if (each.done) {
      return;
    }
    each.awaited = true;
    signals.await(
        () -> each.done || (leaveParked && each.parked) || isOver(),
        () -> {
          if (isIdleFor(NUDGE_NANOS / 2)) {
            emitter.roll(); // Retried operations may have been given to a new run.
          }
          watch();
        });
    checkUsable();
  }

  @Override
  public WriteStatistics statistics() {
    return counters.snapshot();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    emitter.stop();
    signals.raise();
    if (!inFlight.isEmpty()) {
      LOG.debug("Closed with {} operations in flight.", inFlight.size());
    }
    inFlight.clear();
    parked.clear();
  }

  // What answers bring about

  @Override
  public void succeeded(Run run, InFlight operation, double requestUnits) {
    if (!operation.takeFrom(run)) {
      return; // Too late: it was given to another run.
    }
    answered();
    charge(operation, requestUnits);
    pace.learn(requestUnits);
    end(operation, null);
  }

  @Override
  public void failed(Run run, InFlight operation, Answer answer) {
    if (!operation.takeFrom(run)) {
      return;
    }
    answered();
    charge(operation, answer.requestUnits());
    if (answer.diagnostics() != null) {
      lastDiagnostics = answer.diagnostics();
    }
    decide(operation, answer);
  }

  @Override
  public void ended(Run run, @Nullable Throwable error) {
    emitter.forget(run);
    if (isOver()) {
      return;
    }
    Answer answer = error == null ? Answer.none() : Answer.of(Answer.Scope.BATCH, error);
    int open = 0;
    for (InFlight operation : inFlight.values()) {
      if (operation.takeFrom(run)) {
        open++;
        decide(operation, answer);
      }
    }
    if (open > 0) {
      LOG.warn("A bulk call ended ({}) before {} operations were answered.", answer.code(), open);
    } else if (error != null) {
      LOG.debug("A bulk call ended ({}) with nothing open.", answer.code());
    }
  }

  private void decide(InFlight operation, Answer answer) {
    Verdict verdict = Verdict.of(operation.operation, answer);
    switch (verdict) {
      case DONE -> end(operation, null);
      case TOO_LARGE, INVALID, PRECONDITION, PARTITION_FULL ->
          end(operation, verdict.rejection(answer));
      case CONFLICT -> {
        if (operation.conflicted) {
          end(operation, verdict.rejection(answer));
        } else {
          park(operation);
        }
      }
      case RETRY, THROTTLED, ISOLATE -> {
        if (verdict == Verdict.THROTTLED) {
          counters.throttled.increment();
          if (!tellThrottled(operation, answer)) {
            return;
          }
        }
        operation.attempts++;
        if (operation.attempts >= options.maxAttempts()) {
          fail(verdict, answer, operation.attempts);
          return;
        }
        counters.retried.increment();
        retryLog.retried(answer);
        if (verdict == Verdict.ISOLATE) {
          emitter.emitAlone(operation);
        } else {
          emitter.emitAfter(
              options.backoff().before(operation.attempts, answer.retryAfter()), operation);
        }
      }
      default -> fail(verdict, answer, operation.attempts + 1);
    }
  }

  private boolean tellThrottled(InFlight operation, Answer answer) {
    try {
      operation.callback.throttled(operation.operation, answer.retryAfter());
      return true;
    } catch (RuntimeException | Error e) {
      fail(new WriteException("A callback of a write session threw an exception.", e));
      return false;
    }
  }

  private void park(InFlight operation) {
    operation.conflicted = true;
    counters.retried.increment();
    operation.parked = true;
    parked.add(operation);
    if (operation.awaited) {
      signals.raise();
    }
  }

  private void unpark() {
    InFlight operation;
    while ((operation = parked.poll()) != null) {
      operation.parked = false;
      emitter.emit(operation);
    }
  }

  private void charge(InFlight operation, double requestUnits) {
    operation.requestUnits += requestUnits;
    counters.requestUnits.add(requestUnits);
  }

  private void end(InFlight operation, @Nullable Rejection rejection) {
    if (isOver()) {
      return;
    }
    try {
      if (rejection == null) {
        counters.written(operation.operation);
        operation.callback.written(operation.operation, operation.requestUnits);
      } else {
        counters.rejected.increment();
        operation.callback.rejected(operation.operation, rejection, operation.requestUnits);
      }
    } catch (RuntimeException | Error e) {
      fail(new WriteException("A callback of a write session threw an exception.", e));
      return;
    }
    operation.done = true;
    inFlight.remove(operation.operation.key(), operation);
    if (gate.leave(operation.weight()) || operation.awaited) {
      signals.raise();
    }
  }

  private void answered() {
    lastAnswer = System.nanoTime();
    if (rescued) {
      rescued = false;
    }
  }

  // What waiting threads watch

  private boolean isIdleFor(long nanos) {
    return System.nanoTime() - lastAnswer > nanos;
  }

  private void watch() {
    if (isOver() || !isIdleFor(NUDGE_NANOS)) {
      return;
    }
    // Nothing comes back: perhaps all that is in flight waits in batches that are not full, or for
    // a flush that the waiting writer cannot call.
    emitter.roll();
    if (parked.size() >= inFlight.size()) {
      unpark();
    }
    if (isIdleFor(options.stallTimeout().toNanos()) && !inFlight.isEmpty()) {
      stalled();
    }
  }

  private synchronized void stalled() {
    if (isOver() || !isIdleFor(options.stallTimeout().toNanos())) {
      return;
    }
    if (rescued) {
      CosmosDiagnostics diagnostics = lastDiagnostics;
      String text = diagnostics == null ? "none" : diagnostics.toString();
      fail(
          new WriteException(
              "Container "
                  + name()
                  + " has answered none of "
                  + inFlight.size()
                  + " operations for "
                  + options.stallTimeout().multipliedBy(2)
                  + ", though they were sent twice. See to the network and the service's health, and"
                  + " run again. Last diagnostics: "
                  + text.substring(0, Math.min(text.length(), MAX_DIAGNOSTICS)),
              null));
      return;
    }
    LOG.warn(
        "No answer for {} with {} operations in flight; sending them again.",
        options.stallTimeout(),
        inFlight.size());
    lastAnswer = System.nanoTime();
    rescued = true;
    List<InFlight> again = new ArrayList<>();
    for (Run run : emitter.abandon()) {
      for (InFlight operation : inFlight.values()) {
        if (operation.takeFrom(run)) {
          again.add(operation);
        }
      }
      run.cancel();
    }
    counters.retried.add(again.size());
    again.forEach(emitter::emit);
  }

  // How it ends

  private void fail(Verdict verdict, Answer answer, int attempts) {
    fail(
        new WriteException(
            "Cannot write to container "
                + name()
                + ": the answer was "
                + answer.code()
                + " (activity id "
                + answer.activityId()
                + ") after "
                + attempts
                + (attempts == 1 ? " attempt. " : " attempts. ")
                + verdict.advice(),
            answer.status() == 0 ? null : answer.status(),
            answer.error()));
  }

  private void fail(WriteException e) {
    if (failure.compareAndSet(null, e)) {
      emitter.stop();
      signals.raise();
    }
  }

  private boolean isOver() {
    return closed || failure.get() != null;
  }

  private void checkUsable() {
    if (closed) {
      throw new IllegalStateException("The write session is closed.");
    }
    WriteException e = failure.get();
    if (e != null) {
      // A new one for each caller, whose stack trace says who was told.
      throw new WriteException(
          String.valueOf(e.getMessage()),
          e.statusCode().orElse(null),
          e.getCause() == null ? e : e.getCause());
    }
  }

  private String name() {
    return "\"" + container.getId() + "\" of database \"" + container.getDatabase().getId() + "\"";
  }
}
