package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.models.ThroughputProperties;
import io.reverseetl.cosmos.ProvisionedThroughput.Mode;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.testing.ManualClock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ThroughputPlanIT {
  private final ThroughputAccount account = new ThroughputAccount(CosmosEmulator.builder());
  private final CosmosAsyncContainer container = account.standard("c", 600);
  private final CosmosAsyncContainer state = account.state();

  @AfterEach
  void close() {
    account.close();
  }

  private ThroughputPlan.Builder plan(int requestUnitsPerSecond) {
    return ThroughputPlan.builder(container, requestUnitsPerSecond)
        .recordedIn(state, "orders")
        .waitAtMost(Duration.ofMinutes(1), Duration.ofMillis(1));
  }

  private int provisioned() {
    return CosmosThroughput.of(container).read().requestUnitsPerSecond();
  }

  private long records() {
    return account.emulated("state").documentCount();
  }

  @Test
  void raisesForALoadAndGoesBack() throws Exception {
    ThroughputPlan plan = plan(20_000).build();

    ProvisionedThroughput raised = plan.raise();
    int during = provisioned();
    ProvisionedThroughput restored = plan.restore().orElseThrow();

    assertThat(raised.requestUnitsPerSecond()).isEqualTo(20_000);
    assertThat(during).isEqualTo(20_000);
    assertThat(restored.requestUnitsPerSecond()).isEqualTo(600);
    assertThat(provisioned()).isEqualTo(600);
    assertThat(records()).isZero();
  }

  @Test
  void keepsTheModeOfAnAutoscaleContainer() throws Exception {
    CosmosAsyncContainer autoscale = account.autoscale("a", 1_000);
    ThroughputPlan plan =
        ThroughputPlan.builder(autoscale, 4_500).recordedIn(state, "orders").build();

    ProvisionedThroughput raised = plan.raise();
    ProvisionedThroughput restored = plan.restore().orElseThrow();

    assertThat(raised.mode()).isEqualTo(Mode.AUTOSCALE);
    assertThat(raised.requestUnitsPerSecond()).isEqualTo(5_000);
    assertThat(restored.mode()).isEqualTo(Mode.AUTOSCALE);
    assertThat(restored.requestUnitsPerSecond()).isEqualTo(1_000);
  }

  @Test
  void goesBackAfterACrashToWhatWasThereBeforeTheFirstRaise() throws Exception {
    plan(20_000).build().raise();
    // The process dies; another one raises further.
    ThroughputPlan next = plan(30_000).build();

    next.raise();
    int during = provisioned();
    next.restore();

    assertThat(during).isEqualTo(30_000);
    assertThat(provisioned()).isEqualTo(600);
  }

  @Test
  void goesBackInAProcessThatRaisesNothing() throws Exception {
    plan(20_000).build().raise();

    plan(400).build().restore();

    assertThat(provisioned()).isEqualTo(600);
  }

  @Test
  void recordsBeforeItRaises() {
    account.emulator.faults().on(EmulatorOperation.REPLACE_OFFER).status(500).times(100);

    assertThatThrownBy(() -> plan(20_000).build().raise()).isInstanceOf(WriteException.class);

    assertThat(records()).isEqualTo(1);
    account.emulator.faults().clear();
    assertThat(plan(20_000).build().restore()).isPresent();
    assertThat(provisioned()).isEqualTo(600);
    assertThat(records()).isZero();
  }

  @Test
  void raisesNothingWhenTheRecordCannotBeMade() {
    account.emulator.faults().onCreate().container("state").status(503).times(100);

    assertThatThrownBy(() -> plan(20_000).build().raise()).isInstanceOf(WriteException.class);

    assertThat(provisioned()).isEqualTo(600);
  }

  @Test
  void waitsUntilTheChangeIsInForce() throws Exception {
    account.emulator.deferThroughputChanges(true);
    CompletableFuture<ProvisionedThroughput> raised =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return plan(20_000).build().raise();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    while (account.emulator.calls().count(EmulatorOperation.REPLACE_OFFER) == 0) {
      Thread.onSpinWait();
    }
    boolean tooEarly = raised.isDone();

    account.emulator.completeThroughputChanges();

    assertThat(raised.get().replacePending()).isFalse();
    assertThat(tooEarly).isFalse();
    assertThat(account.emulated("c").requestUnitsPerSecond()).contains(20_000);
  }

  @Test
  void doesNotWaitForEver() {
    account.emulator.deferThroughputChanges(true);
    ThroughputPlan plan =
        plan(20_000)
            .waitAtMost(Duration.ZERO, Duration.ofMillis(1))
            .clock(new ManualClock())
            .build();

    assertThatThrownBy(plan::raise)
        .isInstanceOf(WriteException.class)
        .hasMessageContaining("partitions are split");
    assertThat(records()).isEqualTo(1);
  }

  @Test
  void goesToAnotherThroughputAfterwards() throws Exception {
    ThroughputPlan plan = plan(20_000).lowerTo(1_050).build();

    plan.raise();
    plan.restore();

    assertThat(provisioned()).isEqualTo(1_100);
  }

  @Test
  void goesNoLowerThanTheServiceAllows() throws Exception {
    ThroughputPlan plan = plan(100_000).build();

    int floor = plan.floorAfterwards();
    plan.raise();
    plan.restore();

    assertThat(floor).isEqualTo(1_000);
    assertThat(provisioned()).isEqualTo(1_000);
    assertThat(records()).isZero();
  }

  @Test
  void changesNothingWhereThereIsEnough() throws Exception {
    ThroughputPlan plan = plan(500).build();

    plan.raise();

    assertThat(records()).isZero();
    assertThat(plan.restore()).isEmpty();
    assertThat(provisioned()).isEqualTo(600);
    assertThat(account.emulator.calls().count(EmulatorOperation.REPLACE_OFFER)).isZero();
  }

  @Test
  void saysThatAnIdentityMayNotChangeThroughput() {
    account.emulator.faults().on(EmulatorOperation.REPLACE_OFFER).status(403, 5300).times(100);

    assertThatThrownBy(() -> plan(20_000).build().raise())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("cannot be changed")
        .hasMessageContaining("az cosmosdb sql container throughput");
    assertThat(records()).isZero();
  }

  @Test
  void doesNotMixTwoContainers() throws Exception {
    plan(20_000).build().raise();
    CosmosAsyncContainer other = account.standard("other", 700);

    assertThatThrownBy(
            () ->
                ThroughputPlan.builder(other, 20_000).recordedIn(state, "orders").build().restore())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("name of its own");
  }

  @Test
  void doesNotUndoAChangeOfTheMode() throws Exception {
    ThroughputPlan plan = plan(20_000).build();
    plan.raise();
    container.replaceThroughput(ThroughputProperties.createAutoscaledThroughput(4_000)).block();

    assertThatThrownBy(plan::restore)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("AUTOSCALE now");
  }

  @Test
  void needsARecord() {
    assertThatThrownBy(() -> ThroughputPlan.builder(container, 20_000).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("recordedIn");
  }

  @Test
  void raisesNothingWhileTheRecordIsOfAnotherContainer() throws Exception {
    plan(20_000).build().raise();
    CosmosAsyncContainer other = account.standard("other", 500);
    ThroughputPlan second =
        ThroughputPlan.builder(other, 9_000).recordedIn(state, "orders").build();

    assertThatThrownBy(second::raise)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("a name of its own");

    assertThat(CosmosThroughput.of(other).read().requestUnitsPerSecond()).isEqualTo(500);
    assertThat(plan(20_000).build().restore()).isPresent();
    assertThat(provisioned()).isEqualTo(600);
  }

  @Test
  void goesBackOnAThreadWhoseLoadWasInterrupted() throws Exception {
    ThroughputPlan plan = plan(20_000).build();
    plan.raise();
    Thread.currentThread().interrupt();

    boolean interrupted;
    try {
      plan.restore();
    } finally {
      interrupted = Thread.interrupted();
    }

    assertThat(interrupted).isTrue();
    assertThat(provisioned()).isEqualTo(600);
    assertThat(records()).isZero();
  }
}
