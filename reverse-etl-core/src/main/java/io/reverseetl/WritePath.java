package io.reverseetl;

import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.DocumentSink;
import io.reverseetl.document.PacedDocumentSink;
import io.reverseetl.document.Rejection;
import io.reverseetl.document.WriteCallback;
import io.reverseetl.document.WriteSession;
import io.reverseetl.document.WriteStatistics;
import io.reverseetl.ratelimit.WriteRateLimiter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The way of an operation from the pipeline to the sink: the limiter is asked, the sink takes the
 * operation, the charge that comes back corrects the limiter, and the owner is told. Thread-safe.
 */
final class WritePath implements AutoCloseable {

  /** Whoever must know how its operations ended. Called on any thread. */
  interface Owner {
    void durable(DocumentOperation operation);

    void rejected(DocumentOperation operation, Rejection rejection);
  }

  /** How often listeners are told, at most. */
  private static final long TELL_MILLIS = 250;

  private final Runnable checkMayWrite;
  private final WriteSession session;
  private final @Nullable WriteRateLimiter limiter;
  private final RequestUnitEstimator estimator = new RequestUnitEstimator();
  private final InstantSource clock;
  private final PipelineListener listener;
  private final LongAdder bytesWritten = new LongAdder();
  private final AtomicReference<@Nullable Instant> firstWritten = new AtomicReference<>();
  private final AtomicLong tellAt;

  /** What listeners know. Guarded by this. */
  private WriteProgress told = WriteProgress.NONE;

  /**
   * Opens a session.
   *
   * @param checkMayWrite is asked before each operation, and throws once another runner writes
   */
  WritePath(Pipeline pipeline, Runnable checkMayWrite) {
    this.checkMayWrite = checkMayWrite;
    this.limiter = pipeline.rateLimiter().orElse(null);
    this.session = openSession(pipeline.sink(), limiter);
    this.clock = pipeline.clock();
    this.listener = pipeline.listener();
    this.tellAt = new AtomicLong(clock.millis() + TELL_MILLIS);
  }

  private static WriteSession openSession(DocumentSink sink, @Nullable WriteRateLimiter limiter) {
    return limiter != null && sink instanceof PacedDocumentSink paced
        ? paced.openSession(limiter::requestUnitsPerSecond)
        : sink.openSession();
  }

  /**
   * Sends an operation, and waits for the limiter and the sink's back-pressure.
   *
   * @throws InterruptedException if interrupted while waiting; the operation was then not sent, and
   *     its owner is not told
   */
  void write(DocumentOperation operation, Owner owner) throws InterruptedException {
    double estimate = 0;
    if (limiter != null) {
      estimate = estimator.estimate(operation);
      limiter.acquire(estimate);
    }
    boolean sent = false;
    try {
      // Last of all, as the limiter may have made it wait for long.
      checkMayWrite.run();
      session.write(operation, new InFlight(owner, estimate));
      sent = true;
    } finally {
      if (!sent && limiter != null) {
        limiter.settle(-estimate);
      }
    }
    long now = clock.millis();
    long due = tellAt.get();
    if (now >= due && tellAt.compareAndSet(due, now + TELL_MILLIS)) {
      tell();
    }
  }

  void flush() throws InterruptedException {
    session.flush();
    tell();
  }

  private void tell() {
    WriteProgress since;
    synchronized (this) {
      WriteProgress now = WriteProgress.of(session.statistics(), bytesWritten.sum());
      since = now.minus(told);
      told = now;
    }
    if (!since.equals(WriteProgress.NONE)) {
      listener.onWriteProgress(since);
    }
  }

  WriteStatistics statistics() {
    return session.statistics();
  }

  /** What so many upserts would probably cost. */
  double estimateUpserts(long count, long bytes) {
    return estimator.estimateUpserts(count, bytes);
  }

  long bytesWritten() {
    return bytesWritten.sum();
  }

  Optional<Instant> firstWritten() {
    return Optional.ofNullable(firstWritten.get());
  }

  @Override
  public void close() {
    try {
      session.close();
    } finally {
      tell();
    }
  }

  /** One operation on its way. */
  private final class InFlight implements WriteCallback {
    private final Owner owner;
    private final double estimate;

    InFlight(Owner owner, double estimate) {
      this.owner = owner;
      this.estimate = estimate;
    }

    @Override
    public void throttled(DocumentOperation operation, Duration pause) {
      if (limiter != null) {
        limiter.throttled(pause);
      }
      listener.onThrottled(pause);
    }

    @Override
    public void written(DocumentOperation operation, double requestUnits) {
      estimator.learn(operation, requestUnits);
      if (limiter != null) {
        limiter.settle(requestUnits - estimate);
      }
      bytesWritten.add(operation.sizeInBytes());
      if (firstWritten.get() == null) {
        firstWritten.compareAndSet(null, clock.instant());
      }
      owner.durable(operation);
    }

    @Override
    public void rejected(DocumentOperation operation, Rejection rejection, double requestUnits) {
      if (limiter != null) {
        limiter.settle(requestUnits - estimate);
      }
      owner.rejected(operation, rejection);
    }
  }
}
