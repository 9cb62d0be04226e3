package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.FileDeadLetterSink;
import io.reverseetl.document.Generation;
import io.reverseetl.document.Rejection;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.SwitchOutcomeUnknownException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemorySnapshotTarget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotSwitcherTest {
  private static final Duration GRACE = Duration.ofMinutes(10);
  private static final Rejection REFUSED =
      new Rejection(Rejection.Reason.TOO_LARGE, 413, "The test refuses it.");

  private final SwitchWorld world = new SwitchWorld();
  private final InMemorySnapshotTarget target = InMemorySnapshotTarget.of("/region");
  private final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();
  private final List<String> steps = new ArrayList<>();

  @TempDir private Path folder;

  private Pipeline.Builder parts() {
    return Pipeline.builder("orders")
        .source(world.table)
        .mapper(SwitchWorld.MAPPER)
        .checkpoints(checkpoints)
        .clock(world.clock)
        .snapshots(target)
        .listener(
            new PipelineListener() {
              @Override
              public void onSwitchStep(SwitchStep step, String generation) {
                steps.add(step.name());
              }
            });
  }

  private final Pipeline pipeline = parts().build();

  private SwitchReport switchOver() {
    return SnapshotSwitcher.of(pipeline).switchToLatest();
  }

  private PollReport poll() {
    try (CdcPoller poller = CdcPoller.of(pipeline)) {
      return poller.pollOnce();
    }
  }

  private void assertServed(long version) throws InterruptedException {
    VerifyReport report = Verifier.of(pipeline).verify();
    assertThat(report.isEqual()).as("%s", report).isTrue();
    assertThat(report.documents()).isEqualTo(SwitchWorld.ROWS);
    assertThat(report.version()).isEqualTo(version);
  }

  // ---- the way there ----

  @Test
  void loadsVerifiesAndServesTheFirstSnapshot() throws Exception {
    SwitchReport report = switchOver();

    assertThat(report.outcome()).isEqualTo(SwitchReport.Outcome.SWITCHED);
    assertThat(report.version()).isZero();
    assertThat(report.documents()).isEqualTo(SwitchWorld.ROWS);
    assertThat(report.previousGeneration()).isEmpty();
    assertThat(report.rollbackUntil()).isEmpty();
    assertThat(report.verification().orElseThrow().isEqual()).isTrue();
    assertThat(steps).containsExactly("STAGE", "LOAD", "VERIFY", "ACTIVATE");
    assertServed(0);
  }

  @Test
  void keepsTheOldGenerationBesideTheNewOne() throws Exception {
    String old = switchOver().activeGeneration().orElseThrow();
    world.commitBatch();

    SwitchReport report = switchOver();

    assertThat(report.previousGeneration()).contains(old);
    assertThat(report.rollbackUntil()).contains(world.clock.instant().plus(GRACE));
    assertThat(target.generations()).containsExactly(old, report.activeGeneration().orElseThrow());
    assertThat(target.sink(old).orElseThrow().document(DocumentKey.of("0", "0")).orElseThrow())
        .containsEntry("batch", 0);
    assertServed(1);
  }

  @Test
  void takesInWhatIsCommittedWhileItLoads() throws Exception {
    Pipeline busy =
        parts()
            .listener(
                new PipelineListener() {
                  @Override
                  public void onLoadFinished(LoadReport report) {
                    world.commitSmall(1);
                  }
                })
            .build();

    SwitchReport report = SnapshotSwitcher.of(busy).switchToLatest();

    assertThat(report.version()).isEqualTo(1);
    assertThat(report.changesRead()).isEqualTo(2);
    assertThat(steps).containsExactly("STAGE", "LOAD", "CATCH_UP", "VERIFY", "ACTIVATE");
    assertServed(1);
  }

  @Test
  void servesExactlyTheVersionThatWasAskedFor() throws Exception {
    world.commitBatch();
    world.commitBatch();

    SwitchReport report = SnapshotSwitcher.of(pipeline).switchTo(1);

    assertThat(report.version()).isEqualTo(1);
    assertServed(1);
  }

  @Test
  void doesNotCatchUpWhenToldNotTo() {
    Pipeline busy =
        parts()
            .listener(
                new PipelineListener() {
                  @Override
                  public void onLoadFinished(LoadReport report) {
                    world.commitSmall(1);
                  }
                })
            .build();

    SwitchReport report = SnapshotSwitcher.builder(busy).catchUp(false).build().switchToLatest();

    assertThat(report.version()).isZero();
  }

  @Test
  void pollsTheServedGenerationWhileTheNewOneLoads() throws Exception {
    switchOver();
    String old = target.read().orElseThrow().pointer().served().orElseThrow().id();
    List<Long> polled = new ArrayList<>();
    Pipeline busy =
        parts()
            .listener(
                new PipelineListener() {
                  @Override
                  public void onSwitchStep(SwitchStep step, String generation) {
                    if (step == SwitchStep.LOAD || step == SwitchStep.VERIFY) {
                      world.commitSmall(2);
                      polled.add(poll().toVersion());
                    }
                  }
                })
            .build();

    SwitchReport report = SnapshotSwitcher.of(busy).switchToLatest();

    assertThat(polled).containsExactly(1L, 2L);
    assertThat(target.sink(old).orElseThrow().document(DocumentKey.of("2", "2")).orElseThrow())
        .containsEntry("n", 2);
    // Readers had seen version 2 after the new one was verified at 1, and do not go back.
    assertThat(report.version()).isEqualTo(2);
    assertServed(2);
  }

  @Test
  void pollsOnlyTheNewGenerationAfterTheFlip() throws Exception {
    String old = switchOver().activeGeneration().orElseThrow();
    switchOver();
    InMemoryDocumentSink before = target.sink(old).orElseThrow();
    before.forgetOperations();
    world.commitSmall(3);

    PollReport polled = poll();

    assertThat(polled.fromVersion()).isZero();
    assertThat(polled.toVersion()).isEqualTo(1);
    assertThat(before.operations()).isEmpty();
    assertServed(1);
  }

  @Test
  void leavesAGenerationThatIsNoLongerServedInTheMiddleOfAPoll() throws Exception {
    String old = switchOver().activeGeneration().orElseThrow();
    world.commitSmall(0);
    world.commitSmall(1);
    Pipeline slow =
        parts()
            .listener(
                new PipelineListener() {
                  private boolean done;

                  @Override
                  public void onRangeWritten(PollRange range) {
                    if (!done) {
                      done = true;
                      switchOver();
                      world.clock.advance(Duration.ofSeconds(10));
                    }
                  }
                })
            .build();

    PollReport report;
    try (CdcPoller poller = CdcPoller.builder(slow).maxRangeCommits(1).build()) {
      report = poller.pollOnce();
    }

    assertThat(report.outcome()).isEqualTo(PollReport.Outcome.UP_TO_DATE);
    assertThat(report.toVersion()).isEqualTo(2);
    assertThat(checkpoints.checkpoint("orders@" + old).orElseThrow().version()).isEqualTo(1);
    assertServed(2);
  }

  // ---- what is refused ----

  @Test
  void refusesToTakeReadersBack() throws Exception {
    world.commitBatch();
    switchOver();

    assertThatThrownBy(() -> SnapshotSwitcher.of(pipeline).switchTo(0))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("Version 0")
        .hasMessageContaining("version 1");
    assertServed(1);
  }

  @Test
  void refusesAnotherPipelinesPointer() {
    switchOver();
    Pipeline other =
        Pipeline.builder("customers")
            .source(world.table)
            .mapper(SwitchWorld.MAPPER)
            .checkpoints(checkpoints)
            .snapshots(target)
            .build();

    assertThatThrownBy(() -> SnapshotSwitcher.of(other).switchToLatest())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("orders");
    assertThatThrownBy(() -> CdcPoller.of(other).pollOnce())
        .isInstanceOf(ConfigurationException.class);
  }

  @Test
  void saysThatNothingIsServedYet() {
    assertThatThrownBy(this::poll)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("SnapshotSwitcher");
    assertThat(pipeline.status().checkpoint()).isEmpty();
  }

  @Test
  void needsASnapshotTarget() {
    Pipeline plain =
        Pipeline.builder("orders")
            .source(world.table)
            .mapper(SwitchWorld.MAPPER)
            .checkpoints(checkpoints)
            .sink(InMemoryDocumentSink.of("/region"))
            .build();

    assertThatThrownBy(() -> SnapshotSwitcher.of(plain)).isInstanceOf(ConfigurationException.class);
  }

  @Test
  void doesNotServeWhatIsNotWhatTheTableIs() throws Exception {
    switchOver();
    world.commitBatch();
    Pipeline spoilt =
        parts()
            .listener(
                new PipelineListener() {
                  @Override
                  public void onSwitchStep(SwitchStep step, String generation) {
                    if (step == SwitchStep.VERIFY) {
                      target.sink(generation).orElseThrow().remove(DocumentKey.of("4", "4"));
                    }
                  }
                })
            .build();

    SwitchReport report =
        SnapshotSwitcher.builder(spoilt).verifyOneIn(1_000_000).build().switchToLatest();

    assertThat(report.outcome()).isEqualTo(SwitchReport.Outcome.NOT_VERIFIED);
    assertServed(0);

    // The next run begins anew and removes what was given up.
    SwitchReport next = switchOver();

    assertThat(next.outcome()).isEqualTo(SwitchReport.Outcome.SWITCHED);
    assertThat(next.discarded()).hasSize(1);
    assertServed(1);
  }

  @Test
  void countsDeadLettersAgainstWhatIsAllowed() {
    Pipeline lenient =
        parts().deadLetters(FileDeadLetterSink.of(folder.resolve("letters"))).build();
    Pipeline refusing =
        parts()
            .deadLetters(FileDeadLetterSink.of(folder.resolve("more")))
            .listener(
                new PipelineListener() {
                  @Override
                  public void onSwitchStep(SwitchStep step, String generation) {
                    if (step == SwitchStep.LOAD) {
                      target
                          .sink(generation)
                          .orElseThrow()
                          .reject(operation -> operation.key().id().equals("3"), REFUSED);
                    }
                  }
                })
            .build();

    assertThat(SnapshotSwitcher.of(refusing).switchToLatest().outcome())
        .isEqualTo(SwitchReport.Outcome.NOT_VERIFIED);
    SwitchReport allowed =
        SnapshotSwitcher.builder(refusing).maxDeadLetters(1).build().switchToLatest();

    assertThat(allowed.outcome()).isEqualTo(SwitchReport.Outcome.SWITCHED);
    assertThat(allowed.deadLetters()).isEqualTo(1);
    assertThat(allowed.documents()).isEqualTo(SwitchWorld.ROWS - 1);
    assertThat(SnapshotSwitcher.of(lenient).switchToLatest().outcome())
        .isEqualTo(SwitchReport.Outcome.SWITCHED);
  }

  // ---- back, and away ----

  @Test
  void goesBackWithinTheGracePeriodAndPollsOnFromThere() throws Exception {
    String old = switchOver().activeGeneration().orElseThrow();
    world.commitBatch();
    String bad = switchOver().activeGeneration().orElseThrow();
    world.commitSmall(1);
    poll();

    SwitchReport back = SnapshotSwitcher.of(pipeline).rollback();

    assertThat(back.outcome()).isEqualTo(SwitchReport.Outcome.ROLLED_BACK);
    assertThat(back.activeGeneration()).contains(old);
    assertThat(back.previousGeneration()).contains(bad);
    assertServed(0);
    assertThat(poll().toVersion()).isEqualTo(2);
    assertServed(2);
    // Asked again, for example after a lost answer, it does not go forth.
    assertThat(SnapshotSwitcher.of(pipeline).rollback().outcome())
        .isEqualTo(SwitchReport.Outcome.ALREADY_ROLLED_BACK);
    assertServed(2);
  }

  @Test
  void doesNotGoBackAfterTheGracePeriod() {
    switchOver();
    switchOver();
    world.clock.advance(GRACE);

    assertThatThrownBy(() -> SnapshotSwitcher.of(pipeline).rollback())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("grace");
  }

  @Test
  void doesNotGoBackFromTheFirstSnapshot() {
    assertThatThrownBy(() -> SnapshotSwitcher.of(pipeline).rollback())
        .isInstanceOf(ConfigurationException.class);
    switchOver();

    assertThatThrownBy(() -> SnapshotSwitcher.of(pipeline).rollback())
        .isInstanceOf(ConfigurationException.class);
  }

  @Test
  void takesThePointerFromASwitchThatIsUnderWayWhenItGoesBack() throws Exception {
    switchOver();
    world.commitBatch();
    switchOver();
    Pipeline interrupted =
        parts()
            .listener(
                new PipelineListener() {
                  @Override
                  public void onSwitchStep(SwitchStep step, String generation) {
                    if (step == SwitchStep.VERIFY) {
                      SnapshotSwitcher.of(pipeline).rollback();
                    }
                  }
                })
            .build();

    assertThatThrownBy(() -> SnapshotSwitcher.of(interrupted).switchToLatest())
        .isInstanceOf(CheckpointConflictException.class);

    assertServed(0);
    assertThat(switchOver().outcome()).isEqualTo(SwitchReport.Outcome.SWITCHED);
    assertServed(1);
  }

  @Test
  void removesAGenerationOnlyAfterItsGracePeriod() {
    String old = switchOver().activeGeneration().orElseThrow();
    String next = switchOver().activeGeneration().orElseThrow();
    SnapshotSwitcher switcher = SnapshotSwitcher.of(pipeline);

    world.clock.advance(GRACE.minusMillis(1));
    assertThat(switcher.discardExpired()).isEmpty();
    assertThat(target.generations()).containsExactly(old, next);

    world.clock.advance(Duration.ofMillis(1));
    assertThat(switcher.discardExpired()).containsExactly(old);
    assertThat(target.generations()).containsExactly(next);
    assertThat(checkpoints.checkpoint("orders@" + old)).isEmpty();
    assertThat(target.read().orElseThrow().pointer().generations())
        .extracting(Generation::id)
        .containsExactly(next);
  }

  @Test
  void keepsAGenerationWhileARunnerWritesToIt() {
    String old = switchOver().activeGeneration().orElseThrow();
    switchOver();
    world.clock.advance(GRACE);
    StoredCheckpoint stored = checkpoints.read("orders@" + old).orElseThrow();
    HeldCheckpoint zombie =
        HeldCheckpoint.take(
            pipeline.generation(
                target.read().orElseThrow().pointer().generation(old).orElseThrow(),
                target.sink(old).orElseThrow()),
            stored,
            "zombie",
            Duration.ofMinutes(1));

    assertThat(SnapshotSwitcher.of(pipeline).discardExpired()).isEmpty();
    world.clock.advance(Duration.ofMinutes(2));
    assertThat(SnapshotSwitcher.of(pipeline).discardExpired()).containsExactly(old);

    assertThatThrownBy(zombie::checkMayWrite).isInstanceOf(CheckpointConflictException.class);
    zombie.close();
  }

  // ---- from a plain target ----

  @Test
  void switchesAwayFromThePlainTargetAndBackToIt() throws Exception {
    InMemoryDocumentSink plain = InMemoryDocumentSink.of("/region");
    Pipeline grown = parts().sink(plain).ownsTarget(true).build();
    assertThat(InitialLoader.of(grown).load().documentsWritten()).isEqualTo(SwitchWorld.ROWS);
    world.commitSmall(1);
    try (CdcPoller poller = CdcPoller.of(grown)) {
      assertThat(poller.pollOnce().toVersion()).isEqualTo(1);
    }
    assertThat(checkpoints.checkpoint("orders").orElseThrow().version()).isEqualTo(1);

    SwitchReport report = SnapshotSwitcher.of(grown).switchToLatest();

    assertThat(report.rollbackUntil()).isPresent();
    assertThat(Verifier.of(grown).verify().isEqual()).isTrue();
    assertThat(grown.status().checkpoint().orElseThrow().pipeline()).startsWith("orders@");

    assertThat(SnapshotSwitcher.of(grown).rollback().activeGeneration()).isEmpty();
    world.commitSmall(2);
    try (CdcPoller poller = CdcPoller.of(grown)) {
      assertThat(poller.pollOnce().toVersion()).isEqualTo(2);
    }
    assertThat(plain.document(DocumentKey.of("2", "2")).orElseThrow()).containsEntry("n", 1);
  }

  // ---- gaps ----

  @Test
  void closesAGapWithANewGeneration() throws Exception {
    String old = switchOver().activeGeneration().orElseThrow();
    world.commitBatch();
    world.commitSmall(1);
    world.table.forgetChangesBefore(2);
    InMemoryDocumentSink before = target.sink(old).orElseThrow();
    before.forgetOperations();

    PollReport report;
    try (CdcPoller poller = CdcPoller.builder(pipeline).onGap(GapPolicy.RESNAPSHOT).build()) {
      report = poller.pollOnce();
    }

    assertThat(report.reloaded()).isTrue();
    assertThat(report.toVersion()).isEqualTo(2);
    assertThat(before.operations()).isEmpty();
    assertThat(target.generations()).hasSize(2);
    assertServed(2);
  }

  @Test
  void keepsTheOldGenerationForTheGraceOfThePollThatClosedAGap() {
    String old = switchOver().activeGeneration().orElseThrow();
    world.commitBatch();
    world.commitSmall(1);
    world.table.forgetChangesBefore(2);

    try (CdcPoller poller =
        CdcPoller.builder(pipeline)
            .onGap(GapPolicy.RESNAPSHOT)
            .grace(Duration.ofHours(3))
            .build()) {
      poller.pollOnce();
    }

    assertThat(target.read().orElseThrow().pointer().generation(old).orElseThrow().keepUntil())
        .contains(world.clock.instant().plus(Duration.ofHours(3)));
    assertThatThrownBy(() -> CdcPoller.builder(pipeline).grace(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void failsAtAGapUnlessToldOtherwise() {
    switchOver();
    world.commitBatch();
    world.table.forgetChangesBefore(2);

    assertThatThrownBy(this::poll).isInstanceOf(ChangesUnavailableException.class);
    assertThat(target.generations()).hasSize(1);
  }

  @Test
  void servesAReplacedTableThoughItsVersionsBeginAnew() throws Exception {
    world.commitBatch();
    switchOver();
    world.table.recreate();

    SwitchReport report = SnapshotSwitcher.of(pipeline).switchTo(0);

    assertThat(report.outcome()).isEqualTo(SwitchReport.Outcome.SWITCHED);
    assertServed(0);
  }

  // ---- crashes ----

  @Test
  void findsOutByThePointerWhetherAFlipTookEffect() throws Exception {
    switchOver();
    world.commitBatch();
    Pipeline losing =
        parts()
            .listener(
                new PipelineListener() {
                  @Override
                  public void onSwitchStep(SwitchStep step, String generation) {
                    if (step == SwitchStep.ACTIVATE) {
                      target.loseAnswerOfNextSave();
                    }
                  }
                })
            .build();

    assertThatThrownBy(() -> SnapshotSwitcher.of(losing).switchToLatest())
        .isInstanceOf(SwitchOutcomeUnknownException.class);
    SwitchReport next = switchOver();

    assertThat(next.outcome()).isEqualTo(SwitchReport.Outcome.SWITCHED);
    assertThat(next.rowsRead()).isZero();
    assertThat(target.generations()).hasSize(2);
    assertServed(1);
    // It is told once; the next switch is one of its own.
    assertThat(switchOver().rowsRead()).isEqualTo(SwitchWorld.ROWS);
  }

  @Test
  void flipsAgainWhenAFlipWasLost() throws Exception {
    switchOver();
    world.commitBatch();
    Pipeline losing =
        parts()
            .listener(
                new PipelineListener() {
                  @Override
                  public void onSwitchStep(SwitchStep step, String generation) {
                    if (step == SwitchStep.ACTIVATE) {
                      target.loseNextSave();
                    }
                  }
                })
            .build();

    assertThatThrownBy(() -> SnapshotSwitcher.of(losing).switchToLatest())
        .isInstanceOf(SwitchOutcomeUnknownException.class);
    assertServed(0);
    SwitchReport next = switchOver();

    assertThat(next.rowsRead()).isZero();
    assertThat(target.generations()).hasSize(2);
    assertServed(1);
  }

  @Test
  void goesOnWithALoadThatFailed() throws Exception {
    switchOver();
    world.commitBatch();
    Pipeline failing =
        parts()
            .readThreads(1)
            .listener(
                new PipelineListener() {
                  @Override
                  public void onSwitchStep(SwitchStep step, String generation) {
                    if (step == SwitchStep.LOAD) {
                      target.sink(generation).orElseThrow().crashAfter(4);
                    }
                  }
                })
            .build();

    assertThatThrownBy(() -> SnapshotSwitcher.of(failing).switchToLatest())
        .isInstanceOf(WriteException.class);
    assertServed(0);
    SwitchReport next = switchOver();

    assertThat(next.rowsRead()).isLessThan(SwitchWorld.ROWS);
    assertThat(target.generations()).hasSize(2);
    assertServed(1);
  }

  @Test
  void beginsANewSnapshotWhereTheOneBegunIsGone() throws Exception {
    switchOver();
    SnapshotSwitcher stopped = SnapshotSwitcher.of(parts().listener(stopAt()).build());
    stopping = stopped;
    world.commitBatch();
    assertThat(stopped.switchToLatest().outcome()).isEqualTo(SwitchReport.Outcome.STOPPED);
    world.commitBatch();
    world.commitBatch();
    poll();
    world.table.forgetChangesBefore(3);

    SwitchReport next = switchOver();

    assertThat(next.outcome()).isEqualTo(SwitchReport.Outcome.SWITCHED);
    assertThat(next.version()).isEqualTo(3);
    assertServed(3);
  }

  private SnapshotSwitcher stopping;

  private PipelineListener stopAt() {
    return new PipelineListener() {
      @Override
      public void onSwitchStep(SwitchStep step, String generation) {
        if (step == SwitchStep.VERIFY) {
          stopping.requestStop();
        }
      }
    };
  }

  @Test
  void stopsAtADeadlineAndGoesOn() throws Exception {
    switchOver();
    world.commitBatch();
    Pipeline slow =
        parts()
            .listener(
                new PipelineListener() {
                  @Override
                  public void onSwitchStep(SwitchStep step, String generation) {
                    if (step == SwitchStep.LOAD) {
                      world.clock.advance(Duration.ofMinutes(1));
                    }
                  }
                })
            .build();

    SwitchReport report = SnapshotSwitcher.of(slow).switchToLatest(Duration.ofSeconds(30));

    assertThat(report.outcome()).isEqualTo(SwitchReport.Outcome.DEADLINE_REACHED);
    assertThat(report.stagedGeneration()).isPresent();
    assertServed(0);
    SwitchReport next = switchOver();
    assertThat(next.activeGeneration()).isEqualTo(report.stagedGeneration());
    assertServed(1);
  }

  @Test
  void givesUpAStagedGenerationOfAnotherVersion() throws Exception {
    SnapshotSwitcher stopped = SnapshotSwitcher.of(parts().listener(stopAt()).build());
    stopping = stopped;
    String staged = stopped.switchToLatest().stagedGeneration().orElseThrow();
    world.commitBatch();

    SwitchReport report = SnapshotSwitcher.of(pipeline).switchTo(1);

    assertThat(report.activeGeneration()).isNotEqualTo(java.util.Optional.of(staged));
    assertServed(1);
    assertThat(SnapshotSwitcher.of(pipeline).discardExpired()).containsExactly(staged);
  }

  @Test
  void letsOneOfManySwitchersWin() throws Exception {
    switchOver();
    world.commitBatch();
    int switchers = 8;
    ExecutorService threads = Executors.newFixedThreadPool(switchers);
    CyclicBarrier start = new CyclicBarrier(switchers);
    CyclicBarrier end = new CyclicBarrier(switchers);
    int won = 0;
    try {
      List<Future<SwitchReport>> results = new ArrayList<>();
      for (int i = 0; i < switchers; i++) {
        Pipeline mine =
            parts()
                .listener(
                    new PipelineListener() {
                      @Override
                      public void onSwitchStep(SwitchStep step, String generation) {
                        if (step == SwitchStep.LOAD) {
                          await(end); // The others have lost before the winner goes on.
                        }
                      }
                    })
                .build();
        results.add(
            threads.submit(
                () -> {
                  start.await();
                  try {
                    return SnapshotSwitcher.of(mine).switchToLatest();
                  } catch (CheckpointConflictException e) {
                    await(end);
                    return null;
                  }
                }));
      }
      for (Future<SwitchReport> result : results) {
        won += result.get() == null ? 0 : 1;
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(won).isEqualTo(1);
    assertThat(target.generations()).hasSize(2);
    assertServed(1);
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void leavesNoOperationOfTheLoadInTheServedGeneration() {
    String old = switchOver().activeGeneration().orElseThrow();
    InMemoryDocumentSink before = target.sink(old).orElseThrow();
    before.forgetOperations();
    world.commitBatch();

    switchOver();

    assertThat(before.operations()).isEmpty();
    assertThat(Set.copyOf(target.served().orElseThrow().operations()))
        .hasSize(SwitchWorld.ROWS)
        .allMatch(operation -> operation instanceof DocumentOperation.Upsert);
  }
}
