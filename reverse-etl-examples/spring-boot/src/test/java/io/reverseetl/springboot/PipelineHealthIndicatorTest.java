package io.reverseetl.springboot;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.LoadReport;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.testing.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

class PipelineHealthIndicatorTest {
  private final ManualClock clock = new ManualClock();
  private final PipelineActivity activity = new PipelineActivity(clock);
  private final PipelineHealthIndicator indicator =
      new PipelineHealthIndicator(activity, Duration.ofMinutes(15), clock);

  private void loaded() {
    activity.onLoadFinished(
        new LoadReport(
            "p",
            "t",
            1,
            LoadReport.Outcome.COMPLETED,
            false,
            1,
            1,
            1,
            1,
            1,
            0,
            1,
            0,
            0,
            Duration.ZERO,
            Optional.empty()));
  }

  @Test
  void isUpWhileTheLastSuccessIsFresh() {
    loaded();
    clock.advance(Duration.ofMinutes(15));

    assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
  }

  @Test
  void isDownWhenNothingSucceededForTooLong() {
    loaded();
    clock.advance(Duration.ofMinutes(16));

    assertThat(indicator.health().getStatus()).isEqualTo(Status.DOWN);
  }

  @Test
  void isUpWhileALoadTakesLong() {
    activity.onLoadStarted(null, null);
    clock.advance(Duration.ofHours(5));

    assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
  }

  @Test
  void isUpWhileAnotherReplicaDoesTheWork() {
    activity.onPollFailed(
        new CheckpointConflictException("Held."), Optional.of(Duration.ofSeconds(1)));
    clock.advance(Duration.ofHours(5));

    assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
  }

  @Test
  void isDownAndSaysWhyWhenThePollerHasStopped() {
    loaded();
    activity.onPollFailed(new WriteException("No container.", null), Optional.empty());

    Health health = indicator.health();

    assertThat(health.getStatus()).isEqualTo(Status.DOWN);
    assertThat(health.getDetails()).containsEntry("problem", "No container.");
  }

  @Test
  void tellsDeadLettersAndThrottlingAndStaysUp() {
    loaded();
    activity.onThrottled(Duration.ZERO);
    activity.onDeadLetter(
        new DeadLetter(Instant.EPOCH, "p", 1, "f", "MAPPING", "m", Optional.empty()));

    Health health = indicator.health();

    assertThat(health.getStatus()).isEqualTo(Status.UP);
    assertThat(health.getDetails()).containsEntry("deadLetters", 1L).containsEntry("throttled", 1L);
  }
}
