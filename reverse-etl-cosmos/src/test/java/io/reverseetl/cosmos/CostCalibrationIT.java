package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.IndexingMode;
import com.azure.cosmos.models.IndexingPolicy;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.cosmos.emulator.FaultRule;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CostCalibrationIT {
  private final ThroughputAccount account = new ThroughputAccount(CosmosEmulator.builder());
  private final List<Document> sample =
      IntStream.range(0, 20)
          .mapToObj(
              i ->
                  Document.of(
                      DocumentKey.of("d" + i, "k" + i),
                      Map.of("pk", "k" + i, "a", i, "b", List.of(1, 2, 3))))
          .toList();

  @AfterEach
  void close() {
    account.close();
  }

  @Test
  void measuresWithTheContainersOwnIndex() {
    CosmosAsyncContainer indexed = account.standard("indexed", 400);
    CosmosContainerProperties bare = new CosmosContainerProperties("bare", "/pk");
    bare.setIndexingPolicy(
        new IndexingPolicy().setAutomatic(false).setIndexingMode(IndexingMode.NONE));
    account.database.createContainer(bare).block();

    CostCalibration withIndex = CostCalibration.measure(indexed, sample);
    CostCalibration without =
        CostCalibration.measure(account.database.getContainer("bare"), sample);

    assertThat(withIndex.documents()).isEqualTo(20);
    assertThat(without.insertCost()).isEqualTo(5.5);
    assertThat(withIndex.insertCost()).isGreaterThan(6);
    assertThat(withIndex.replaceCost()).isEqualTo(2 * withIndex.insertCost());
  }

  @Test
  void writesNothingToTheContainerAndLeavesNothingBehind() {
    CosmosAsyncContainer container = account.standard("c", 400);

    CostCalibration.measure(container, sample);

    assertThat(account.emulated("c").documentCount()).isZero();
    assertThat(account.emulator.database("d").containerNames()).containsExactly("c");
  }

  @Test
  void leavesNothingBehindWhenItFails() {
    CosmosAsyncContainer container = account.standard("c", 400);
    account.emulator.faults().onUpsert().status(400).times(100);

    assertThatThrownBy(() -> CostCalibration.measure(container, sample))
        .isInstanceOf(WriteException.class);
    assertThat(account.emulator.database("d").containerNames()).containsExactly("c");
  }

  @Test
  void saysThatAnIdentityMayNotMakeContainers() {
    CosmosAsyncContainer container = account.standard("c", 400);
    account.emulator.faults().on(EmulatorOperation.CREATE_CONTAINER).status(403, 5300).times(100);

    assertThatThrownBy(() -> CostCalibration.measure(container, sample))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("Data-plane roles");
  }

  @Test
  void leavesNothingBehindWhenItIsInterrupted() throws Exception {
    CosmosAsyncContainer container = account.standard("c", 400);
    FaultRule held = account.emulator.faults().onUpsert().hold();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread measuring =
        new Thread(
            () -> {
              try {
                CostCalibration.measure(container, sample);
              } catch (RuntimeException e) {
                failure.set(e);
                interrupted.set(Thread.currentThread().isInterrupted());
              }
            });
    measuring.start();
    while (held.hits() == 0) {
      Thread.onSpinWait();
    }

    measuring.interrupt();
    measuring.join();
    held.release();

    assertThat(failure.get()).isInstanceOf(WriteException.class);
    assertThat(interrupted).isTrue();
    assertThat(account.emulator.database("d").containerNames()).containsExactly("c");
  }
}
