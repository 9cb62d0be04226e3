package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.UniqueKey;
import com.azure.cosmos.models.UniqueKeyPolicy;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentSink;
import io.reverseetl.document.DocumentSinkContract;
import io.reverseetl.document.RecordingCallback;
import io.reverseetl.document.Rejection;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.document.WriteSession;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The sink against an account: the emulator, or the one in the environment. */
class CosmosDocumentSinkIT extends DocumentSinkContract {
  private static final List<String> SYSTEM =
      List.of("_rid", "_self", "_etag", "_attachments", "_ts");

  private static TestAccount account;

  @BeforeAll
  static void openAccount() {
    account = TestAccount.open();
  }

  @AfterAll
  static void closeAccount() {
    account.close();
  }

  @Override
  protected Target open(int maxInFlightOperations, List<String> partitionKeyPaths) {
    CosmosAsyncContainer container = account.container(partitionKeyPaths);
    DocumentSink sink =
        CosmosDocumentSink.builder(container).maxInFlightOperations(maxInFlightOperations).build();
    return new Target() {
      @Override
      public DocumentSink sink() {
        return sink;
      }

      @Override
      public Optional<JsonNode> read(DocumentKey key) {
        try {
          ObjectNode item =
              Objects.requireNonNull(
                      container
                          .readItem(
                              key.id(),
                              PartitionKeys.of(key),
                              new CosmosItemRequestOptions(),
                              ObjectNode.class)
                          .block())
                  .getItem();
          return Optional.of(item.remove(SYSTEM));
        } catch (CosmosException e) {
          assertThat(e.getStatusCode()).isEqualTo(404);
          return Optional.empty();
        }
      }

      @Override
      public long count() {
        return account.count(container);
      }

      @Override
      public int maxInFlightOperations() {
        return maxInFlightOperations;
      }

      @Override
      public void close() {
        sink.close();
        container.delete().block();
      }
    };
  }

  @Test
  void tellsAContainerFromOneThatWasMadeAgain() {
    CosmosAsyncContainer container = account.container(List.of("/region"));
    TargetDescription first = CosmosDocumentSink.of(container).describe();
    String name = container.getId();
    container.delete().block();
    account.database().createContainer(name, "/region").block();

    TargetDescription second = CosmosDocumentSink.of(container).describe();

    assertThat(second.identity()).isNotEqualTo(first.identity());
    assertThat(first.identity()).contains(account.database().getId()).contains(name);
  }

  @Test
  void leavesTheClientOpen() throws Exception {
    CosmosAsyncContainer container = account.container(List.of("/region"));
    CosmosDocumentSink.of(container).close();

    try (WriteSession session = CosmosDocumentSink.of(container).openSession()) {
      session.write(upsert("7", "eu", Map.of()), new RecordingCallback());
      session.flush();
    }

    assertThat(account.count(container)).isEqualTo(1);
  }

  @Test
  void chargesWhatTheServiceCharged() throws Exception {
    CosmosAsyncContainer container = account.container(List.of("/region"));
    RecordingCallback callback = new RecordingCallback();
    try (WriteSession session = CosmosDocumentSink.of(container).openSession()) {
      session.write(upsert("7", "eu", Map.of()), callback);
      session.flush();

      assertThat(session.statistics().requestUnits()).isGreaterThan(1);
      assertThat(callback.requestUnits()).isEqualTo(session.statistics().requestUnits());
    }
  }

  @Test
  void givesAUniqueValueOnToAnotherDocument() throws Exception {
    CosmosContainerProperties properties =
        new CosmosContainerProperties(account.newName(), "/region");
    properties.setUniqueKeyPolicy(
        new UniqueKeyPolicy().setUniqueKeys(List.of(new UniqueKey(List.of("/email")))));
    CosmosAsyncContainer container = account.container(properties);
    RecordingCallback callback = new RecordingCallback();
    try (WriteSession session = CosmosDocumentSink.of(container).openSession()) {
      session.write(upsert("1", "eu", Map.of("email", "a")), callback);
      session.flush();

      session.write(upsert("2", "eu", Map.of("email", "a")), callback);
      session.write(upsert("1", "eu", Map.of("email", "b")), callback);
      session.flush();
      assertThat(callback.written()).hasSize(3);

      session.write(upsert("3", "eu", Map.of("email", "b")), callback);
      session.flush();
    }

    assertThat(callback.rejections()).hasSize(1);
    assertThat(callback.rejections().get(0).reason()).isEqualTo(Rejection.Reason.CONFLICT);
    assertThat(account.count(container)).isEqualTo(2);
  }
}
