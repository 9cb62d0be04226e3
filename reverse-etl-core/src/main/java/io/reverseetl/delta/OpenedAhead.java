package io.reverseetl.delta;

import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.FileStatus;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** Files that were opened before they were wanted. Thread-safe. */
final class OpenedAhead {
  /** How many at most; who is passed over opens its file when it wants it. */
  private static final int MOST = 8;

  private final RangeFetcher threads;
  private final Opener opener;
  private final Map<Key, Opening> openings = new LinkedHashMap<>();

  private record Key(String path, StructType schema) {}

  /** Opens a file, or gives null if there is no memory to spare. */
  interface Opener {
    @Nullable ParquetFile open(FileStatus file, StructType schema) throws IOException;
  }

  OpenedAhead(RangeFetcher threads, Opener opener) {
    this.threads = threads;
    this.opener = opener;
  }

  /** Begins to open a file. */
  void open(FileStatus file, StructType schema) {
    Key key = new Key(file.getPath(), schema);
    Opening opening;
    synchronized (openings) {
      if (openings.size() >= MOST || openings.containsKey(key)) {
        return;
      }
      opening = new Opening(file, schema);
      openings.put(key, opening);
    }
    threads.execute(opening.task);
  }

  /**
   * Gives a file that was opened ahead to who wants it now.
   *
   * @return the file; null if it was not opened
   */
  @Nullable ParquetFile take(FileStatus file, StructType schema) throws IOException {
    Opening opening;
    synchronized (openings) {
      opening = openings.remove(new Key(file.getPath(), schema));
    }
    return opening == null ? null : opening.take();
  }

  /** Closes all that nobody has taken. */
  void discard() {
    List<Opening> all;
    synchronized (openings) {
      all = new ArrayList<>(openings.values());
      openings.clear();
    }
    for (Opening opening : all) {
      try {
        opening.discard();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private final class Opening {
    final FutureTask<@Nullable Void> task;
    private @Nullable ParquetFile file;
    private boolean begun;
    private boolean discarded;

    Opening(FileStatus status, StructType schema) {
      task =
          new FutureTask<>(
              () -> {
                if (begin()) {
                  keep(opener.open(status, schema));
                }
                return null;
              });
    }

    private synchronized boolean begin() {
      begun = !discarded;
      return begun;
    }

    private void keep(@Nullable ParquetFile opened) throws IOException {
      synchronized (this) {
        if (!discarded) {
          file = opened;
          return;
        }
      }
      if (opened != null) {
        opened.close();
      }
    }

    /** Waits until it is open, unless no thread has come to it yet. */
    @Nullable ParquetFile take() throws IOException {
      synchronized (this) {
        if (!begun) {
          discarded = true;
          return null;
        }
      }
      long from = System.nanoTime();
      boolean waits = !task.isDone();
      try {
        task.get();
        if (waits) {
          threads.waitedSince(from);
        }
      } catch (ExecutionException e) {
        throw failure(e.getCause());
      } catch (InterruptedException e) {
        discard();
        Thread.currentThread().interrupt();
        InterruptedIOException interrupted = new InterruptedIOException("interrupted");
        interrupted.initCause(e);
        throw interrupted;
      }
      return release();
    }

    private IOException failure(@Nullable Throwable cause) {
      if (cause instanceof Error error) {
        throw error;
      }
      if (cause instanceof RuntimeException wrong) {
        throw wrong;
      }
      return cause instanceof IOException storage ? storage : new IOException(cause);
    }

    private synchronized @Nullable ParquetFile release() {
      ParquetFile released = file;
      file = null;
      return released;
    }

    void discard() throws IOException {
      ParquetFile unused;
      synchronized (this) {
        discarded = true;
        unused = release();
      }
      if (unused != null) {
        unused.close();
      }
    }
  }
}
