package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

/**
 * Gives operations to runs, one at a time, and opens runs as they are needed. Thread-safe; waits
 * for nothing but its own short lock.
 */
final class Emitter {
  private final CosmosAsyncContainer container;
  private final SinkOptions options;
  private final BatchPace pace;
  private final RunListener listener;
  private final Object lock = new Object();

  // Guarded by the lock.
  private final Set<Run> running = new HashSet<>();
  private @Nullable Run bulk;
  private @Nullable Run point;
  private int batchSize = BatchPace.FULL;
  private SinkOptions bulkOptions;
  private boolean stopped;

  Emitter(
      CosmosAsyncContainer container, SinkOptions options, BatchPace pace, RunListener listener) {
    this.container = container;
    this.options = options;
    this.bulkOptions = options;
    this.pace = pace;
    this.listener = listener;
  }

  /** Gives an operation that has no owner to the bulk executor, or reads alone. */
  void emit(InFlight inFlight) {
    Run refused;
    synchronized (lock) {
      refused = emit(inFlight, inFlight.request.kind() == Request.Kind.READ);
    }
    report(refused, inFlight);
  }

  /** Gives an operation that has no owner a request of its own. */
  void emitAlone(InFlight inFlight) {
    Run refused;
    synchronized (lock) {
      refused = emit(inFlight, true);
    }
    report(refused, inFlight);
  }

  /** Returns null, or the run that was opened for the operation and did not take it. */
  private @Nullable Run emit(InFlight inFlight, boolean alone) {
    boolean opened = false;
    keepPace();
    while (!stopped) {
      Run run = alone ? point : bulk;
      if (run == null) {
        run =
            alone
                ? new PointRun(container, options, listener)
                : new BulkRun(container, bulkOptions.bulk(), listener);
        opened = true;
        running.add(run);
        use(alone, run);
      }
      inFlight.sentNanos = System.nanoTime();
      inFlight.set(run);
      if (run.emit(inFlight)) {
        return null;
      }
      use(alone, null);
      if (opened) {
        return run;
      }
      if (!inFlight.takeFrom(run)) {
        return null; // The end of the run was faster, and whoever saw it goes on.
      }
    }
    return null;
  }

  /** A run keeps the size of its batches, so another size needs another run. */
  private void keepPace() {
    int size = pace.size(batchSize);
    if (size != batchSize) {
      batchSize = size;
      bulkOptions = size == BatchPace.FULL ? options : options.paced(size);
      roll();
    }
  }

  private void use(boolean alone, @Nullable Run run) {
    if (alone) {
      point = run;
    } else {
      bulk = run;
    }
  }

  // Without the lock, as a callback may follow.
  private void report(@Nullable Run refused, InFlight inFlight) {
    if (refused != null) {
      listener.failed(refused, inFlight, Answer.none());
    }
  }

  /** As {@link #emit(InFlight)}, later. */
  void emitAfter(Duration delay, InFlight inFlight) {
    if (delay.isZero()) {
      emit(inFlight);
    } else {
      Schedulers.parallel().schedule(() -> emit(inFlight), delay.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** Lets batches that are partly filled leave now. */
  void roll() {
    synchronized (lock) {
      if (bulk != null) {
        bulk.complete();
        bulk = null;
      }
    }
  }

  /** As {@link #roll}, if the operation may wait in such a batch. */
  void rollIfOwner(InFlight inFlight) {
    synchronized (lock) {
      if (bulk != null && inFlight.get() == bulk) {
        bulk.complete();
        bulk = null;
      }
    }
  }

  /** A run has ended. */
  void forget(Run run) {
    synchronized (lock) {
      running.remove(run);
      if (bulk == run) {
        bulk = null;
      }
      if (point == run) {
        point = null;
      }
    }
  }

  /** Begins anew; the caller takes the operations from the runs returned, and cancels them. */
  List<Run> abandon() {
    synchronized (lock) {
      List<Run> abandoned = new ArrayList<>(running);
      running.clear();
      bulk = null;
      point = null;
      return abandoned;
    }
  }

  /** Cancels everything; later emissions do nothing. */
  void stop() {
    List<Run> cancelled;
    synchronized (lock) {
      stopped = true;
      cancelled = abandon();
    }
    cancelled.forEach(Run::cancel);
  }
}
