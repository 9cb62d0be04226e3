package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.Lease;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.ReverseEtlException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pipeline's checkpoint with the lease to write for it. Every save is a compare-and-set and
 * renews the lease; a thread renews it while nothing is saved, for as long as this is open.
 *
 * <p>Before each write {@link #checkMayWrite} is asked. A runner that slept past its lease finds
 * out there, and writes nothing if another one has taken over.
 *
 * <p>Thread-safe.
 */
final class HeldCheckpoint implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HeldCheckpoint.class);

  private final Pipeline pipeline;
  private final String owner;
  private final Duration duration;
  private final long fence;
  private final CountDownLatch ended = new CountDownLatch(1);

  private StoredCheckpoint stored;

  /** A save whose answer was lost; it took effect or not. */
  private @Nullable Checkpoint unknown;

  private @Nullable CheckpointConflictException lost;
  private boolean released;

  /** In milliseconds: from when on the lease is renewed, and from when on nothing is written. */
  private volatile long renewAt;

  private volatile long unsafeAt;

  private HeldCheckpoint(
      Pipeline pipeline, String owner, Duration duration, StoredCheckpoint stored) {
    this.pipeline = pipeline;
    this.owner = owner;
    this.duration = duration;
    this.stored = stored;
    Lease lease = stored.checkpoint().lease().orElseThrow();
    this.fence = lease.fence();
    renewed(lease);
  }

  /** Saves a pipeline's first checkpoint, with the lease. */
  static HeldCheckpoint create(
      Pipeline pipeline, Checkpoint first, String owner, Duration duration) {
    Instant now = pipeline.clock().instant();
    Checkpoint leased = first.leased(new Lease(owner, now.plus(duration), 1), now);
    return held(pipeline, owner, duration, pipeline.checkpoints().create(leased));
  }

  /**
   * Takes the lease of a checkpoint as it was read.
   *
   * @throws CheckpointConflictException if another runner holds it, or was faster
   */
  static HeldCheckpoint take(
      Pipeline pipeline, StoredCheckpoint read, String owner, Duration duration) {
    checkFree(pipeline, read.checkpoint(), owner);
    Instant now = pipeline.clock().instant();
    long fence = read.checkpoint().lease().map(Lease::fence).orElse(0L) + 1;
    Checkpoint leased = read.checkpoint().leased(new Lease(owner, now.plus(duration), fence), now);
    StoredCheckpoint taken = pipeline.checkpoints().replace(leased, read);
    return held(pipeline, owner, duration, taken);
  }

  /** Throws if another runner holds the lease. */
  static void checkFree(Pipeline pipeline, Checkpoint checkpoint, String owner) {
    Optional<Lease> lease = checkpoint.lease();
    if (lease.isPresent()
        && lease.get().isHeld(pipeline.clock().instant())
        && !lease.get().owner().equals(owner)
        && !RunnerIdentity.isDead(lease.get().owner())) {
      throw new CheckpointConflictException(
          "Another runner ("
              + lease.get().owner()
              + ") holds the lease of pipeline \""
              + pipeline.name()
              + "\" until "
              + lease.get().expiresAt()
              + ". Stop this one, or run it again when the other has ended.");
    }
  }

  private static HeldCheckpoint held(
      Pipeline pipeline, String owner, Duration duration, StoredCheckpoint stored) {
    HeldCheckpoint held = new HeldCheckpoint(pipeline, owner, duration, stored);
    pipeline.listener().onCheckpointSaved(stored.checkpoint());
    Thread heart = new Thread(held::beat, "reverse-etl-" + pipeline.name() + "-lease");
    heart.setDaemon(true);
    heart.start();
    return held;
  }

  synchronized Checkpoint checkpoint() {
    return stored.checkpoint();
  }

  /** Whether another runner has taken over. */
  synchronized boolean isLost() {
    return lost != null;
  }

  /** Saves, and renews the lease. */
  void save(Checkpoint next) {
    Checkpoint saved;
    synchronized (this) {
      Instant now = pipeline.clock().instant();
      Lease lease = new Lease(owner, now.plus(duration), fence);
      saved = replace(next.leased(lease, now));
      renewed(lease);
    }
    pipeline.listener().onCheckpointSaved(saved);
  }

  /** Saves, and gives the lease back. Nothing may be in flight any more. */
  void saveAndRelease(Checkpoint next) {
    Checkpoint saved;
    synchronized (this) {
      Instant now = pipeline.clock().instant();
      saved = replace(next.leased(new Lease(owner, now, fence), now));
      released = true;
      unsafeAt = Long.MIN_VALUE;
    }
    ended.countDown();
    pipeline.listener().onCheckpointSaved(saved);
  }

  /**
   * Asked before each write.
   *
   * @throws CheckpointConflictException if another runner has taken over
   * @throws CheckpointException if the lease is about to expire and cannot be renewed
   */
  void checkMayWrite() {
    long now = pipeline.clock().millis();
    if (now >= renewAt) {
      renewToWrite(now);
    }
  }

  private synchronized void renewToWrite(long now) {
    if (now < renewAt) {
      return; // Another thread just did it.
    }
    try {
      renew();
    } catch (CheckpointConflictException e) {
      throw e;
    } catch (CheckpointException e) {
      if (pipeline.clock().millis() >= unsafeAt) {
        throw e;
      }
      // There is time left to try again.
      renewAt = now + Math.max(1, duration.toMillis() / 12);
    }
  }

  private synchronized void renew() {
    if (released) {
      throw new IllegalStateException("The lease was given back.");
    }
    Instant now = pipeline.clock().instant();
    Lease lease = new Lease(owner, now.plus(duration), fence);
    replace(stored.checkpoint().leased(lease, now));
    renewed(lease);
  }

  private void renewed(Lease lease) {
    long expires = lease.expiresAt().toEpochMilli();
    // A quarter is kept free for clocks that differ.
    unsafeAt = expires - duration.toMillis() / 4;
    renewAt = expires - duration.toMillis() * 2 / 3;
  }

  private synchronized Checkpoint replace(Checkpoint next) {
    if (lost != null) {
      throw new CheckpointConflictException(String.valueOf(lost.getMessage()), lost);
    }
    findOutWhatWasSaved();
    try {
      unknown = next;
      stored = pipeline.checkpoints().replace(next, stored);
      unknown = null;
      return stored.checkpoint();
    } catch (CheckpointConflictException e) {
      unknown = null;
      lost = e;
      throw e;
    }
  }

  /** After a lost answer: our own save is no conflict. */
  private void findOutWhatWasSaved() {
    if (unknown == null) {
      return;
    }
    Optional<StoredCheckpoint> found = pipeline.checkpoints().read(pipeline.checkpointName());
    // The owner's name and the fence are ours alone, so an equal checkpoint is our own save.
    if (found.isPresent() && found.get().checkpoint().equals(unknown)) {
      stored = found.get();
    }
    unknown = null;
  }

  private void beat() {
    try {
      while (!ended.await(duration.toMillis() / 3, TimeUnit.MILLISECONDS)) {
        beatOnce();
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread but a container that ends the process.
    }
  }

  private void beatOnce() {
    try {
      synchronized (this) {
        if (!released && lost == null && pipeline.clock().millis() >= renewAt) {
          renew();
        }
      }
    } catch (ReverseEtlException e) {
      log.warn("Pipeline \"{}\" could not renew its lease.", pipeline.name(), e);
    }
  }

  /** Gives the lease back unless that is done. Nothing may be in flight any more. */
  @Override
  public void close() {
    ended.countDown();
    synchronized (this) {
      if (released || lost != null) {
        return;
      }
      // A store may not wait on an interrupted thread, which then ends by this very call.
      boolean interrupted = Thread.interrupted();
      try {
        findOutWhatWasSaved();
        Instant now = pipeline.clock().instant();
        replace(stored.checkpoint().leased(new Lease(owner, now, fence), now));
      } catch (ReverseEtlException e) {
        log.info(
            "Pipeline \"{}\" could not give its lease back; it expires by itself.",
            pipeline.name(),
            e);
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
      released = true;
      unsafeAt = Long.MIN_VALUE;
    }
  }
}
