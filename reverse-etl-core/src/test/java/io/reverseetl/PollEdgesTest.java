package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.CheckpointStore;
import io.reverseetl.checkpoint.FileCheckpointStore;
import io.reverseetl.checkpoint.PollProgress;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.document.DeadLetterSink;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.Rejection;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.reduce.Reducer;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemoryTableSource;
import io.reverseetl.testing.ManualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What polls do at the edges: interrupts, odd settings, storage that lost commits. */
@Timeout(60)
class PollEdgesTest {
  private static final DocumentMapper MAPPER =
      ColumnMapper.builder().id("id").partitionKey("region").build();

  private final ManualClock clock = new ManualClock();
  private final InMemoryTableSource table =
      InMemoryTableSource.of(
          StructType.of(
              Column.required("id", Primitive.STRING), Column.required("region", Primitive.STRING)),
          clock,
          10);
  private final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/region");
  private final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();

  @BeforeEach
  void load() {
    table.commit(table.insert("a", "eu"));
    InitialLoader.of(pipeline(checkpoints).build()).load();
  }

  private Pipeline.Builder pipeline(CheckpointStore store) {
    return Pipeline.builder("orders")
        .source(table)
        .mapper(MAPPER)
        .sink(sink)
        .checkpoints(store)
        .readThreads(1)
        .clock(clock);
  }

  private Checkpoint checkpoint() {
    return checkpoints.checkpoint("orders").orElseThrow();
  }

  /** An id whose document is written in a step. */
  private static String idOfStep(int step) {
    for (int i = 0; ; i++) {
      if (Reducer.chunkOf(DocumentKey.of("n" + i, "eu")) == step) {
        return "n" + i;
      }
    }
  }

  @Test
  void hazard7DeadLettersAreDurableBeforeAStepOfTheRangeIsSaved() {
    List<String> events = new ArrayList<>();
    String refused = idOfStep(3);
    table.commit(table.insert(refused, "eu"), table.insert(idOfStep(9), "eu"));
    sink.reject(
        operation -> operation.key().id().equals(refused),
        new Rejection(Rejection.Reason.TOO_LARGE, 413, "Too large."));
    DeadLetterSink letters =
        new DeadLetterSink() {
          @Override
          public void write(DeadLetter letter) {
            events.add("letter");
            clock.advance(Duration.ofSeconds(15));
          }

          @Override
          public void flush() {
            events.add("flush");
          }

          @Override
          public void close() {}
        };
    PipelineListener saves =
        new PipelineListener() {
          @Override
          public void onCheckpointSaved(Checkpoint saved) {
            saved
                .poll()
                .filter(poll -> poll.stepsDone() > 3)
                .ifPresent(poll -> events.add("beyond the letter's step"));
          }
        };

    CdcPoller.of(pipeline(checkpoints).deadLetters(letters).listener(saves).build()).pollOnce();

    assertThat(events).containsSubsequence("letter", "beyond the letter's step");
    assertThat(events.subList(0, 2)).containsExactly("letter", "flush");
  }

  @Test
  void aRangeThatWasBegunIsNotTakenForDoneWhereTheTableHasLostItsEnd() {
    table.commit(table.insert("b", "eu"));
    Checkpoint inside =
        checkpoint().polling(new PollProgress(3, RangeWriter.STEPS, RangeWriter.STEPS / 2));
    checkpoints.put(inside);

    assertThatThrownBy(() -> CdcPoller.of(pipeline(checkpoints).build()).pollOnce())
        .isInstanceOf(TableReadException.class)
        .hasMessageContaining("up to 3")
        .hasMessageContaining("up to 1");

    assertThat(checkpoint().version()).isZero();
    assertThat(checkpoint().poll()).isEqualTo(inside.poll());
    table.commit(table.insert("c", "eu"));
    table.commit(table.insert("d", "eu"));
    assertThat(CdcPoller.of(pipeline(checkpoints).build()).pollOnce().toVersion()).isEqualTo(3);
  }

  @Test
  void aRangeThatWasBegunDoesNotWaitForCommitsThatTheTableHasLost() {
    checkpoints.put(checkpoint().polling(new PollProgress(2, RangeWriter.STEPS, 0)));

    assertThatThrownBy(() -> CdcPoller.of(pipeline(checkpoints).build()).pollOnce())
        .isInstanceOf(TableReadException.class)
        .hasMessageContaining("up to 0");
  }

  @Test
  void aRangeMayHaveAsManyCommitsAsThereAre() throws Exception {
    for (int i = 0; i < 3; i++) {
      table.commit(table.insert("n" + i, "eu"));
      assertThat(
              CdcPoller.builder(pipeline(checkpoints).build())
                  .maxRangeCommits(Long.MAX_VALUE)
                  .build()
                  .pollOnce()
                  .toVersion())
          .isEqualTo(i + 1);
    }
    table.commit(table.insert("m", "eu"));
    assertThat(
            PollPlan.of(pipeline(checkpoints).build())
                .maxRangeCommits(Long.MAX_VALUE)
                .begin()
                .toVersion())
        .isEqualTo(4);
  }

  @Test
  void waitsForAnIntervalOfAnyLength() throws Exception {
    CountDownLatch polls = new CountDownLatch(2);
    List<RuntimeException> ends = new CopyOnWriteArrayList<>();
    PipelineListener listener =
        new PipelineListener() {
          @Override
          public void onPollFinished(PollReport report) {
            polls.countDown();
          }

          @Override
          public void onPollFailed(RuntimeException failure, Optional<Duration> pause) {
            if (pause.isEmpty()) {
              ends.add(failure);
              polls.countDown();
              polls.countDown();
            }
          }
        };
    Duration longest = Duration.ofSeconds(Long.MAX_VALUE);
    checkpoints.failNextRead();
    try (CdcPoller poller =
        CdcPoller.builder(pipeline(checkpoints).listener(listener).build())
            .interval(longest)
            .maxBackoff(longest)
            .build()) {
      poller.start();
      do {
        poller.resume(); // Wakes it, if it waits already.
      } while (!polls.await(1, TimeUnit.MILLISECONDS));
    }

    assertThat(ends).isEmpty();
  }

  @Test
  void stopsAtAnInterruptWithACheckpointInAFileAndGivesItsLeaseBack(@TempDir Path folder) {
    FileCheckpointStore files = FileCheckpointStore.of(folder);
    files.create(checkpoint());
    table.commit(table.insert("b", "eu"));
    Thread.currentThread().interrupt();

    PollReport report = CdcPoller.of(pipeline(files).build()).pollOnce();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(report.outcome()).isEqualTo(PollReport.Outcome.STOPPED);
    assertThat(files.read("orders").orElseThrow().checkpoint().lease().orElseThrow().expiresAt())
        .isEqualTo(clock.instant());
  }

  @Test
  void givesItsLeaseBackThoughTheThreadIsInterruptedWhileItReads() {
    table.commit(table.insert("b", "eu"), table.insert("c", "eu"));
    CheckpointStore refusesInterrupted =
        new CheckpointStore() {
          @Override
          public Optional<StoredCheckpoint> read(String pipeline) {
            return checkpoints.read(pipeline);
          }

          @Override
          public StoredCheckpoint create(Checkpoint checkpoint) {
            return checkpoints.create(checkpoint);
          }

          @Override
          public StoredCheckpoint replace(Checkpoint checkpoint, StoredCheckpoint expected) {
            if (Thread.currentThread().isInterrupted()) {
              throw new CheckpointException("Nobody waited for the answer.", null);
            }
            return checkpoints.replace(checkpoint, expected);
          }

          @Override
          public void remove(StoredCheckpoint expected) {
            checkpoints.remove(expected);
          }
        };
    DocumentMapper interrupts =
        (row, documents) -> {
          Thread.currentThread().interrupt();
          MAPPER.bind(row.type()).map(row, documents);
        };

    PollReport report =
        CdcPoller.of(pipeline(refusesInterrupted).mapper(interrupts).build()).pollOnce();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(report.outcome()).isEqualTo(PollReport.Outcome.STOPPED);
    assertThat(checkpoint().lease().orElseThrow().isHeld(clock.instant())).isFalse();
  }

  @Test
  void tellsWhoWaitsOfAnErrorThatEndedTheThread() {
    table.commit(table.insert("b", "eu"));
    DocumentMapper broken =
        (row, documents) -> {
          throw new StackOverflowError("Nested too deep.");
        };
    try (CdcPoller poller = CdcPoller.of(pipeline(checkpoints).mapper(broken).build())) {
      poller.start();

      assertThatThrownBy(poller::await).isInstanceOf(StackOverflowError.class);
    }
  }

  @Test
  void namesTheStartOfAProcessInTimeThatNoClockMoves() throws Exception {
    Path stat = Path.of("/proc/self/stat");
    assumeTrue(Files.exists(stat));
    String line = Files.readString(stat);
    String ticks = line.substring(line.lastIndexOf(')') + 2).split(" ")[19];

    assertThat(RunnerIdentity.create())
        .contains("/" + ProcessHandle.current().pid() + ".t" + ticks + "/");
  }
}
