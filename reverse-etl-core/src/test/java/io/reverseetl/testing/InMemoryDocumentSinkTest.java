package io.reverseetl.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.DocumentSink;
import io.reverseetl.document.DocumentSinkContract;
import io.reverseetl.document.RecordingCallback;
import io.reverseetl.document.Rejection;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.document.WriteSession;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class InMemoryDocumentSinkTest extends DocumentSinkContract {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/region");
  private final RecordingCallback callback = new RecordingCallback();

  @Override
  protected Target open(int maxInFlightOperations, List<String> partitionKeyPaths) {
    InMemoryDocumentSink container =
        InMemoryDocumentSink.of(new TargetDescription("in-memory", partitionKeyPaths))
            .maxInFlightOperations(maxInFlightOperations);
    return new Target() {
      @Override
      public DocumentSink sink() {
        return container;
      }

      @Override
      public Optional<JsonNode> read(DocumentKey key) {
        return container
            .json(key)
            .map(
                text -> {
                  try {
                    return JSON.readTree(text);
                  } catch (JsonProcessingException e) {
                    throw new AssertionError(e);
                  }
                });
      }

      @Override
      public long count() {
        return container.size();
      }

      @Override
      public int maxInFlightOperations() {
        return maxInFlightOperations;
      }

      @Override
      public void close() {
        container.close();
      }
    };
  }

  @Test
  void showsDocumentsAsPlainValues() throws Exception {
    sink.put(DocumentKey.of("7", "eu"), Map.of("state", "placed", "lines", List.of(1, 2.5)));

    assertThat(sink.documents()).containsOnlyKeys(DocumentKey.of("7", "eu"));
    assertThat(sink.document(DocumentKey.of("7", "eu")).orElseThrow())
        .containsEntry("id", "7")
        .containsEntry("state", "placed")
        .containsEntry("lines", List.of(1, 2.5));
    assertThat(sink.operations()).isEmpty();

    sink.remove(DocumentKey.of("7", "eu"));
    assertThat(sink.documents()).isEmpty();
  }

  @Test
  void countsTheWritesOfEachDocument() throws Exception {
    try (WriteSession session = sink.openSession()) {
      session.write(upsert("7", "eu", Map.of("n", 1)), callback);
      session.write(upsert("8", "eu", Map.of()), callback);
      session.write(upsert("7", "eu", Map.of("n", 2)), callback);
      session.flush();
    }

    assertThat(sink.writes(DocumentKey.of("7", "eu"))).isEqualTo(2);
    assertThat(sink.writes(DocumentKey.of("8", "eu"))).isEqualTo(1);
    assertThat(sink.writes(DocumentKey.of("9", "eu"))).isZero();
    assertThat(sink.operations().stream().map(operation -> operation.key().id()))
        .containsExactly("7", "8", "7");

    sink.forgetOperations();
    assertThat(sink.operations()).isEmpty();
    assertThat(sink.size()).isEqualTo(2);
  }

  @Test
  void chargesWhatTheTestSays() throws Exception {
    sink.requestUnits(operation -> operation instanceof DocumentOperation.Delete ? 2 : 5.5);
    try (WriteSession session = sink.openSession()) {
      session.write(upsert("7", "eu", Map.of()), callback);
      session.write(delete("7", "eu"), callback);

      assertThat(session.statistics().requestUnits()).isEqualTo(7.5);
      assertThat(callback.requestUnits()).isEqualTo(7.5);
    }
  }

  @Test
  void rejectsAndThrottlesWhatTheTestSays() throws Exception {
    Rejection full = new Rejection(Rejection.Reason.PARTITION_FULL, 403, "Full.");
    sink.reject(operation -> operation.key().id().equals("7"), full).throttle(2);
    try (WriteSession session = sink.openSession()) {
      for (String id : List.of("6", "7", "8")) {
        session.write(upsert(id, "eu", Map.of()), callback);
      }

      assertThat(session.statistics().rejected()).isEqualTo(1);
      assertThat(session.statistics().throttled()).isEqualTo(2);
      assertThat(session.statistics().retried()).isEqualTo(2);
    }
    assertThat(callback.rejections()).containsExactly(full);
    assertThat(sink.size()).isEqualTo(2);
  }

  @Test
  void crashesAfterSoManyOperations() throws Exception {
    sink.crashAfter(2);
    try (WriteSession session = sink.openSession()) {
      session.write(upsert("1", "eu", Map.of()), callback);
      session.write(upsert("2", "eu", Map.of()), callback);

      assertThatThrownBy(() -> session.write(upsert("3", "eu", Map.of()), callback))
          .isInstanceOf(WriteException.class);
      assertThatThrownBy(session::flush).isInstanceOf(WriteException.class);
    }
    assertThat(sink.size()).isEqualTo(2);
    assertThat(callback.written()).hasSize(2);

    try (WriteSession session = sink.openSession()) {
      session.write(upsert("3", "eu", Map.of()), callback);
      session.flush();
    }
    assertThat(sink.size()).isEqualTo(3);
  }

  @Test
  void crashesAtTheFlush() throws Exception {
    sink.crashAfter(1);
    try (WriteSession session = sink.openSession()) {
      session.write(upsert("1", "eu", Map.of()), callback);

      assertThatThrownBy(session::flush).isInstanceOf(WriteException.class);
    }
  }

  @Test
  void completesOperationsInTheOrderThatTheTestChooses() throws Exception {
    sink.completeManually();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (WriteSession session = sink.openSession()) {
      Future<?> writer =
          thread.submit(
              () -> {
                session.write(upsert("1", "eu", Map.of("n", 1)), callback);
                session.write(upsert("2", "eu", Map.of("n", 1)), callback);
                session.write(upsert("1", "eu", Map.of("n", 2)), callback);
                session.flush();
                return null;
              });
      sink.awaitInFlight(2);
      assertThat(sink.size()).isZero();

      sink.complete(DocumentKey.of("2", "eu"));
      assertThat(sink.inFlight()).hasSize(1);
      assertThat(writer.isDone()).isFalse();
      sink.complete(DocumentKey.of("1", "eu"));
      sink.awaitInFlight(1);
      sink.completeAll();
      writer.get();
    } finally {
      thread.shutdownNow();
    }

    assertThat(callback.written().stream().map(operation -> operation.key().id()))
        .containsExactly("2", "1", "1");
    assertThat(sink.document(DocumentKey.of("1", "eu")).orElseThrow()).containsEntry("n", 2);
  }

  @Test
  void blocksWhenAsMuchIsInFlightAsIsAllowed() throws Exception {
    sink.maxInFlightOperations(2).completeManually();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (WriteSession session = sink.openSession()) {
      Future<?> writer =
          thread.submit(
              () -> {
                for (int i = 0; i < 5; i++) {
                  session.write(upsert("d" + i, "eu", Map.of()), callback);
                }
                return null;
              });
      sink.awaitInFlight(2);
      assertThat(writer.isDone()).isFalse();
      sink.completeAutomatically();
      writer.get();
      session.flush();
    } finally {
      thread.shutdownNow();
    }
    assertThat(sink.mostInFlight()).isEqualTo(2);
    assertThat(sink.size()).isEqualTo(5);
  }

  @Test
  void losesWhatIsInFlightWhenTheSessionCloses() throws Exception {
    sink.completeManually();
    WriteSession session = sink.openSession();
    session.write(upsert("1", "eu", Map.of()), callback);

    session.close();
    sink.completeAll();

    assertThat(sink.inFlight()).isEmpty();
    assertThat(sink.size()).isZero();
    assertThat(callback.count()).isZero();
    assertThat(sink.openSessions()).isZero();
    assertThat(sink.sessions()).isEqualTo(1);
  }

  @Test
  void failsToDescribeWhenTheTestSays() {
    sink.failDescribe(new ConfigurationException("There is no such container."));

    assertThatThrownBy(sink::describe).isInstanceOf(ConfigurationException.class);
    sink.failDescribe(null);
    assertThat(sink.describe().partitionKeyPaths()).containsExactly("/region");
  }
}
