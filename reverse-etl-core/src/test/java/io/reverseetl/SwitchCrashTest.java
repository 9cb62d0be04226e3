package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.document.Generation;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemorySnapshotTarget;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * A switcher that is killed at every single call it makes, before and after the call takes effect.
 * A reader looks around at every call. The next run ends what was begun.
 */
class SwitchCrashTest {
  private static final Duration GRACE = Duration.ofMinutes(10);
  private static final Duration PAST_THE_LEASE = Duration.ofSeconds(61);

  private static final class Place {
    final SwitchWorld world = new SwitchWorld();
    final InMemorySnapshotTarget target = InMemorySnapshotTarget.of("/region");
    final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();
    long looks;

    Pipeline pipeline(CrashPoints process, PipelineListener listener) {
      return Pipeline.builder("orders")
          .source(world.table)
          .mapper(SwitchWorld.MAPPER)
          .checkpoints(process.of(checkpoints))
          .clock(world.clock)
          .readThreads(1)
          .snapshots(process.of(target))
          .listener(listener)
          .build();
    }

    Pipeline alive() {
      return pipeline(new CrashPoints(-1, false, this::look), new PipelineListener() {});
    }

    /** What a reader sees: every row, and all of one batch. */
    synchronized void look() {
      if (target.read().flatMap(stored -> stored.pointer().served()).isEmpty()) {
        return;
      }
      InMemoryDocumentSink served = target.served().orElseThrow();
      Set<Object> batches =
          served.documents().values().stream()
              .map(document -> document.get("batch"))
              .collect(Collectors.toSet());
      assertThat(served.size()).isEqualTo(SwitchWorld.ROWS);
      assertThat(batches).hasSize(1);
      looks++;
    }
  }

  @Test
  void endsWhatARunBeganThatWasKilledAtAnyCall() throws Exception {
    int killed = 0;
    for (boolean beforeEffect : List.of(true, false)) {
      for (int at = 0; ; at++) {
        try {
          if (!switchesAfterBeingKilled(at, beforeEffect)) {
            break;
          }
          killed++;
        } catch (RuntimeException | Error e) {
          throw new AssertionError(
              "killed at call " + at + (beforeEffect ? " before" : " after") + " its effect", e);
        }
      }
    }
    assertThat(killed).isGreaterThan(100);
  }

  /** False if the run ended before it was killed. */
  private boolean switchesAfterBeingKilled(int at, boolean beforeEffect) throws Exception {
    Place place = new Place();
    // One generation is expired, one served; the new one is loaded while a commit comes.
    SnapshotSwitcher.of(place.alive()).switchToLatest();
    SnapshotSwitcher.of(place.alive()).switchToLatest();
    place.world.clock.advance(GRACE);
    place.world.commitBatch();

    boolean killed = false;
    CrashPoints process = new CrashPoints(at, beforeEffect, place::look);
    Pipeline doomed =
        place.pipeline(
            process,
            new PipelineListener() {
              @Override
              public void onSwitchStep(SwitchStep step, String generation) {
                if (step == SwitchStep.LOAD) {
                  place.world.commitSmall(0);
                }
              }
            });
    try {
      SnapshotSwitcher.of(doomed).switchToLatest();
    } catch (CrashPoints.Killed e) {
      killed = true;
    }
    if (!killed) {
      return false;
    }
    place.look();
    place.world.commitSmall(at % SwitchWorld.ROWS);
    place.world.clock.advance(PAST_THE_LEASE);

    SwitchReport report = SnapshotSwitcher.of(place.alive()).switchToLatest();

    assertThat(report.outcome()).isEqualTo(SwitchReport.Outcome.SWITCHED);
    try (CdcPoller poller = CdcPoller.of(place.alive())) {
      poller.pollOnce();
    }
    VerifyReport verified = Verifier.of(place.alive()).verify();
    assertThat(verified.isEqual()).isTrue();
    assertThat(verified.version()).isEqualTo(place.world.newest());
    assertListedIsThere(place);

    place.world.clock.advance(GRACE);
    SnapshotSwitcher.of(place.alive()).discardExpired();

    assertThat(place.target.generations()).containsExactly(report.activeGeneration().orElseThrow());
    assertListedIsThere(place);
    Map<Boolean, List<String>> left =
        place.checkpoints.saves().stream()
            .map(checkpoint -> checkpoint.pipeline())
            .distinct()
            .filter(name -> place.checkpoints.checkpoint(name).isPresent())
            .collect(Collectors.partitioningBy(name -> name.endsWith("@switch")));
    assertThat(left.get(false))
        .containsExactly("orders@" + report.activeGeneration().orElseThrow());
    assertThat(place.looks).isPositive();
    return true;
  }

  private static void assertListedIsThere(Place place) {
    assertThat(place.target.read().orElseThrow().pointer().generations())
        .extracting(Generation::id)
        .containsExactlyElementsOf(place.target.generations());
  }

  @Test
  void aSwitcherThatSleptPastItsLeaseMovesNothing() throws Exception {
    Place place = new Place();
    SnapshotSwitcher.of(place.alive()).switchToLatest();
    place.world.commitBatch();
    SwitchReport[] other = new SwitchReport[1];
    Pipeline sleeper =
        Pipeline.builder("orders")
            .source(place.world.table)
            .mapper(SwitchWorld.MAPPER)
            .checkpoints(place.checkpoints)
            .clock(place.world.clock)
            .snapshots(place.target)
            .listener(
                new PipelineListener() {
                  @Override
                  public void onSwitchStep(SwitchStep step, String generation) {
                    if (step == SwitchStep.ACTIVATE) {
                      place.world.clock.advance(PAST_THE_LEASE);
                      other[0] = SnapshotSwitcher.of(place.alive()).switchToLatest();
                    }
                  }
                })
            .build();

    assertThatThrownBy(() -> SnapshotSwitcher.of(sleeper).switchToLatest())
        .isInstanceOf(CheckpointConflictException.class);

    assertThat(other[0].outcome()).isEqualTo(SwitchReport.Outcome.SWITCHED);
    assertThat(place.target.read().orElseThrow().pointer().served().orElseThrow().id())
        .isEqualTo(other[0].activeGeneration().orElseThrow());
    assertThat(Verifier.of(place.alive()).verify().isEqual()).isTrue();
  }
}
