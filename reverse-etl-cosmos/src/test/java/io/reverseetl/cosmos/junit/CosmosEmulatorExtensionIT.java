package io.reverseetl.cosmos.junit;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.reverseetl.cosmos.CosmosCheckpointStore;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

class CosmosEmulatorExtensionIT {

  @Nested
  @Execution(ExecutionMode.CONCURRENT)
  class InAStaticField {
    @RegisterExtension
    static final CosmosEmulatorExtension COSMOS =
        CosmosEmulatorExtension.builder("/region").partitions(3).build();

    private static final Set<CosmosEmulator> EMULATORS = ConcurrentHashMap.newKeySet();
    private static final Map<String, CosmosAsyncContainer> CONTAINERS = new ConcurrentHashMap<>();

    @BeforeEach
    void putsADocument(EmulatedContainer stored) {
      stored.put(JsonNodeFactory.instance.objectNode().put("id", "7").put("region", stored.name()));
    }

    @RepeatedTest(4)
    void givesEachTestAContainerOfItsOwn(
        CosmosAsyncContainer container, EmulatedContainer stored, CosmosEmulator emulator) {
      EMULATORS.add(emulator);

      assertThat(CONTAINERS.put(container.getId(), container)).isNull();
      assertThat(container.getId()).isEqualTo(stored.name());
      assertThat(stored.rangeIds()).hasSize(3);
      assertThat(
              container
                  .queryItems("SELECT VALUE c.region FROM c", String.class)
                  .collectList()
                  .block())
          .containsExactly(stored.name());
    }

    @Test
    void givesAStoreOfCheckpoints(CosmosCheckpointStore checkpoints) {
      assertThat(checkpoints.read("orders")).isEmpty();
    }

    @Test
    void givesTheClientOfTheSameAccount(
        CosmosAsyncClient client, CosmosAsyncContainer container, EmulatedContainer stored) {
      assertThat(
              client
                  .getDatabase("tests")
                  .getContainer(stored.name())
                  .read()
                  .block()
                  .getProperties()
                  .getResourceId())
          .isEqualTo(container.read().block().getProperties().getResourceId());
    }

    @AfterAll
    static void theClassSharedOneEmulator() {
      assertThat(EMULATORS).hasSize(1);
      assertThat(CONTAINERS).hasSize(4);
      assertThat(EMULATORS.iterator().next().database("tests").containerNames()).isEmpty();
    }
  }

  @Nested
  class InAnotherField {
    @RegisterExtension
    final CosmosEmulatorExtension cosmos =
        CosmosEmulatorExtension.builder("/region")
            .emulator(account -> account.requestUnitsPerSecond(1_000))
            .build();

    @RepeatedTest(2)
    void givesEachTestAnEmulatorOfItsOwn(
        CosmosEmulator emulator, EmulatedContainer stored, CosmosAsyncContainer container) {
      container.read().block();

      assertThat(stored.name()).isEqualTo("documents-1");
      assertThat(stored.requestUnitsPerSecond()).contains(1_000);
      assertThat(emulator.calls().count(EmulatorOperation.READ_CONTAINER)).isEqualTo(1);
    }
  }
}
