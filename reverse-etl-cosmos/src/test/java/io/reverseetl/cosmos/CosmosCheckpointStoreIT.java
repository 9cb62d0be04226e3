package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.checkpoint.CheckpointStore;
import io.reverseetl.checkpoint.CheckpointStoreContract;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.ConfigurationException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The store against an account: the emulator, or the one in the environment. */
class CosmosCheckpointStoreIT extends CheckpointStoreContract {
  private static TestAccount account;

  private CosmosAsyncContainer container;

  @BeforeAll
  static void openAccount() {
    account = TestAccount.open();
  }

  @AfterAll
  static void closeAccount() {
    account.close();
  }

  @BeforeEach
  void createContainer() {
    container = account.container(List.of("/pipeline"));
  }

  @AfterEach
  void deleteContainer() {
    container.delete().block();
  }

  @Override
  protected CheckpointStore store() {
    return CosmosCheckpointStore.of(container);
  }

  @Test
  void takesAContainerPartitionedById() {
    CosmosAsyncContainer byId = account.container(List.of("/id"));
    CheckpointStore store = CosmosCheckpointStore.of(byId);

    store.replace(checkpoint("orders", 2), store.create(checkpoint("orders", 1)));

    assertThat(store.read("orders").orElseThrow().checkpoint().version()).isEqualTo(2);
  }

  @Test
  void refusesAContainerWithAnotherPartitionKey() {
    CosmosAsyncContainer other = account.container(List.of("/region"));

    assertThatThrownBy(() -> CosmosCheckpointStore.of(other).read("orders"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("/region")
        .hasMessageContaining("/pipeline");
  }

  @Test
  void saysThatTheContainerIsMissing() {
    CosmosAsyncContainer missing = account.database().getContainer("missing");

    assertThatThrownBy(() -> CosmosCheckpointStore.of(missing).create(checkpoint("orders", 1)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("missing");
  }

  @Test
  void refusesANameThatIsNoId() {
    for (String name : List.of("", "a/b", "a\\b", "a?b", "a#b", "é".repeat(512))) {
      assertThatThrownBy(() -> store().read(name)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> store().create(checkpoint(name, 1)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void takesNamesWithSpacesAndLetters() {
    store().create(checkpoint("Größe von 你", 1));

    assertThat(store().read("Größe von 你")).isPresent();
  }

  @Test
  void refusesADocumentThatIsNoCheckpoint() {
    ObjectNode foreign =
        JsonNodeFactory.instance.objectNode().put("id", "orders").put("pipeline", "orders");
    container.createItem(foreign, new PartitionKey("orders"), null).block();

    assertThatThrownBy(() -> store().read("orders"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("orders");
  }
}
