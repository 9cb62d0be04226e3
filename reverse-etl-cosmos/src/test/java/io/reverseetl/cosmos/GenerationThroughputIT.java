package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.document.Generation;
import io.reverseetl.document.SnapshotTarget;
import io.reverseetl.exceptions.WriteException;
import java.time.Instant;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a new generation's container gets when the throughput of the served one is hard to read. */
@Timeout(60)
class GenerationThroughputIT {
  private final ThroughputAccount account = new ThroughputAccount(CosmosEmulator.builder());
  private final SnapshotTarget target =
      CosmosSnapshotTarget.containers(account.standard("c", 20_000), account.state()).build();
  private final Generation generation =
      Generation.staged(
          "1-aaaa", "memory:orders", "table-1", 7, Instant.parse("2026-01-01T00:00:00Z"));

  @AfterEach
  void close() {
    account.close();
  }

  private int provisioned() {
    return account.emulated("c-1-aaaa").requestUnitsPerSecond().orElseThrow();
  }

  @Test
  void makesNoContainerWhileTheThroughputOfTheServedOneCannotBeRead() {
    account.emulator.faults().on(EmulatorOperation.QUERY_OFFERS).status(503).times(100);

    assertThatThrownBy(() -> target.stage(generation)).isInstanceOf(WriteException.class);

    assertThat(account.emulator.database("d").containerNames()).doesNotContain("c-1-aaaa");
    account.emulator.faults().clear();
    target.stage(generation);
    assertThat(provisioned()).isEqualTo(20_000);
  }

  @Test
  void readsTheThroughputOfTheServedContainerAgain() {
    account.emulator.faults().on(EmulatorOperation.QUERY_OFFERS).status(503).times(1);

    target.stage(generation);

    assertThat(provisioned()).isEqualTo(20_000);
  }

  @Test
  void makesAContainerWhereTheThroughputMayNotBeRead() {
    account.emulator.faults().on(EmulatorOperation.QUERY_OFFERS).status(403).times(100);

    target.stage(generation);

    assertThat(account.emulator.database("d").containerNames()).contains("c-1-aaaa");
  }

  @Test
  void saysThatTheThreadWasInterrupted() {
    GenerationContainers containers =
        new GenerationContainers(account.database, UnaryOperator.identity(), null);
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> containers.delete("c-1-aaaa")).isInstanceOf(WriteException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
