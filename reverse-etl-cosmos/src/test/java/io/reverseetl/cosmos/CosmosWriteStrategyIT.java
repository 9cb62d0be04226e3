package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.CosmosItemResponse;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentSink;
import io.reverseetl.document.WriteStrategyContract;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The strategies against an account: the emulator, or the one in the environment. */
class CosmosWriteStrategyIT extends WriteStrategyContract {
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
  protected Target open(List<String> partitionKeyPaths) {
    CosmosAsyncContainer container = account.container(partitionKeyPaths);
    DocumentSink sink = CosmosDocumentSink.of(container);
    return new Target() {
      @Override
      public DocumentSink sink() {
        return sink;
      }

      private Optional<CosmosItemResponse<ObjectNode>> item(DocumentKey key) {
        try {
          return Optional.of(
              Objects.requireNonNull(
                  container
                      .readItem(
                          key.id(),
                          PartitionKeys.of(key),
                          new CosmosItemRequestOptions(),
                          ObjectNode.class)
                      .block()));
        } catch (CosmosException e) {
          if (e.getStatusCode() == 404) {
            return Optional.empty();
          }
          throw e;
        }
      }

      @Override
      public Optional<JsonNode> read(DocumentKey key) {
        return item(key).map(response -> response.getItem().remove(SYSTEM));
      }

      @Override
      public long count() {
        return account.count(container);
      }

      @Override
      public int maxInFlightOperations() {
        return 2_000;
      }

      @Override
      public String etag(DocumentKey key) {
        return item(key).orElseThrow().getETag();
      }

      @Override
      public void define(String condition, Predicate<Map<String, Object>> meaning) {
        // The service knows its own language.
      }

      @Override
      public void close() {
        sink.close();
        container.delete().block();
      }
    };
  }
}
