package io.reverseetl.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Locks on files that exclude other processes and other threads. The operating system's lock
 * belongs to the whole process, so threads need one of their own.
 */
final class FileLocks {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long PAUSE_MILLIS = 5;

  // Some paths share a lock, which only makes one wait for the other.
  private static final Lock[] THREADS = new Lock[64];

  static {
    for (int i = 0; i < THREADS.length; i++) {
      THREADS[i] = new ReentrantLock();
    }
  }

  private FileLocks() {}

  static Held acquire(Path file) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Lock threads = THREADS[Math.floorMod(file.hashCode(), THREADS.length)];
    FileChannel channel = null;
    boolean done = false;
    try {
      // The first look takes no time, and an interrupt does not keep from it: a runner that is
      // interrupted still has its lease to give back.
      if (!threads.tryLock() && !threads.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw busy();
      }
      try {
        channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        while (tryLock(channel) == null) {
          if (System.nanoTime() - deadline > 0) {
            throw busy();
          }
          Thread.sleep(PAUSE_MILLIS);
        }
        done = true;
        return new Held(threads, channel);
      } finally {
        if (!done) {
          if (channel != null) {
            channel.close();
          }
          threads.unlock();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("The thread was interrupted while it waited for the lock.", e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // Held by this library in another class loader, or through another path.
    }
  }

  private static IOException busy() {
    return new IOException("It was held for " + PATIENCE.toSeconds() + " seconds.");
  }

  /** A lock that is held until it is closed. */
  static final class Held implements AutoCloseable {
    private final Lock threads;
    private final FileChannel channel;

    private Held(Lock threads, FileChannel channel) {
      this.threads = threads;
      this.channel = channel;
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        // The lock is gone with the descriptor, and what was done under it is done.
      } finally {
        threads.unlock();
      }
    }
  }
}
