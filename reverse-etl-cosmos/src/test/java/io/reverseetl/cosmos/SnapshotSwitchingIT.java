package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.cosmos.CosmosAsyncContainer;
import io.reverseetl.CdcPoller;
import io.reverseetl.CrashPoints;
import io.reverseetl.Pipeline;
import io.reverseetl.SnapshotSwitcher;
import io.reverseetl.SwitchReport;
import io.reverseetl.SwitchWorld;
import io.reverseetl.Verifier;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.FaultRule;
import io.reverseetl.document.Generation;
import io.reverseetl.document.SnapshotTarget;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.SwitchOutcomeUnknownException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.testing.InMemoryCheckpointStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.Test;

/**
 * Readers go on through many switches, while the emulator throttles, fails and loses answers, and
 * the switcher is killed at random calls. They never miss a document, never see two batches in one
 * view, and never get an error.
 */
class SnapshotSwitchingIT {
  private static final int SWITCHES = Integer.getInteger("reverseetl.switches", 20);
  private static final Duration GRACE = Duration.ofMinutes(10);
  private static final Duration HOP = Duration.ofMinutes(1);

  @Test
  void readersNeverNoticeASwitchOfContainers() throws Exception {
    switchUnderFire(false, 42);
  }

  @Test
  void readersNeverNoticeASwitchOfTheFlag() throws Exception {
    switchUnderFire(true, 43);
  }

  private static void switchUnderFire(boolean flagged, long seed) throws Exception {
    try (TestAccount account = TestAccount.emulated(2)) {
      Fire fire = new Fire(account, flagged, seed);
      fire.switchOnce();
      try (SnapshotReader eager = fire.reader(Duration.ZERO);
          SnapshotReader lazy = fire.reader(Duration.ofMinutes(1))) {
        fire.begin();
        for (int i = 0; i < SWITCHES; i++) {
          fire.round();
        }
        fire.end();
        eager.close();
        lazy.close();
        assertThat(eager.wrong()).as("seed %d", seed).isEmpty();
        assertThat(lazy.wrong()).as("seed %d", seed).isEmpty();
        assertThat(eager.reads()).isGreaterThan(SWITCHES);
        assertThat(eager.snapshotsSeen()).isGreaterThan(SWITCHES / 2);
        assertThat(lazy.snapshotsSeen()).isGreaterThan(1);
      }
      assertThat(fire.kills).as("seed %d", seed).isGreaterThan(SWITCHES / 4);
      assertThat(fire.hits()).isPositive();
    }
  }

  /** A pipeline under fire. Everything random comes from the seed. */
  private static final class Fire {
    final SwitchWorld world = new SwitchWorld();
    final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();
    final ReadWriteLock time = new ReentrantReadWriteLock();
    final TestAccount account;
    final CosmosAsyncContainer first;
    final CosmosAsyncContainer pointers;
    final boolean flagged;
    final Random random;
    final List<SnapshotReader> readers = new ArrayList<>();
    int kills;
    private List<FaultRule> rules = List.of();

    Fire(TestAccount account, boolean flagged, long seed) {
      this.account = account;
      this.first = account.container(List.of("/region"));
      this.pointers = account.container(List.of("/id"));
      this.flagged = flagged;
      this.random = new Random(seed);
    }

    SnapshotTarget target() {
      return (flagged
              ? CosmosSnapshotTarget.flagged(first, pointers)
              : CosmosSnapshotTarget.containers(first, pointers))
          .build();
    }

    Pipeline pipeline(CrashPoints process) {
      return Pipeline.builder("orders")
          .source(world.table)
          .mapper(SwitchWorld.MAPPER)
          .checkpoints(process.of(checkpoints))
          .clock(world.clock)
          .snapshots(process.of(target()))
          .build();
    }

    Pipeline alive() {
      return pipeline(new CrashPoints(-1, false, () -> {}));
    }

    SnapshotReader reader(Duration refreshAfter) {
      SnapshotReader reader =
          new SnapshotReader(
              account.database(),
              ActiveSnapshot.builder(pointers, first.getId())
                  .refreshAfter(refreshAfter)
                  .maxStaleness(GRACE.minusMinutes(1))
                  .clock(world.clock)
                  .build(),
              time.readLock());
      readers.add(reader);
      return reader;
    }

    void begin() {
      CosmosEmulator emulator = account.emulator().orElseThrow();
      String pointer = pointers.getId();
      long seed = random.nextLong();
      rules =
          List.of(
              emulator.faults().onBatch().beforeApply().status(429).probability(0.05, seed),
              emulator.faults().onBatch().afterApply().status(503).probability(0.05, seed + 1),
              emulator
                  .faults()
                  .onReplace()
                  .container(pointer)
                  .afterApply()
                  .status(503)
                  .probability(0.1, seed + 2),
              emulator
                  .faults()
                  .onReplace()
                  .container(pointer)
                  .beforeApply()
                  .status(503)
                  .probability(0.05, seed + 3),
              emulator.faults().onRead().container(pointer).status(500).probability(0.1, seed + 4));
    }

    void end() {
      account.emulator().orElseThrow().faults().clear();
    }

    long hits() {
      return rules.stream().mapToLong(FaultRule::hits).sum();
    }

    /**
     * Lets time pass, a minute at most at once, and each reader read at least once then. Nobody
     * reads while it passes: no read lasts longer than the grace period.
     */
    void pass(Duration duration) {
      Duration left = duration;
      while (!left.isZero()) {
        Duration hop = left.compareTo(HOP) < 0 ? left : HOP;
        left = left.minus(hop);
        time.writeLock().lock();
        int[] before;
        try {
          world.clock.advance(hop);
          before = readers.stream().mapToInt(SnapshotReader::attempts).toArray();
        } finally {
          time.writeLock().unlock();
        }
        for (int i = 0; i < before.length; i++) {
          while (readers.get(i).attempts() == before[i]) {
            Thread.onSpinWait();
          }
        }
      }
    }

    void round() throws InterruptedException {
      world.commitBatch();
      if (random.nextInt(4) > 0) {
        killOnce();
      }
      SwitchReport report = switchOnce();
      world.commitSmall(random.nextInt(SwitchWorld.ROWS));
      poll();
      assertThat(Verifier.of(alive()).verify().isEqual()).isTrue();
      assertThat(target().read().orElseThrow().pointer().served().map(Generation::id))
          .isEqualTo(report.activeGeneration());
      pass(random.nextBoolean() ? GRACE : Duration.ofSeconds(90));
    }

    private void killOnce() {
      CrashPoints doomed = new CrashPoints(random.nextInt(60), random.nextBoolean(), () -> {});
      try {
        SnapshotSwitcher.of(pipeline(doomed)).switchToLatest();
      } catch (CrashPoints.Killed e) {
        kills++;
      } catch (WriteException | SwitchOutcomeUnknownException e) {
        assertThat(e.getMessage()).isNotEmpty(); // A fault came first; the next run goes on.
      }
      // The lease of the dead process expires.
      pass(Duration.ofSeconds(61));
    }

    SwitchReport switchOnce() {
      for (int attempt = 0; ; attempt++) {
        try {
          SwitchReport report = SnapshotSwitcher.of(alive()).switchToLatest();
          assertThat(report.outcome()).isEqualTo(SwitchReport.Outcome.SWITCHED);
          return report;
        } catch (WriteException | SwitchOutcomeUnknownException | CheckpointConflictException e) {
          if (attempt == 20) {
            throw e;
          }
          pass(Duration.ofSeconds(61));
        }
      }
    }

    private void poll() {
      try (CdcPoller poller = CdcPoller.of(alive())) {
        for (int attempt = 0; ; attempt++) {
          try {
            poller.pollOnce();
            return;
          } catch (WriteException e) {
            if (attempt == 20) {
              throw e;
            }
          }
        }
      }
    }
  }
}
