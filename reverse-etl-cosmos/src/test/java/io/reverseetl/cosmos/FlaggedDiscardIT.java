package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.azure.cosmos.CosmosAsyncContainer;
import io.reverseetl.Pipeline;
import io.reverseetl.SnapshotSwitcher;
import io.reverseetl.SwitchWorld;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.cosmos.emulator.RecordedCall;
import io.reverseetl.ratelimit.WriteRateLimiter;
import io.reverseetl.testing.InMemoryCheckpointStore;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the removal of a flagged generation costs, by the limiter's book and the service's. */
@Timeout(120)
class FlaggedDiscardIT {

  private static final class CountingLimiter implements WriteRateLimiter {
    private double spent;
    private int asked;

    @Override
    public synchronized void acquire(double requestUnits) {
      asked++;
      spent += requestUnits;
    }

    @Override
    public synchronized void settle(double difference) {
      spent += difference;
    }

    @Override
    public void throttled(Duration pause) {}

    synchronized void forget() {
      spent = 0;
      asked = 0;
    }
  }

  @Test
  void spendsNoRequestUnitThatTheLimiterDoesNotKnow() {
    try (TestAccount account = TestAccount.emulated(2)) {
      CosmosEmulator emulator = account.emulator().orElseThrow();
      SwitchWorld world = new SwitchWorld();
      CountingLimiter limiter = new CountingLimiter();
      CosmosAsyncContainer shared = account.container(List.of("/region"));
      SnapshotSwitcher switcher =
          SnapshotSwitcher.of(
              Pipeline.builder("orders")
                  .source(world.table)
                  .mapper(SwitchWorld.MAPPER)
                  .checkpoints(InMemoryCheckpointStore.create())
                  .clock(world.clock)
                  .rateLimiter(limiter)
                  .snapshots(
                      CosmosSnapshotTarget.flagged(shared, account.container(List.of("/id")))
                          .build())
                  .build());
      String old = switcher.switchToLatest().activeGeneration().orElseThrow();
      world.commitBatch();
      switcher.switchToLatest();
      world.clock.advance(Duration.ofMinutes(10));
      assertThat(emulator.database(shared.getDatabase().getId()).container(shared.getId()))
          .extracting(container -> container.documentCount())
          .isEqualTo(2L * SwitchWorld.ROWS);
      limiter.forget();
      emulator.calls().clear();

      List<String> discarded = switcher.discardExpired();

      assertThat(discarded).containsExactly(old);
      assertThat(emulator.database(shared.getDatabase().getId()).container(shared.getId()))
          .extracting(container -> container.documentCount())
          .isEqualTo((long) SwitchWorld.ROWS);
      List<RecordedCall> calls = emulator.calls().calls();
      int lastDelete = calls.size() - 1;
      while (calls.get(lastDelete).operation() != EmulatorOperation.BULK_BATCH) {
        lastDelete--;
      }
      // What comes after the deletes is the look whether all are gone.
      double charged = charge(calls, EmulatorOperation.BULK_BATCH);
      double read = charge(calls.subList(0, lastDelete), EmulatorOperation.QUERY);
      assertThat(charged).isPositive();
      assertThat(read).isPositive();
      assertThat(limiter.asked).isGreaterThan(SwitchWorld.ROWS);
      assertThat(emulator.calls().count(EmulatorOperation.DELETE)).isZero();
      assertThat(limiter.spent).isCloseTo(charged + read, within(0.01 * SwitchWorld.ROWS));
    }
  }

  private static double charge(List<RecordedCall> calls, EmulatorOperation operation) {
    return calls.stream()
        .filter(call -> call.operation() == operation)
        .mapToDouble(RecordedCall::requestCharge)
        .sum();
  }
}
