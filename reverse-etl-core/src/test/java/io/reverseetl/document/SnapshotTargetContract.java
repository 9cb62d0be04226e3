package io.reverseetl.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.ConfigurationException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every {@link SnapshotTarget} keeps. A test of an implementation extends it. */
public abstract class SnapshotTargetContract {
  private static final int RUNNERS = 8;
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.123456789Z");

  /** The target under test: partitioned by {@code /region}, without a pointer. */
  protected abstract SnapshotTarget target();

  /** Another target over the same storage, as a second process opens it; or the same one. */
  protected SnapshotTarget secondTarget() {
    return target();
  }

  /** Whether a sink of a removed generation says so when it is described. */
  protected boolean tellsThatAGenerationIsGone() {
    return true;
  }

  private static Generation generation(String id) {
    return Generation.staged(id, "abfss://lake/orders", "table-1", 7, NOW);
  }

  private static SnapshotPointer listing(String... ids) {
    SnapshotPointer pointer = SnapshotPointer.empty("orders");
    for (String id : ids) {
      pointer = pointer.staging(generation(id)).with(generation(id).retired(NOW));
    }
    return pointer;
  }

  @Test
  void readsNothingBeforeTheFirstSave() {
    assertThat(target().read()).isEmpty();
  }

  @Test
  void keepsEveryFieldOfAPointer() {
    Generation old = generation("1-aaaa");
    Generation served = generation("2-bbbb").served(5_000_000_000L, Long.MAX_VALUE);
    SnapshotPointer pointer =
        SnapshotPointer.empty("orders")
            .claimed()
            .staging(old)
            .with(old.served(8, 100))
            .staging(generation("2-bbbb"))
            .flippedTo(served, NOW)
            .staging(generation("3-cccc"))
            .with(generation("3-cccc").discarded())
            .staging(generation("4-dddd"));

    StoredPointer saved = target().save(pointer, Optional.empty());

    assertThat(saved.pointer()).isEqualTo(pointer);
    assertThat(target().read()).contains(saved);
    assertThat(secondTarget().read()).contains(saved);
    SnapshotPointer back = pointer.rolledBack(NOW.plusSeconds(1));
    assertThat(secondTarget().save(back, Optional.of(saved)).pointer()).isEqualTo(back);
    assertThat(target().read().orElseThrow().pointer()).isEqualTo(back);
  }

  @Test
  void savesOnlyOverWhatWasRead() {
    StoredPointer first = target().save(listing(), Optional.empty());
    StoredPointer second = secondTarget().save(listing("1-aaaa"), Optional.of(first));

    assertThatThrownBy(() -> target().save(listing("2-bbbb"), Optional.of(first)))
        .isInstanceOf(CheckpointConflictException.class);
    assertThatThrownBy(() -> target().save(listing("2-bbbb"), Optional.empty()))
        .isInstanceOf(CheckpointConflictException.class);
    assertThat(target().read()).contains(second);
  }

  @Test
  void letsOneOfManyRunnersMoveThePointer() throws Exception {
    StoredPointer before = target().save(listing(), Optional.empty());

    assertThat(race(Optional.of(before))).isEqualTo(1);
  }

  @Test
  void letsOneOfManyRunnersSaveTheFirstPointer() throws Exception {
    assertThat(race(Optional.empty())).isEqualTo(1);
  }

  private int race(Optional<StoredPointer> expected) throws Exception {
    ExecutorService runners = Executors.newFixedThreadPool(RUNNERS);
    CyclicBarrier start = new CyclicBarrier(RUNNERS);
    try {
      List<Future<Boolean>> results = new ArrayList<>();
      for (int i = 0; i < RUNNERS; i++) {
        SnapshotTarget runner = i % 2 == 0 ? target() : secondTarget();
        SnapshotPointer next = listing(i + "-race");
        results.add(
            runners.submit(
                () -> {
                  start.await();
                  try {
                    runner.save(next, expected);
                    return true;
                  } catch (CheckpointConflictException e) {
                    return false;
                  }
                }));
      }
      int won = 0;
      for (Future<Boolean> result : results) {
        won += result.get() ? 1 : 0;
      }
      return won;
    } finally {
      runners.shutdownNow();
    }
  }

  @Test
  void keepsTheSameDocumentOfTwoGenerationsApart() throws Exception {
    target().save(listing("1-aaaa", "2-bbbb"), Optional.empty());
    DocumentSink first = target().stage(generation("1-aaaa"));
    DocumentSink second = target().stage(generation("2-bbbb"));
    DocumentKey key = DocumentKey.of("7", "eu");

    upsert(first, Document.of(key, Map.of("region", "eu", "state", "old")));
    upsert(second, Document.of(key, Map.of("region", "eu", "state", "new")));
    upsert(second, Document.of(DocumentKey.of("8", "eu"), Map.of("region", "eu")));

    assertThat(texts(first)).containsExactly("{\"id\":\"7\",\"region\":\"eu\",\"state\":\"old\"}");
    assertThat(texts(second))
        .containsExactlyInAnyOrder(
            "{\"id\":\"7\",\"region\":\"eu\",\"state\":\"new\"}",
            "{\"id\":\"8\",\"region\":\"eu\"}");
    assertThat(first.describe().identity()).isNotEqualTo(second.describe().identity());
    assertThat(first.describe().partitionKeyPaths()).containsExactly("/region");

    write(first, new DocumentOperation.Delete(key, 8));

    assertThat(texts(first)).isEmpty();
    assertThat(texts(second)).hasSize(2);
  }

  @Test
  void stagesAGenerationAgainWithoutAChange() throws Exception {
    target().save(listing("1-aaaa"), Optional.empty());
    DocumentSink sink = target().stage(generation("1-aaaa"));
    upsert(sink, Document.of(DocumentKey.of("7", "eu"), Map.of("region", "eu")));

    DocumentSink again = secondTarget().stage(generation("1-aaaa"));
    DocumentSink opened = secondTarget().open(generation("1-aaaa"));

    assertThat(again.describe()).isEqualTo(sink.describe());
    assertThat(opened.describe()).isEqualTo(sink.describe());
    assertThat(texts(again)).hasSize(1);
    assertThat(texts(opened)).hasSize(1);
  }

  @Test
  void removesTheGenerationThatIsDiscardedAndNoOther() throws Exception {
    StoredPointer stored = target().save(listing("1-aaaa", "2-bbbb"), Optional.empty());
    Document document = Document.of(DocumentKey.of("7", "eu"), Map.of("region", "eu"));
    upsert(target().stage(generation("1-aaaa")), document);
    upsert(target().stage(generation("2-bbbb")), document);
    Generation discarded = generation("1-aaaa").discarded();
    target().save(stored.pointer().with(discarded), Optional.of(stored));

    target().discard(discarded);
    secondTarget().discard(discarded);

    assertThat(texts(target().open(generation("2-bbbb")))).hasSize(1);
    DocumentSink gone = secondTarget().open(discarded);
    if (tellsThatAGenerationIsGone()) {
      assertThatThrownBy(gone::describe).isInstanceOf(ConfigurationException.class);
    } else {
      assertThat(texts(gone)).isEmpty();
    }
  }

  @Test
  void removesNothingThatThePointerDoesNotListAsDiscarded() throws Exception {
    Generation staged = generation("2-bbbb");
    Generation served = generation("1-aaaa").served(7, 1);
    SnapshotPointer pointer = SnapshotPointer.empty("orders").staging(served).staging(staged);
    target().save(pointer, Optional.empty());
    Document document = Document.of(DocumentKey.of("7", "eu"), Map.of("region", "eu"));
    upsert(target().stage(served), document);

    assertThatThrownBy(() -> target().discard(served.discarded()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> target().discard(staged)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> target().discard(generation("9-ffff").discarded()))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(texts(target().open(served))).hasSize(1);
  }

  private static void upsert(DocumentSink sink, Document document) throws InterruptedException {
    write(sink, new DocumentOperation.Upsert(document, 7));
  }

  private static void write(DocumentSink sink, DocumentOperation operation)
      throws InterruptedException {
    RecordingCallback callback = new RecordingCallback();
    try (WriteSession session = sink.openSession()) {
      session.write(operation, callback);
      session.flush();
      assertThat(session.statistics().upserted() + session.statistics().deleted()).isEqualTo(1);
    }
    assertThat(callback.written()).containsExactly(operation);
  }

  /** The documents without the order of their properties mattering to nobody but the test. */
  private static List<String> texts(DocumentSink sink) {
    List<String> texts = new ArrayList<>();
    ((ScannableDocumentSink) sink).scan(document -> texts.add(sorted(document)));
    return texts;
  }

  private static String sorted(Document document) {
    assertThat(document.text()).contains("\"id\":\"" + document.key().id() + "\"");
    String body = document.text().substring(1, document.text().length() - 1);
    return "{" + String.join(",", List.of(body.split(",")).stream().sorted().toList()) + "}";
  }
}
