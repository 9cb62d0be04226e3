package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.CheckpointStore;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.DocumentSink;
import io.reverseetl.document.Generation;
import io.reverseetl.document.ScannableDocumentSink;
import io.reverseetl.document.SharedDocumentSink;
import io.reverseetl.document.SnapshotPointer;
import io.reverseetl.document.SnapshotTarget;
import io.reverseetl.document.StoredPointer;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.document.WriteCallback;
import io.reverseetl.document.WriteSession;
import io.reverseetl.document.WriteStatistics;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A process that is killed at a chosen call of its checkpoint store or its snapshot target, before
 * or after the call took effect. From then on nothing in it works any more: no lease is given back,
 * nothing is tidied up. Somebody may look around before and after each call. Thread-safe.
 */
public final class CrashPoints {

  /** The end of a process. */
  public static final class Killed extends Error {
    private static final long serialVersionUID = 1L;

    Killed() {
      super("killed", null, false, false);
    }
  }

  private final AtomicLong calls = new AtomicLong();
  private final long at;
  private final boolean beforeEffect;
  private final Runnable look;
  private volatile boolean dead;

  /**
   * A process.
   *
   * @param at at which call it is killed, from 0; one that is never reached lets it live
   * @param beforeEffect whether that call has no effect
   * @param look is called around each call
   */
  public CrashPoints(long at, boolean beforeEffect, Runnable look) {
    this.at = at;
    this.beforeEffect = beforeEffect;
    this.look = look;
  }

  private <T> T call(Supplier<T> action) {
    checkAlive();
    look.run();
    long number = calls.getAndIncrement();
    if (number == at && beforeEffect) {
      dead = true;
    }
    checkAlive();
    T result = action.get();
    if (number == at) {
      dead = true;
    }
    checkAlive();
    look.run();
    return result;
  }

  private void run(Runnable action) {
    call(
        () -> {
          action.run();
          return 0;
        });
  }

  private void checkAlive() {
    if (dead) {
      throw new Killed();
    }
  }

  /** The store as the process sees it. */
  public CheckpointStore of(CheckpointStore store) {
    return new CheckpointStore() {
      @Override
      public Optional<StoredCheckpoint> read(String pipeline) {
        return call(() -> store.read(pipeline));
      }

      @Override
      public StoredCheckpoint create(Checkpoint checkpoint) {
        return call(() -> store.create(checkpoint));
      }

      @Override
      public StoredCheckpoint replace(Checkpoint checkpoint, StoredCheckpoint expected) {
        return call(() -> store.replace(checkpoint, expected));
      }

      @Override
      public void remove(StoredCheckpoint expected) {
        run(() -> store.remove(expected));
      }
    };
  }

  /** The target as the process sees it, with its sinks and their sessions. */
  public SnapshotTarget of(SnapshotTarget target) {
    return new SnapshotTarget() {
      @Override
      public Optional<StoredPointer> read() {
        return call(target::read);
      }

      @Override
      public StoredPointer save(SnapshotPointer next, Optional<StoredPointer> expected) {
        return call(() -> target.save(next, expected));
      }

      @Override
      public DocumentSink stage(Generation generation) {
        return sink(call(() -> target.stage(generation)));
      }

      @Override
      public DocumentSink open(Generation generation) {
        return sink(call(() -> target.open(generation)));
      }

      @Override
      public void discard(Generation generation) {
        run(() -> target.discard(generation));
      }
    };
  }

  private DocumentSink sink(DocumentSink sink) {
    return sink instanceof SharedDocumentSink shared
        ? new SharedSink((ScannableDocumentSink) sink, shared)
        : new Sink((ScannableDocumentSink) sink);
  }

  private final class SharedSink extends Sink implements SharedDocumentSink {
    private final SharedDocumentSink shared;

    SharedSink(ScannableDocumentSink sink, SharedDocumentSink shared) {
      super(sink);
      this.shared = shared;
    }

    @Override
    public void keys(Predicate<? super DocumentKey> each) {
      run(() -> shared.keys(each));
    }
  }

  private class Sink implements ScannableDocumentSink {
    private final ScannableDocumentSink sink;

    Sink(ScannableDocumentSink sink) {
      this.sink = sink;
    }

    @Override
    public TargetDescription describe() {
      return call(sink::describe);
    }

    @Override
    public WriteSession openSession() {
      return new Session(call(sink::openSession));
    }

    @Override
    public void scan(Consumer<? super Document> each) {
      run(() -> sink.scan(each));
    }

    @Override
    public void close() {
      sink.close();
    }
  }

  private final class Session implements WriteSession {
    private final WriteSession session;

    Session(WriteSession session) {
      this.session = session;
    }

    @Override
    public void write(DocumentOperation operation, WriteCallback callback) {
      run(
          () -> {
            try {
              session.write(operation, callback);
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
    }

    @Override
    public void flush() {
      run(
          () -> {
            try {
              session.flush();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
    }

    @Override
    public WriteStatistics statistics() {
      return session.statistics();
    }

    @Override
    public void close() {
      session.close();
    }
  }
}
