package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.exceptions.WriteException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemoryTableSource;
import io.reverseetl.testing.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What listeners are told while a pipeline writes, and when it fails. */
@Timeout(60)
class WriteProgressTest {
  private final ManualClock clock = new ManualClock();
  private final InMemoryTableSource table =
      InMemoryTableSource.of(
          StructType.of(
              Column.required("id", Primitive.STRING), Column.required("eu", Primitive.STRING)),
          clock,
          100);
  private final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/eu").requestUnits(op -> 5);
  private final List<WriteProgress> told = new ArrayList<>();
  private final List<String> events = new ArrayList<>();

  private final Pipeline pipeline =
      Pipeline.builder("orders")
          .source(table)
          .mapper(ColumnMapper.builder().id("id").partitionKey("eu").build())
          .sink(sink)
          .checkpoints(InMemoryCheckpointStore.create())
          .readThreads(1)
          .clock(clock)
          .listener(
              new PipelineListener() {
                @Override
                public void onWriteProgress(WriteProgress since) {
                  told.add(since);
                  events.add("written");
                }

                @Override
                public void onLoadFinished(LoadReport report) {
                  events.add("finished");
                }

                @Override
                public void onRangeStarted(long fromVersion) {
                  events.add("range " + fromVersion);
                }

                @Override
                public void onPollFinished(PollReport report) {
                  events.add("polled");
                }

                @Override
                public void onFailed(Throwable failure) {
                  events.add(failure.getClass().getSimpleName());
                }
              })
          .build();

  private void insert(int from, int to) {
    for (int i = from; i < to; i++) {
      table.commit(table.insert("id" + i, "x"));
    }
  }

  @Test
  void tellsWhatALoadWroteBeforeItEnds() {
    insert(0, 3);

    LoadReport report = InitialLoader.of(pipeline).load();

    assertThat(events).containsExactly("written", "finished");
    assertThat(told).containsExactly(new WriteProgress(3, 0, 0, report.bytesWritten(), 0, 0, 15));
  }

  @Test
  void tellsWhatAPollWroteBeforeItEnds() {
    insert(0, 2);
    InitialLoader.of(pipeline).load();
    events.clear();
    told.clear();
    table.commit(table.insert("new", "x"));
    table.commit(table.delete("id0", "x"));

    PollReport report = CdcPoller.of(pipeline).pollOnce();

    assertThat(events).startsWith("range 2", "written").endsWith("polled");
    assertThat(told.stream().mapToLong(WriteProgress::documentsWritten).sum()).isEqualTo(1);
    assertThat(told.stream().mapToLong(WriteProgress::documentsDeleted).sum()).isEqualTo(1);
    assertThat(told.stream().mapToDouble(WriteProgress::requestUnits).sum())
        .isEqualTo(report.requestUnits());
  }

  @Test
  void tellsWhileItWritesButAtMostFourTimesASecond() {
    insert(0, 40);
    sink.requestUnits(
        operation -> {
          clock.advance(Duration.ofMillis(100));
          return 5;
        });

    InitialLoader.of(pipeline).load();

    // 40 documents in 4 seconds of the clock.
    assertThat(told).hasSizeBetween(10, 17);
    assertThat(told.stream().mapToLong(WriteProgress::documentsWritten).sum()).isEqualTo(40);
  }

  @Test
  void tellsNothingWhereNothingIsWritten() {
    insert(0, 1);
    InitialLoader.of(pipeline).load();
    told.clear();

    CdcPoller.of(pipeline).pollOnce();

    assertThat(told).isEmpty();
  }

  @Test
  void tellsOfAFailureAndOfWhatWasWrittenUntilThen() {
    insert(0, 5);
    sink.crashAfter(2);

    assertThatThrownBy(() -> InitialLoader.of(pipeline).load()).isInstanceOf(WriteException.class);

    assertThat(told.stream().mapToLong(WriteProgress::documentsWritten).sum()).isEqualTo(2);
    assertThat(events).endsWith("WriteException").doesNotContain("finished");
  }
}
