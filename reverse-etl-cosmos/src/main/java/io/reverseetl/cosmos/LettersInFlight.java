package io.reverseetl.cosmos;

import io.reverseetl.document.DeadLetter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

/**
 * Counts dead letters on their way, and keeps those that could not be written until they are sent
 * again, so that none is lost although its failure was thrown to somebody else. Thread-safe.
 */
final class LettersInFlight {
  private final int most;
  private final ArrayDeque<DeadLetter> unsaved = new ArrayDeque<>();
  private @Nullable RuntimeException failure;
  private int flying;

  LettersInFlight(int most) {
    this.most = most;
  }

  /**
   * Waits for room for a letter.
   *
   * @return what to send: the letter, and those that could not be written before
   * @throws RuntimeException the last failure, if too many could not be written; the letter is not
   *     taken then
   */
  synchronized List<DeadLetter> enter(DeadLetter letter) {
    // A thread that the client's own answers need must not wait for such an answer. There are few
    // of them, and each takes one letter at a time.
    if (!Schedulers.isInNonBlockingThread()) {
      awaitAtMost(most - 1);
    }
    if (failure != null && unsaved.size() >= most) {
      throw failure;
    }
    List<DeadLetter> sent = unsavedAgain();
    sent.add(letter);
    flying++;
    return sent;
  }

  private List<DeadLetter> unsavedAgain() {
    List<DeadLetter> again = new ArrayList<>(unsaved);
    unsaved.clear();
    flying += again.size();
    return again;
  }

  /**
   * Waits until nothing is on its way.
   *
   * @return what could not be written and is to be sent again
   */
  synchronized List<DeadLetter> awaitAll() {
    awaitAtMost(0);
    return unsavedAgain();
  }

  /**
   * Waits until nothing is on its way.
   *
   * @throws RuntimeException the last failure, if a letter could not be written
   */
  synchronized void awaitDurable() {
    awaitAtMost(0);
    if (failure != null && !unsaved.isEmpty()) {
      throw failure;
    }
  }

  /** Every letter ends, as its attempts do, so an interrupt may wait. */
  private void awaitAtMost(int count) {
    boolean interrupted = false;
    while (flying > count) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  synchronized void written() {
    flying--;
    notifyAll();
  }

  synchronized void failed(DeadLetter letter, RuntimeException why) {
    flying--;
    unsaved.add(letter);
    failure = why;
    notifyAll();
  }
}
