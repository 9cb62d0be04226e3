package io.reverseetl.springboot;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.CdcPoller;
import io.reverseetl.Pipeline;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.ManualClock;
import io.reverseetl.testing.PipelineTester;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.health.contributor.Status;

@Timeout(60)
class PipelineLifecycleTest {
  private final ManualClock clock = new ManualClock();
  private final PipelineActivity activity = new PipelineActivity(clock);

  @Test
  void isDownWhenTheLoadEndsByAMistake() throws Exception {
    CompletableFuture<Thread> worker = new CompletableFuture<>();
    Pipeline pipeline =
        PipelineTester.builder(
                StructType.of(
                    Column.required("id", Primitive.STRING),
                    Column.required("region", Primitive.STRING)),
                ColumnMapper.builder().id("id").partitionKey("region").build())
            .pipeline(
                parts ->
                    parts
                        .listener(activity)
                        .checkpoints(
                            new BrokenCheckpoints(() -> worker.complete(Thread.currentThread()))))
            .build()
            .pipeline();
    PipelineLifecycle lifecycle =
        new PipelineLifecycle(
            pipeline, null, CdcPoller.of(pipeline), activity, Duration.ofSeconds(10));

    lifecycle.start();
    worker.get().join();

    assertThat(activity.view().stage()).isEqualTo(PipelineActivity.Stage.STOPPED);
    assertThat(
            new PipelineHealthIndicator(activity, Duration.ofMinutes(15), clock)
                .health()
                .getStatus())
        .isEqualTo(Status.DOWN);
    lifecycle.stop();
  }
}
