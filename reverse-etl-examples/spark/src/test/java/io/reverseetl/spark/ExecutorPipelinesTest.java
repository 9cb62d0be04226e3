package io.reverseetl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.reverseetl.Pipeline;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemoryTableSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExecutorPipelinesTest {
  private final List<String> events = new ArrayList<>();
  private final List<Runnable> later = new ArrayList<>();
  private final ScheduledFuture<?> closing = mock();
  private final ScheduledExecutorService timer = mock();
  private final ExecutorPipelines pipelines = new ExecutorPipelines(timer);

  private record Runner(List<String> events) implements AutoCloseable {
    @Override
    public void close() {
      events.add("runner closed");
    }
  }

  @BeforeEach
  void keepTheTime() {
    when(timer.schedule(any(Runnable.class), anyLong(), any()))
        .thenAnswer(
            call -> {
              later.add(call.getArgument(0));
              return closing;
            });
  }

  private OpenPipeline open() {
    events.add("opened");
    Pipeline pipeline =
        Pipeline.builder("p")
            .source(mock(InMemoryTableSource.class))
            .mapper(
                (row, documents) ->
                    documents.accept(Document.of(DocumentKey.of("1", "a"), Map.of("pk", "a"))))
            .sink(InMemoryDocumentSink.of("/pk"))
            .checkpoints(InMemoryCheckpointStore.create())
            .build();
    return OpenPipeline.of(pipeline, () -> events.add("closed"));
  }

  private ExecutorPipelines.Use<Runner> begin(String run) throws Exception {
    return pipelines.use(
        run, share -> open(), BudgetShare.oneOf(1), Runner.class, opened -> new Runner(events));
  }

  private void use(String run) throws Exception {
    try (var use = begin(run)) {
      assertThat(use.runner().events()).isSameAs(events);
      events.add("used by " + run);
    }
  }

  @Test
  void tasksOfARunShareAPipeline() throws Exception {
    use("a");
    use("a");
    use("b");

    assertThat(events).containsExactly("opened", "used by a", "used by a", "opened", "used by b");
  }

  @Test
  void anIdlePipelineIsClosed() throws Exception {
    use("a");
    later.get(0).run();
    later.get(0).run();
    use("a");

    assertThat(events)
        .containsExactly("opened", "used by a", "runner closed", "closed", "opened", "used by a");
  }

  @Test
  void aPipelineInUseIsNotClosed() throws Exception {
    use("a");
    try (var use = begin("a")) {
      // It was due just as the task began.
      later.get(0).run();
      pipelines.closeIdle();
      assertThat(events).containsExactly("opened", "used by a");
      use.close();
    }

    pipelines.closeIdle();

    assertThat(events).containsExactly("opened", "used by a", "runner closed", "closed");
  }

  @Test
  void aTaskThatEndsTwiceCountsOnce() throws Exception {
    try (var other = begin("a")) {
      var use = begin("a");
      use.close();
      use.close();

      pipelines.closeIdle();

      assertThat(other.runner().events()).containsExactly("opened");
    }
  }

  @Test
  void closesEverythingThatWasOpenedTheLastFirst() {
    OpenPipeline open =
        OpenPipeline.of(
            open().pipeline(),
            () -> events.add("first"),
            () -> {
              throw new IllegalStateException("second");
            },
            () -> events.add("third"));

    assertThatThrownBy(open::close).hasMessage("second");
    assertThat(events).containsExactly("opened", "third", "first");
  }
}
