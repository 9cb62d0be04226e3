package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
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

  /** After so many, with pauses between them, it is no race but somebody's mistake. */
  private static final int MAX_RACES = 100;

  private final CosmosAsyncContainer container;
  private final SinkOptions options;
  private final DocumentCheck check;
  private final Course course;
  private final FlightGate gate;
  private final BatchPace pace;
  private final Emitter emitter;
  private final Signals signals = new Signals();
  private final SessionCounters counters = new SessionCounters();
  private final Watchdog watchdog = new Watchdog();
  private final RetryLog retryLog = new RetryLog(LOG);
  private final ConcurrentHashMap<DocumentKey, InFlight> inFlight = new ConcurrentHashMap<>();
  private final Queue<InFlight> parked = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable WriteException> failure = new AtomicReference<>();
  private volatile boolean closed;

  private volatile long lastAnswer = System.nanoTime();
  private volatile boolean rescued;

  CosmosWriteSession(
      CosmosAsyncContainer container,
      SinkOptions options,
      ContainerReader.Facts facts,
      int ranges,
      BatchPace pace,
      SlowStart start) {
    List<String> partitionKeyPaths = facts.target().partitionKeyPaths();
    this.container = container;
    this.options = options;
    this.check = new DocumentCheck(partitionKeyPaths);
    this.course = new Course(facts.uniqueKeys(), new FieldSteps(partitionKeyPaths));
    this.gate =
        new FlightGate(options.maxInFlightOperations(ranges), options.maxInFlightBytes(), start);
    this.pace = pace;
    this.emitter = new Emitter(container, options, pace, this);
  }

  @Override
  public void write(DocumentOperation operation, WriteCallback callback)
      throws InterruptedException {
    checkUsable();
    Rejection rejection = check.check(operation);
    if (rejection != null) {
      counters.rejected.increment();
      callback.rejected(operation, rejection, 0);
      return;
    }
    InFlight next = new InFlight(operation, course.first(operation), callback);
    int weight = next.weight();
    if (!gate.tryEnter(weight)) {
      if (gate.shallLeaveNow()) {
        emitter.roll();
      }
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
  public void succeeded(Run run, InFlight operation, double requestUnits, @Nullable Found found) {
    if (!operation.takeFrom(run)) {
      return; // Too late: it was given to another run.
    }
    answered();
    charge(operation, requestUnits);
    pace.learn(requestUnits);
    go(operation, Course.Outcome.DONE, found, null);
  }

  @Override
  public void failed(Run run, InFlight operation, Answer answer) {
    if (!operation.takeFrom(run)) {
      return;
    }
    answered();
    charge(operation, answer.requestUnits());
    watchdog.saw(run, answer);
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
    Verdict verdict = Verdict.of(answer);
    switch (verdict) {
      case DONE -> go(operation, Course.Outcome.DONE, null, answer);
      case MISSING -> go(operation, Course.Outcome.MISSING, null, answer);
      case EXISTS -> go(operation, Course.Outcome.EXISTS, null, answer);
      case UNMET -> go(operation, Course.Outcome.UNMET, null, answer);
      case TOO_LARGE, INVALID, PARTITION_FULL -> reject(operation, verdict.rejection(answer));
      case RETRY, THROTTLED, ISOLATE -> retry(operation, verdict, answer);
      default -> fail(verdict, answer, operation.attempts + 1);
    }
  }

  /** Goes on with an operation whose request was answered for good. */
  private void go(
      InFlight operation, Course.Outcome outcome, @Nullable Found found, @Nullable Answer answer) {
    Course.Step step = course.after(operation.operation, operation.request, outcome, found);
    if (step instanceof Course.Step.Done) {
      end(operation, true, null);
    } else if (step instanceof Course.Step.Unchanged) {
      end(operation, false, null);
    } else if (step instanceof Course.Step.Next next) {
      next(operation, next);
    } else if (answer == null) {
      fail(Verdict.FATAL, Answer.none(), operation.attempts + 1);
    } else if (step instanceof Course.Step.Missing) {
      reject(operation, Verdict.MISSING.rejection(answer));
    } else if (step instanceof Course.Step.Conflict) {
      if (operation.conflicted) {
        reject(operation, Verdict.EXISTS.rejection(answer));
      } else {
        park(operation);
      }
    } else if (outcome == Course.Outcome.UNMET) {
      reject(operation, Verdict.UNMET.rejection(answer));
    } else if (outcome == Course.Outcome.MISSING) {
      // An upsert can race with the expiry of the document.
      retry(operation, Verdict.RETRY, answer);
    } else {
      fail(Verdict.FATAL, answer, operation.attempts + 1);
    }
  }

  private void next(InFlight operation, Course.Step.Next next) {
    operation.request = next.request();
    operation.attempts = 0;
    if (!next.raced()) {
      emitter.emit(operation);
      return;
    }
    operation.races++;
    if (operation.races >= MAX_RACES) {
      fail(
          new WriteException(
              "A document of container "
                  + name()
                  + " was changed by somebody else before each of "
                  + operation.races
                  + " attempts to write it. See who writes there, and run again.",
              null));
      return;
    }
    counters.retried.increment();
    emitter.emitAfter(options.backoff().before(operation.races, Duration.ZERO), operation);
  }

  private void retry(InFlight operation, Verdict verdict, Answer answer) {
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
    operation.request = course.first(operation.operation);
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

  private void reject(InFlight operation, Rejection rejection) {
    end(operation, false, rejection);
  }

  private void end(InFlight operation, boolean changed, @Nullable Rejection rejection) {
    if (isOver()) {
      return;
    }
    try {
      if (rejection != null) {
        counters.rejected.increment();
        operation.callback.rejected(operation.operation, rejection, operation.requestUnits);
      } else if (changed) {
        counters.written(operation.operation);
        operation.callback.written(operation.operation, operation.requestUnits);
      } else {
        counters.unchanged.increment();
        operation.callback.unchanged(operation.operation, operation.requestUnits);
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
    if (isStalled()) {
      stalled();
    }
  }

  /** Nothing is answered for long, and something was sent that long ago and waits for an answer. */
  private boolean isStalled() {
    long nanos = options.stallTimeout().toNanos();
    if (!isIdleFor(nanos)) {
      return false;
    }
    long now = System.nanoTime();
    for (InFlight operation : inFlight.values()) {
      if (!operation.parked && now - operation.sentNanos > nanos) {
        return true;
      }
    }
    return false;
  }

  private synchronized void stalled() {
    if (isOver() || !isStalled()) {
      return;
    }
    if (rescued) {
      fail(
          new WriteException(
              "Container "
                  + name()
                  + " has not answered for "
                  + options.stallTimeout().multipliedBy(2)
                  + ", though everything was sent twice. See to the network and the service's"
                  + " health, and run again. "
                  + watchdog.describe(inFlight.values()),
              null));
      return;
    }
    LOG.warn(
        "No answer for {}; sending everything again. {}",
        options.stallTimeout(),
        watchdog.describe(inFlight.values()));
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
            // The text of a failed single request names the document.
            answer.scope() == Answer.Scope.BATCH ? answer.error() : null));
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
