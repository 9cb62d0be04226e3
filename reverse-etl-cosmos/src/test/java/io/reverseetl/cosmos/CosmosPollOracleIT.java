package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import io.reverseetl.checkpoint.CheckpointStore;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import io.reverseetl.delta.PollOracleContract;
import io.reverseetl.document.DocumentSink;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The corpus, polled into the emulator, with the checkpoints there as well. */
class CosmosPollOracleIT extends PollOracleContract {
  private static TestAccount account;

  @BeforeAll
  static void openAccount() {
    account = TestAccount.emulated(2);
  }

  @AfterAll
  static void closeAccount() {
    account.close();
  }

  @Override
  protected int seeds() {
    return Integer.getInteger("reverseetl.oracle.seeds", 1);
  }

  @Override
  protected Target open() {
    CosmosAsyncContainer documents = account.container(List.of("/pk"));
    CosmosAsyncContainer checkpoints = account.container(List.of("/id"));
    EmulatedContainer emulated =
        account
            .emulator()
            .orElseThrow()
            .database(account.database().getId())
            .container(documents.getId());
    DocumentSink sink = CosmosDocumentSink.of(documents);
    CheckpointStore store = CosmosCheckpointStore.of(checkpoints);
    return new Target() {
      @Override
      public DocumentSink sink() {
        return sink;
      }

      @Override
      public CheckpointStore checkpoints() {
        return store;
      }

      @Override
      public List<String> documents() {
        return emulated.documents().stream().map(Object::toString).toList();
      }

      @Override
      public void clear() {
        emulated
            .documents()
            .forEach(
                document ->
                    emulated.delete(document.get("id").asText(), document.get("pk").asText()));
      }

      @Override
      public void close() {
        sink.close();
        documents.delete().block();
        checkpoints.delete().block();
      }
    };
  }
}
