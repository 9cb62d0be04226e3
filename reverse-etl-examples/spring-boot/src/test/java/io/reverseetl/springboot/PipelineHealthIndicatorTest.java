package io.reverseetl.springboot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.document.Rejection;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryDeadLetterSink;
import io.reverseetl.testing.ManualClock;
import io.reverseetl.testing.PipelineTester;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

class PipelineHealthIndicatorTest {
  private final ManualClock clock = new ManualClock();
  private final PipelineActivity activity = new PipelineActivity(clock);
  private final PipelineHealthIndicator indicator =
      new PipelineHealthIndicator(activity, Duration.ofMinutes(15), clock);

  private final PipelineTester tester =
      PipelineTester.builder(
              StructType.of(
                  Column.required("id", Primitive.STRING),
                  Column.required("region", Primitive.STRING)),
              ColumnMapper.builder().id("id").partitionKey("region").build())
          .pipeline(
              pipeline -> pipeline.listener(activity).deadLetters(InMemoryDeadLetterSink.create()))
          .build();

  private void loaded() {
    tester.commit(tester.insert("7", "eu"), tester.insert("8", "eu"));
    tester.load();
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
    tester.commit(tester.insert("7", "eu"));
    tester.sink().crashAfter(0);
    assertThatThrownBy(tester::load).isInstanceOf(WriteException.class);
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
    tester.throttle(1);
    tester
        .sink()
        .reject(
            operation -> operation.key().id().equals("8"),
            new Rejection(Rejection.Reason.TOO_LARGE, 413, "Too large."));
    loaded();

    Health health = indicator.health();

    assertThat(health.getStatus()).isEqualTo(Status.UP);
    assertThat(health.getDetails()).containsEntry("deadLetters", 1L).containsEntry("throttled", 1L);
  }
}
