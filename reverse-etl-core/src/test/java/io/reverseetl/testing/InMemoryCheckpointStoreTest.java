package io.reverseetl.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.checkpoint.CheckpointStore;
import io.reverseetl.checkpoint.CheckpointStoreContract;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import org.junit.jupiter.api.Test;

class InMemoryCheckpointStoreTest extends CheckpointStoreContract {
  private final InMemoryCheckpointStore store = InMemoryCheckpointStore.create();

  @Override
  protected CheckpointStore store() {
    return store;
  }

  @Test
  void failsASaveBeforeItTakesEffect() {
    store.failNextSaveBeforeItTakesEffect();

    assertThatThrownBy(() -> store.create(checkpoint("orders", 1)))
        .isInstanceOf(CheckpointException.class);
    assertThat(store.checkpoint("orders")).isEmpty();
    assertThat(store.create(checkpoint("orders", 1))).isNotNull();
  }

  @Test
  void failsASaveAfterItTookEffect() {
    StoredCheckpoint first = store.create(checkpoint("orders", 1));
    store.failNextSaveAfterItTookEffect();

    assertThatThrownBy(() -> store.replace(checkpoint("orders", 2), first))
        .isInstanceOf(CheckpointException.class);
    assertThat(store.checkpoint("orders")).contains(checkpoint("orders", 2));
    assertThat(store.saves()).containsExactly(checkpoint("orders", 1), checkpoint("orders", 2));
  }

  @Test
  void playsAnotherRunner() {
    StoredCheckpoint first = store.create(checkpoint("orders", 1));
    store.put(checkpoint("orders", 9));

    assertThatThrownBy(() -> store.replace(checkpoint("orders", 2), first))
        .isInstanceOf(CheckpointConflictException.class);
  }

  @Test
  void failsAReadOnceAndReportsDamage() {
    store.put(checkpoint("orders", 1));
    store.failNextRead();

    assertThatThrownBy(() -> store.read("orders")).isInstanceOf(CheckpointException.class);
    assertThat(store.read("orders")).isPresent();

    store.putRaw("orders", "{");
    assertThatThrownBy(() -> store.read("orders")).isInstanceOf(CheckpointException.class);
  }
}
