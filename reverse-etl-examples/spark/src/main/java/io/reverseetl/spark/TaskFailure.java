package io.reverseetl.spark;

import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.WriteException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One of the library's exceptions on its way from an executor to the driver. The exception itself
 * cannot be sent, as its causes are of many libraries; so its class, properties, messages and stack
 * traces are.
 */
final class TaskFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The classes that are made anew on the driver. */
  private enum Kind {
    CONFIGURATION,
    MAPPING,
    CHECKPOINT_CONFLICT,
    CHECKPOINT,
    CHANGES_UNAVAILABLE,
    TABLE_READ,
    WRITE,
    OTHER
  }

  private final Kind kind;

  /** The column of a mapping, the reason of what has one, the status of a write. */
  private final @Nullable String detail;

  private final @Nullable Long version;

  private TaskFailure(
      Kind kind, @Nullable String detail, @Nullable Long version, ReverseEtlException failure) {
    super(failure.getMessage(), RemoteCause.of(failure.getCause()));
    this.kind = kind;
    this.detail = detail;
    this.version = version;
    setStackTrace(failure.getStackTrace());
  }

  static TaskFailure of(ReverseEtlException e) {
    if (e instanceof ConfigurationException) {
      return new TaskFailure(Kind.CONFIGURATION, null, null, e);
    } else if (e instanceof MappingException mapping) {
      return new TaskFailure(Kind.MAPPING, mapping.column().orElse(null), null, e);
    } else if (e instanceof CheckpointConflictException) {
      return new TaskFailure(Kind.CHECKPOINT_CONFLICT, null, null, e);
    } else if (e instanceof CheckpointException) {
      return new TaskFailure(Kind.CHECKPOINT, null, null, e);
    } else if (e instanceof ChangesUnavailableException changes) {
      Long version = changes.version().isPresent() ? changes.version().getAsLong() : null;
      return new TaskFailure(Kind.CHANGES_UNAVAILABLE, changes.reason().name(), version, e);
    } else if (e instanceof TableReadException read) {
      return new TaskFailure(Kind.TABLE_READ, read.reason().name(), null, e);
    } else if (e instanceof WriteException write) {
      String status = write.statusCode().map(String::valueOf).orElse(null);
      return new TaskFailure(Kind.WRITE, status, null, e);
    }
    return new TaskFailure(Kind.OTHER, e.getClass().getName(), null, e);
  }

  /** Whether another attempt would end in the same way. */
  boolean isFinal() {
    return switch (kind) {
      case CONFIGURATION, MAPPING, CHECKPOINT_CONFLICT, CHANGES_UNAVAILABLE -> true;
      case CHECKPOINT, TABLE_READ, WRITE, OTHER -> false;
    };
  }

  /** The exception as it was, with causes that tell what they were. */
  ReverseEtlException exception() {
    String message = String.valueOf(getMessage());
    Throwable cause = getCause();
    ReverseEtlException made =
        switch (kind) {
          case CONFIGURATION -> new ConfigurationException(message, cause);
          case MAPPING -> new MappingException(detail, message, cause);
          case CHECKPOINT_CONFLICT -> new CheckpointConflictException(message, cause);
          case CHECKPOINT -> new CheckpointException(message, cause);
          case CHANGES_UNAVAILABLE ->
              new ChangesUnavailableException(
                  ChangesUnavailableException.Reason.valueOf(String.valueOf(detail)),
                  version,
                  message,
                  cause);
          case TABLE_READ ->
              new TableReadException(
                  TableReadException.Reason.valueOf(String.valueOf(detail)), message, cause);
          case WRITE ->
              new WriteException(
                  message, Optional.ofNullable(detail).map(Integer::valueOf).orElse(null), cause);
          case OTHER -> new SparkJobException(message, cause);
        };
    made.setStackTrace(getStackTrace());
    return made;
  }

  /** What an exception of any library looked like in the process that threw it. */
  private static final class RemoteCause extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String text;

    private RemoteCause(String text, StackTraceElement[] trace, @Nullable Throwable cause) {
      super(text, cause);
      this.text = text;
      setStackTrace(trace);
    }

    static @Nullable RemoteCause of(@Nullable Throwable thrown) {
      return of(thrown, 0);
    }

    private static @Nullable RemoteCause of(@Nullable Throwable thrown, int depth) {
      if (thrown == null || depth > 20) {
        return null;
      }
      return new RemoteCause(
          thrown.toString(), thrown.getStackTrace(), of(thrown.getCause(), depth + 1));
    }

    @Override
    @SuppressWarnings("OverrideThrowableToString") // It stands for one of another class.
    public String toString() {
      return text;
    }
  }
}
