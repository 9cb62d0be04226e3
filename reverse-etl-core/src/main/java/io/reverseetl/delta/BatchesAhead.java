package io.reverseetl.delta;

import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.utils.CloseableIterator;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * The batches of one file, which a thread reads and another uses. The file stays open, and so its
 * memory reserved, until the using thread closes this.
 */
final class BatchesAhead implements CloseableIterator<FileReadResult>, Runnable {
  /** How many batches are read ahead. */
  private static final int DEPTH = 4;

  private final CloseableIterator<FileReadResult> source;
  private final CountDownLatch turn;
  private final CountDownLatch opened;
  private final BlockingQueue<Step> steps = new ArrayBlockingQueue<>(DEPTH);
  private final CountDownLatch finished = new CountDownLatch(1);
  private final Object lock = new Object();
  private @Nullable Thread reader;
  private volatile boolean cancelled;
  private boolean begun;

  private @Nullable Step next;
  private boolean closed;

  /** A batch, or a failure, or neither at the end. */
  private record Step(Optional<FileReadResult> batch, Optional<Throwable> failure) {}

  private static final Step END = new Step(Optional.empty(), Optional.empty());

  /**
   * For one file.
   *
   * @param source is read by the thread that runs this, and closed by the one that closes this
   * @param turn is waited for before the file is opened
   * @param opened is counted down when the file is open
   */
  BatchesAhead(
      CloseableIterator<FileReadResult> source, CountDownLatch turn, CountDownLatch opened) {
    this.source = source;
    this.turn = turn;
    this.opened = opened;
  }

  @Override
  public void run() {
    synchronized (lock) {
      if (cancelled) {
        return;
      }
      begun = true;
      reader = Thread.currentThread();
    }
    try {
      read();
    } catch (InterruptedException e) {
      // Only close() interrupts, and it wants nothing more.
    } finally {
      synchronized (lock) {
        reader = null;
        Thread.interrupted();
      }
      opened.countDown();
      finished.countDown();
    }
  }

  // A failure of any kind is for the using thread to see.
  @SuppressWarnings("IllegalCatch")
  private void read() throws InterruptedException {
    try {
      turn.await();
      boolean more = source.hasNext();
      opened.countDown();
      while (more && !cancelled) {
        steps.put(new Step(Optional.of(source.next()), Optional.empty()));
        more = source.hasNext();
      }
    } catch (RuntimeException | Error e) {
      steps.put(new Step(Optional.empty(), Optional.of(e)));
      return;
    }
    steps.put(END);
  }

  @Override
  public boolean hasNext() {
    if (closed) {
      throw new IllegalStateException("The file is closed.");
    }
    Step step = next;
    if (step == null) {
      try {
        step = steps.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        InterruptedIOException interrupted = new InterruptedIOException("interrupted");
        interrupted.initCause(e);
        throw new UncheckedIOException(interrupted);
      }
      next = step;
    }
    if (step.failure().isPresent()) {
      Throwable failure = step.failure().get();
      if (failure instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) failure;
    }
    return step.batch().isPresent();
  }

  @Override
  public FileReadResult next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Step step = next;
    next = null;
    if (step == null || step.batch().isEmpty()) {
      throw new NoSuchElementException();
    }
    return step.batch().get();
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    boolean reading;
    synchronized (lock) {
      cancelled = true;
      reading = begun;
      if (reader != null) {
        reader.interrupt();
      }
    }
    if (reading) {
      awaitReader();
    } else {
      opened.countDown();
    }
    source.close();
  }

  /** The file must not be closed while it is read; the reader was told to stop. */
  private void awaitReader() {
    boolean interrupted = false;
    while (true) {
      try {
        finished.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
