package io.reverseetl.functions;

import com.microsoft.durabletask.FailureDetails;
import com.microsoft.durabletask.RetryContext;
import com.microsoft.durabletask.TaskOptions;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.WriteException;
import java.time.Duration;

/**
 * Which activities run again after a failure. Who orchestrates knows of a failure only what the
 * host hands on, its class's name and its message. So the activity decides, which has the
 * exception, and throws another one, {@link FinalFailureException}, where another try is not worth
 * it. Whatever else ends an activity, a lost process included, is tried again: nothing that it did
 * is lost or done twice by that.
 */
final class Retries {
  private static final int ATTEMPTS = 5;
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);

  /** For every activity: five attempts, with pauses from 10 to 80 seconds between them. */
  static final TaskOptions AGAIN = new TaskOptions(Retries::again);

  /** What an activity does. */
  interface Step<E extends Exception> {
    String run() throws E;
  }

  /**
   * A failure that another try does not mend. Its message names the failure, which is its cause.
   */
  static final class FinalFailureException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FinalFailureException(RuntimeException cause) {
      super(
          FinalFailureException.class.getSimpleName()
              + ": "
              + cause.getClass().getSimpleName()
              + ": "
              + cause.getMessage(),
          cause);
    }
  }

  private Retries() {}

  /**
   * Runs an activity, so that the orchestrator can tell its failures apart.
   *
   * @param conflictPasses whether another runner may be one that died, whose lease ends by itself
   */
  static <E extends Exception> String telling(boolean conflictPasses, Step<E> activity) throws E {
    try {
      return activity.run();
    } catch (CheckpointConflictException e) {
      if (conflictPasses) {
        throw e;
      }
      throw new FinalFailureException(e);
    } catch (ReverseEtlException | IllegalArgumentException e) {
      if (mayPass(e)) {
        throw e;
      }
      throw new FinalFailureException(e);
    }
  }

  /** As docs/errors.md says of each class. */
  static boolean mayPass(RuntimeException failure) {
    if (failure instanceof WriteException write) {
      // Without a status the target did not answer; other statuses are refusals.
      return write
          .statusCode()
          .map(
              status ->
                  status == 408 || status == 410 || status == 429 || status == 449 || status >= 500)
          .orElse(true);
    } else if (failure instanceof TableReadException read) {
      return switch (read.reason()) {
        case UNAVAILABLE, FILE_CHANGED, INTERRUPTED -> true;
        default -> false;
      };
    }
    return failure instanceof CheckpointException;
  }

  /** Is replayed with the orchestrator, so it knows only what the history holds. */
  private static boolean again(RetryContext context) {
    int attempts = context.getLastAttemptNumber();
    if (attempts >= ATTEMPTS || isFinal(context.getLastFailure())) {
      return false;
    }
    context
        .getOrchestrationContext()
        .createTimer(FIRST_PAUSE.multipliedBy(1L << (attempts - 1)))
        .await();
    return true;
  }

  /** Hosts name the class with or without its package, or have it in the message only. */
  private static boolean isFinal(FailureDetails failure) {
    String name = FinalFailureException.class.getSimpleName();
    return failure.getErrorType().endsWith(name) || failure.getErrorMessage().contains(name);
  }
}
