package io.reverseetl.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link ReadableDeadLetterSink} keeps. A test of an implementation extends it. */
public abstract class DeadLetterSinkContract {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.678Z");

  /** A sink over the place under test, which is empty at the start of each test. */
  protected abstract ReadableDeadLetterSink sink();

  /** Another sink over the same place, as the next process opens it; or the same one. */
  protected ReadableDeadLetterSink nextSink() {
    return sink();
  }

  protected static DeadLetter letter(String pipeline, long version, int row) {
    return new DeadLetter(
        TIME, pipeline, version, "row " + row, "MAPPING", "Why.", Optional.empty());
  }

  protected static DeadLetter letter(DocumentKey key, Map<String, Object> properties) {
    return new DeadLetter(
        TIME,
        "orders",
        7,
        "commit 7",
        "TOO_LARGE",
        "Why \"it\" is,\nand what to do: é 你.",
        Optional.of(Document.of(key, properties)));
  }

  protected static List<DeadLetter> read(ReadableDeadLetterSink sink, String pipeline) {
    List<DeadLetter> letters = new ArrayList<>();
    sink.read(pipeline, stored -> letters.add(stored.letter()));
    return letters;
  }

  private static Set<Long> versions(ReadableDeadLetterSink sink) {
    TreeMap<Long, Integer> versions = new TreeMap<>();
    read(sink, "orders").forEach(letter -> versions.merge(letter.sourceVersion(), 1, Integer::sum));
    assertThat(versions.values()).as("each letter once").allMatch(count -> count == 1);
    return versions.keySet();
  }

  private static JsonNode json(Document document) {
    try {
      return JSON.readTree(document.json());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void readsNothingWhereNothingWasWritten() {
    try (ReadableDeadLetterSink sink = sink()) {
      sink.flush();
      assertThat(read(sink, "orders")).isEmpty();
      assertThatCode(() -> sink.remove("orders", List.of("no-such-letter")))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void givesBackEverythingThatIsKnownOfALetter() {
    DocumentKey key = DocumentKey.of("ü \"7\"", "eu", null, DocumentKey.ABSENT);
    DeadLetter mapped =
        letter(key, Map.of("region", "eu", "level", 1.5, "tags", List.of("a", Map.of("b", true))));
    DeadLetter unmapped = letter("orders", 8, 3);
    try (ReadableDeadLetterSink sink = sink()) {
      sink.write(mapped);
      sink.write(unmapped);
    }

    Map<Long, DeadLetter> found = new TreeMap<>();
    read(nextSink(), "orders").forEach(letter -> found.put(letter.sourceVersion(), letter));

    assertThat(found).containsOnlyKeys(7L, 8L);
    assertThat(found.get(8L)).isEqualTo(unmapped);
    DeadLetter back = found.get(7L);
    assertThat(back.key()).contains(key);
    assertThat(json(back.document().orElseThrow()))
        .isEqualTo(json(mapped.document().orElseThrow()));
    assertThat(List.of(back.time(), back.sourceLocation(), back.reason(), back.message()))
        .isEqualTo(
            List.of(mapped.time(), mapped.sourceLocation(), mapped.reason(), mapped.message()));
  }

  @Test
  void keepsTheKeyOfALetterWithoutADocument() {
    DocumentKey key = DocumentKey.of("7", 3.0, true);
    try (ReadableDeadLetterSink sink = sink()) {
      sink.write(
          new DeadLetter(
              TIME, "orders", 1, "l", "CONFLICT", "m", Optional.of(key), Optional.empty()));
    }

    assertThat(read(nextSink(), "orders"))
        .extracting(DeadLetter::key)
        .containsExactly(Optional.of(key));
  }

  @Test
  void keepsADocumentThatIsNoJson() {
    Document broken =
        Document.ofJson(
            DocumentKey.of("7", "eu"), "{\"id\":7\n,, }".getBytes(StandardCharsets.UTF_8));
    try (ReadableDeadLetterSink sink = sink()) {
      sink.write(new DeadLetter(TIME, "orders", 1, "l", "INVALID", "m", Optional.of(broken)));
      sink.write(letter("orders", 2, 0));
    }

    List<DeadLetter> found = read(nextSink(), "orders");

    assertThat(found).hasSize(2);
    assertThat(found.stream().flatMap(letter -> letter.document().stream()).map(Document::text))
        .containsExactly(broken.text());
  }

  @Test
  void isDurableAfterAFlush() {
    ReadableDeadLetterSink sink = sink();
    IntStream.range(0, 300).forEach(i -> sink.write(letter("orders", i, i)));

    sink.flush();

    assertThat(versions(nextSink())).hasSize(300);
    sink.close();
  }

  @Test
  void givesALetterOnceThatARunAfterACrashWroteAgain() {
    try (ReadableDeadLetterSink sink = sink()) {
      sink.write(letter("orders", 1, 1));
      sink.write(letter("orders", 2, 1));
    }
    DeadLetter again =
        new DeadLetter(
            TIME.plusSeconds(60), "orders", 2, "row 1", "MAPPING", "Other.", Optional.empty());
    try (ReadableDeadLetterSink sink = nextSink()) {
      sink.write(again);
      sink.flush();

      assertThat(versions(sink)).containsExactly(1L, 2L);
    }
  }

  @Test
  void holdsThePipelinesApart() {
    ReadableDeadLetterSink sink = sink();
    sink.write(letter("orders", 1, 1));
    sink.write(letter("customers", 1, 1));
    sink.flush();
    List<String> ids = new ArrayList<>();
    sink.read("customers", stored -> ids.add(stored.id()));

    sink.remove("orders", ids);

    assertThat(read(sink, "orders")).hasSize(1);
    assertThat(read(sink, "customers")).containsExactly(letter("customers", 1, 1));
    sink.close();
  }

  @Test
  void removesForGoodAndOnlyWhatIsNamed() {
    ReadableDeadLetterSink sink = sink();
    IntStream.range(0, 50).forEach(i -> sink.write(letter("orders", i, i)));
    sink.write(letter("orders", 7, 7));
    sink.flush();
    List<String> even = new ArrayList<>();
    sink.read(
        "orders",
        stored -> {
          if (stored.letter().sourceVersion() % 2 == 0 || stored.letter().sourceVersion() == 7) {
            even.add(stored.id());
          }
        });

    sink.remove("orders", even);
    sink.remove("orders", even);

    assertThat(versions(nextSink())).hasSize(24).doesNotContain(7L, 48L).contains(49L);
    sink.write(letter("orders", 100, 1));
    sink.flush();
    assertThat(versions(nextSink())).hasSize(25).contains(100L);
    sink.close();
  }

  @Test
  void takesLettersFromManyThreads() throws Exception {
    ReadableDeadLetterSink sink = sink();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Boolean>> writers = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        int first = thread * 100;
        writers.add(
            () -> {
              IntStream.range(first, first + 100).forEach(i -> sink.write(letter("orders", i, i)));
              return true;
            });
      }
      for (Future<Boolean> done : threads.invokeAll(writers)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
    sink.flush();

    assertThat(versions(sink)).hasSize(400);
    sink.close();
  }

  @Test
  void throwsOnWhatTheReaderThrows() {
    ReadableDeadLetterSink sink = sink();
    sink.write(letter("orders", 1, 1));
    sink.flush();

    assertThatThrownBy(
            () ->
                sink.read(
                    "orders",
                    stored -> {
                      throw new IllegalStateException("enough");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("enough");
    sink.close();
  }

  @Test
  void takesNothingOnceItIsClosed() {
    ReadableDeadLetterSink sink = sink();
    sink.write(letter("orders", 1, 1));
    sink.close();
    sink.close();

    assertThatThrownBy(() -> sink.write(letter("orders", 2, 2)))
        .isInstanceOf(IllegalStateException.class);
    assertThat(versions(nextSink())).containsExactly(1L);
  }
}
