package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncContainer;
import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.CheckpointStore;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.cosmos.emulator.FaultRule;
import io.reverseetl.cosmos.emulator.Faults;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.ConfigurationException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the store does when answers fail or get lost. */
class CosmosCheckpointStoreFaultIT {
  private static TestAccount account;

  private CheckpointStore store;

  @BeforeAll
  static void openAccount() {
    account = TestAccount.emulated(1);
  }

  @AfterAll
  static void closeAccount() {
    account.close();
  }

  @BeforeEach
  void createContainer() {
    CosmosAsyncContainer container = account.container(List.of("/id"));
    store = CosmosCheckpointStore.of(container);
    store.read("orders");
  }

  @AfterEach
  void clearFaults() {
    faults().clear();
  }

  private static Faults faults() {
    return account.emulator().orElseThrow().faults();
  }

  private static Checkpoint checkpoint(long version) {
    return new Checkpoint(
        "orders", "uri", "table", "target", "schema", version, Optional.empty(), Instant.EPOCH);
  }

  @Test
  void knowsItsOwnCreateWhoseAnswerWasLost() {
    FaultRule rule = faults().onCreate().times(1).afterApply().dropConnection();

    StoredCheckpoint created = store.create(checkpoint(1));

    assertThat(rule.hits()).isEqualTo(1);
    assertThat(store.read("orders")).contains(created);
    assertThat(store.replace(checkpoint(2), created)).isNotNull();
  }

  @Test
  void knowsItsOwnReplaceWhoseAnswerWasLost() {
    StoredCheckpoint created = store.create(checkpoint(1));
    FaultRule rule = faults().onReplace().times(1).afterApply().dropConnection();

    StoredCheckpoint replaced = store.replace(checkpoint(2), created);

    assertThat(rule.hits()).isEqualTo(1);
    assertThat(store.read("orders")).contains(replaced);
  }

  @Test
  void knowsItsOwnRemovalWhoseAnswerWasLost() {
    StoredCheckpoint created = store.create(checkpoint(1));
    FaultRule rule = faults().onDelete().times(1).afterApply().dropConnection();

    store.remove(created);

    assertThat(rule.hits()).isEqualTo(1);
    assertThat(store.read("orders")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 449, 500, 503})
  void savesAgainWhatWasNotSaved(int status) {
    faults()
        .on(EmulatorOperation.CREATE, EmulatorOperation.REPLACE, EmulatorOperation.DELETE)
        .times(1)
        .status(status)
        .retryAfter(Duration.ofMillis(1));

    StoredCheckpoint created = store.create(checkpoint(1));

    assertThat(store.read("orders")).contains(created);
  }

  @Test
  void saysThatItDoesNotKnowWhenNoAnswerComesThrough() {
    StoredCheckpoint created = store.create(checkpoint(1));
    faults().onReplace().afterApply().status(503);
    faults().onRead().status(503);

    assertThatThrownBy(() -> store.replace(checkpoint(2), created))
        .isInstanceOf(CheckpointException.class)
        .isNotInstanceOf(CheckpointConflictException.class)
        .hasMessageContaining("orders");

    faults().clear();
    assertThat(store.read("orders").orElseThrow().checkpoint().version()).isEqualTo(2);
  }

  @Test
  void tellsALostSaveFromTheSaveOfAnotherRunner() {
    StoredCheckpoint created = store.create(checkpoint(1));
    faults().onReplace().times(1).beforeApply().dropConnection();
    // The first attempt is lost before it took effect; meanwhile another runner moves on.
    FaultRule gate = faults().onReplace().times(1).hold();
    Thread other =
        new Thread(
            () -> {
              while (gate.hits() == 0) {
                Thread.onSpinWait();
              }
              store.replace(checkpoint(9), created);
              gate.release();
            });
    other.start();

    assertThatThrownBy(() -> store.replace(checkpoint(2), created))
        .isInstanceOf(CheckpointConflictException.class);
    assertThat(store.read("orders").orElseThrow().checkpoint().version()).isEqualTo(9);
  }

  @Test
  void failsToReadWhenTheServiceDoes() {
    faults().onRead().status(500);

    assertThatThrownBy(() -> store.read("orders"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("500");
  }

  @Test
  void saysThatTheCredentialsAreRefused() {
    faults().on(EmulatorOperation.READ_CONTAINER).status(401);
    CheckpointStore fresh = CosmosCheckpointStore.of(account.container(List.of("/id")));

    assertThatThrownBy(() -> fresh.read("orders")).isInstanceOf(ConfigurationException.class);
  }
}
