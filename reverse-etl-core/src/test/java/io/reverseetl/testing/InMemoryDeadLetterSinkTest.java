package io.reverseetl.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.document.DeadLetterSinkContract;
import io.reverseetl.document.ReadableDeadLetterSink;
import io.reverseetl.exceptions.WriteException;
import org.junit.jupiter.api.Test;

class InMemoryDeadLetterSinkTest extends DeadLetterSinkContract {
  private final InMemoryDeadLetterSink letters = InMemoryDeadLetterSink.create();

  @Override
  protected ReadableDeadLetterSink sink() {
    return letters;
  }

  /** What was written is there for another process, although this one may be closed. */
  @Override
  protected ReadableDeadLetterSink nextSink() {
    InMemoryDeadLetterSink next = InMemoryDeadLetterSink.create();
    letters.letters().forEach(next::write);
    next.flush();
    return next;
  }

  @Test
  void losesInACrashWhatWasNotFlushed() {
    letters.write(letter("orders", 1, 1));
    letters.flush();
    letters.write(letter("orders", 2, 2));
    assertThat(letters.unflushed()).hasSize(1);

    letters.crash();
    letters.flush();

    assertThat(letters.letters()).containsExactly(letter("orders", 1, 1));
  }

  @Test
  void failsWhenTold() {
    letters.failWrites(new WriteException("Full.", null));
    assertThatThrownBy(() -> letters.write(letter("orders", 1, 1))).hasMessage("Full.");
    letters.failWrites(null).failFlushes(new WriteException("No space.", null));
    letters.write(letter("orders", 1, 1));

    assertThatThrownBy(letters::flush).hasMessage("No space.");
    letters.failFlushes(null).flush();

    assertThat(letters.letters()).hasSize(1);
  }
}
