package io.reverseetl.testing;

import io.reverseetl.document.DeadLetter;
import io.reverseetl.document.ReadableDeadLetterSink;
import io.reverseetl.document.StoredDeadLetter;
import io.reverseetl.exceptions.WriteException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters for unit tests: it tells which are durable and which only taken, and can be made to
 * fail.
 *
 * <pre>{@code
 * InMemoryDeadLetterSink letters = InMemoryDeadLetterSink.create();
 * InitialLoader.of(pipeline.deadLetters(letters).build()).load();
 * assertThat(letters.letters()).extracting(DeadLetter::reason).containsExactly("TOO_LARGE");
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class InMemoryDeadLetterSink implements ReadableDeadLetterSink {
  private final Map<String, DeadLetter> durable = new LinkedHashMap<>();
  private final List<DeadLetter> taken = new ArrayList<>();
  private @Nullable WriteException writeFailure;
  private @Nullable WriteException flushFailure;
  private boolean closed;

  private InMemoryDeadLetterSink() {}

  /**
   * An empty sink.
   *
   * @return the sink
   */
  public static InMemoryDeadLetterSink create() {
    return new InMemoryDeadLetterSink();
  }

  @Override
  public synchronized void write(DeadLetter letter) {
    Objects.requireNonNull(letter, "letter");
    if (closed) {
      throw new IllegalStateException("The dead letter sink is closed.");
    }
    if (writeFailure != null) {
      throw writeFailure;
    }
    taken.add(letter);
  }

  @Override
  public synchronized void flush() {
    if (flushFailure != null) {
      throw flushFailure;
    }
    taken.forEach(letter -> durable.put(letter.id(), letter));
    taken.clear();
  }

  @Override
  public void read(String pipeline, Consumer<? super StoredDeadLetter> each) {
    List<StoredDeadLetter> found = new ArrayList<>();
    synchronized (this) {
      durable.forEach((id, letter) -> found.add(new StoredDeadLetter(id, letter)));
    }
    found.stream().filter(stored -> stored.letter().pipeline().equals(pipeline)).forEach(each);
  }

  @Override
  public synchronized void remove(String pipeline, Collection<String> ids) {
    for (String id : ids) {
      DeadLetter letter = durable.get(id);
      if (letter != null && letter.pipeline().equals(pipeline)) {
        durable.remove(id);
      }
    }
  }

  /** Flushes, and takes no more; the letters stay, and so a test can look at them. */
  @Override
  public synchronized void close() {
    if (!closed) {
      flush();
      closed = true;
    }
  }

  /**
   * The letters that are durable.
   *
   * @return a copy, in the order in which they became so
   */
  public synchronized List<DeadLetter> letters() {
    return List.copyOf(durable.values());
  }

  /**
   * The letters that were taken and not flushed yet, which a crash loses.
   *
   * @return a copy, in the order in which they were taken
   */
  public synchronized List<DeadLetter> unflushed() {
    return List.copyOf(taken);
  }

  /** Loses what was not flushed, as a crash does. */
  public synchronized void crash() {
    taken.clear();
  }

  /**
   * Makes every {@link #write} fail.
   *
   * @param failure what to throw; null to let it work again
   * @return this sink
   */
  public synchronized InMemoryDeadLetterSink failWrites(@Nullable WriteException failure) {
    writeFailure = failure;
    return this;
  }

  /**
   * Makes every {@link #flush} fail.
   *
   * @param failure what to throw; null to let it work again
   * @return this sink
   */
  public synchronized InMemoryDeadLetterSink failFlushes(@Nullable WriteException failure) {
    flushFailure = failure;
    return this;
  }
}
