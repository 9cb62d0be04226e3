package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.SchemaChange;
import io.reverseetl.table.SchemaChange.ColumnChange;
import io.reverseetl.table.SchemaChange.Kind;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemoryTableSource;
import io.reverseetl.testing.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a poller tells: its listener, its report, and the pipeline's status. */
@Timeout(60)
class PollEventsTest {
  private static final StructType SCHEMA =
      StructType.of(
          Column.required("id", Primitive.STRING),
          Column.required("region", Primitive.STRING),
          Column.nullable("n", Primitive.INTEGER));

  private static final DocumentMapper MAPPER =
      ColumnMapper.builder().id("id").partitionKey("region").build();

  private final ManualClock clock = new ManualClock();
  private final InMemoryTableSource table = InMemoryTableSource.of(SCHEMA, clock, 10);
  private final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/region");
  private final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();
  private final Recorder recorder = new Recorder();

  @BeforeEach
  void load() {
    table.commit(table.insert("1", "eu", 1), table.insert("2", "eu", 2));
    InitialLoader.of(pipeline().build()).load();
  }

  private Pipeline.Builder pipeline() {
    return Pipeline.builder("orders")
        .source(table)
        .mapper(MAPPER)
        .sink(sink)
        .checkpoints(checkpoints)
        .readThreads(1)
        .clock(clock);
  }

  private CdcPoller.Builder poller() {
    return CdcPoller.builder(pipeline().listener(recorder).build());
  }

  /** Writes down what it is told. */
  private static final class Recorder implements PipelineListener {
    private final List<String> events = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void onRangePlanned(PollRange range) {
      events.add(
          "planned %d..%d, %d changes, %d upserts"
              .formatted(range.fromVersion(), range.toVersion(), range.changes(), range.upserts()));
    }

    @Override
    public void onRangeReduced(PollRange range) {
      events.add(
          "reduced %d upserts, %d deletes, %d unchanged"
              .formatted(range.upserts(), range.deletes(), range.unchanged()));
    }

    @Override
    public void onRangeWritten(PollRange range) {
      events.add("written %d..%d".formatted(range.fromVersion(), range.toVersion()));
    }

    @Override
    public void onCheckpointSaved(Checkpoint checkpoint) {
      events.add(
          "checkpoint " + checkpoint.version() + checkpoint.poll().map(p -> " writing").orElse(""));
    }

    @Override
    public void onLag(long versions, Optional<Duration> lag) {
      events.add("lag " + versions);
    }

    @Override
    public void onSchemaChange(SchemaChange change) {
      events.add("schema " + change.commitVersion());
    }

    @Override
    public void onGap(ChangesUnavailableException gap) {
      events.add("gap " + gap.reason());
    }

    @Override
    public void onThrottled(Duration pause) {
      events.add("throttled");
    }

    @Override
    public void onRetentionNear(Duration left) {
      events.add("retention " + left);
    }

    @Override
    public void onPollerPaused() {
      events.add("paused");
    }

    @Override
    public void onPollerResumed() {
      events.add("resumed");
    }

    @Override
    public void onPollFinished(PollReport report) {
      events.add("finished " + report.toVersion());
    }
  }

  @Test
  void tellsEachStepOfARangeInItsOrder() {
    table.commit(
        table.update(table.row("1", "eu", 1), table.row("1", "eu", 11)),
        table.update(table.row("2", "eu", 2), table.row("2", "eu", 2)));
    table.commit(table.delete("1", "eu", 11), table.insert("3", "eu", 3));

    poller().build().pollOnce();

    assertThat(recorder.events)
        .containsExactly(
            "checkpoint 0", // the lease
            "planned 1..2, 6 changes, 0 upserts",
            "checkpoint 0 writing",
            "reduced 1 upserts, 1 deletes, 1 unchanged",
            "written 1..2",
            "checkpoint 2",
            "lag 0",
            "finished 2");
  }

  @Test
  void tellsTheLagAfterEachRange() {
    table.commit(table.insert("3", "eu", 3));
    table.commit(table.insert("4", "eu", 4));

    poller().maxRangeCommits(1).build().pollOnce();

    assertThat(recorder.events)
        .filteredOn(event -> event.startsWith("lag"))
        .containsExactly("lag 1", "lag 0");
  }

  @Test
  void tellsOfAChangeOfTheColumns() {
    StructType wider =
        StructType.of(
            Column.required("id", Primitive.STRING),
            Column.required("region", Primitive.STRING),
            Column.nullable("n", Primitive.INTEGER),
            Column.nullable("m", Primitive.INTEGER));
    table.alter(
        wider,
        List.of(new ColumnChange(Kind.ADDED, "m", "m")),
        row -> table.row(row.getString(0), row.getString(1), row.getInt(2), null));

    poller().build().pollOnce();

    assertThat(recorder.events).contains("schema 1");
  }

  @Test
  void tellsOfAGap() {
    table.commit(table.insert("3", "eu", 3));
    table.commit(table.insert("4", "eu", 4));
    table.forgetChangesBefore(2);

    assertThatThrownBy(() -> poller().build().pollOnce())
        .isInstanceOf(ChangesUnavailableException.class);

    assertThat(recorder.events).contains("gap HISTORY_CLEANED").doesNotContain("finished 2");
  }

  @Test
  void tellsThatTheTargetThrottles() {
    table.commit(table.insert("3", "eu", 3));
    sink.throttle(1);

    poller().build().pollOnce();

    assertThat(recorder.events).containsOnlyOnce("throttled");
  }

  @Test
  void tellsThatItRestsAndGoesOn() throws Exception {
    CountDownLatch paused = new CountDownLatch(1);
    CountDownLatch polled = new CountDownLatch(1);
    PipelineListener waiting =
        new PipelineListener() {
          @Override
          public void onPollerPaused() {
            paused.countDown();
          }

          @Override
          public void onPollFinished(PollReport report) {
            polled.countDown();
          }
        };
    table.commit(table.insert("3", "eu", 3));
    try (CdcPoller poller = CdcPoller.of(pipeline().listener(recorder).listener(waiting).build())) {
      poller.pause();
      poller.start();
      paused.await();
      assertThat(recorder.events).containsExactly("paused");

      poller.resume();
      polled.await();
    }

    assertThat(recorder.events).startsWith("paused", "resumed").containsOnlyOnce("paused");
  }

  @Test
  void restsWhenAListenerAsksForItAndMayBeClosedThen() throws Exception {
    CdcPoller[] poller = new CdcPoller[1];
    CountDownLatch paused = new CountDownLatch(1);
    PipelineListener asking =
        new PipelineListener() {
          @Override
          public void onPollFinished(PollReport report) {
            poller[0].pause();
          }

          @Override
          public void onPollerPaused() {
            paused.countDown();
          }
        };
    poller[0] =
        CdcPoller.builder(pipeline().listener(asking).listener(recorder).build())
            .interval(Duration.ofMillis(1))
            .build();
    poller[0].start();
    paused.await();

    poller[0].close();
    poller[0].await();

    assertThat(recorder.events).containsOnlyOnce("finished 0").doesNotContain("resumed");
  }

  @Test
  void hazard8WarnsWhileChangesCanStillBeHad() {
    table.retention(Duration.ofDays(30), Duration.ofDays(7));
    table.commit(table.insert("3", "eu", 3));
    clock.advance(Duration.ofDays(3));
    PollReport early = poller().build().pollOnce();
    table.commit(table.insert("4", "eu", 4));
    clock.advance(Duration.ofDays(6).plusHours(1));

    PollReport late = poller().build().pollOnce();

    assertThat(early.retentionLeft()).contains(Duration.ofDays(4));
    assertThat(late.retentionLeft()).contains(Duration.ofHours(23));
    assertThat(recorder.events)
        .filteredOn(event -> event.startsWith("retention"))
        .containsExactly("retention PT23H");
  }

  @Test
  void hazard8WarnsAtTheTimeLeftThatIsSet() {
    table.retention(Duration.ofHours(5), Duration.ofDays(7));
    table.commit(table.insert("3", "eu", 3));
    clock.advance(Duration.ofHours(2));

    poller().retentionWarning(Duration.ofHours(3)).build().pollOnce();
    assertThat(recorder.events).noneMatch(event -> event.startsWith("retention"));
    table.commit(table.insert("4", "eu", 4));
    clock.advance(Duration.ofHours(2));
    poller().retentionWarning(Duration.ofHours(3).plusMillis(1)).build().pollOnce();

    assertThat(recorder.events).contains("retention PT3H");
    assertThatThrownBy(() -> poller().retentionWarning(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void hazard8HasNothingToLoseWhereThereIsNothingNew() {
    clock.advance(Duration.ofDays(300));

    PollReport report = poller().build().pollOnce();

    assertThat(report.retentionLeft()).isEmpty();
    assertThat(pipeline().build().status().retentionLeft()).isEmpty();
    assertThat(recorder.events).containsExactly("finished 0");
  }

  @Test
  void statusTellsTheDistanceToTheRetention() {
    table.commit(table.insert("3", "eu", 3));
    table.commit(table.insert("4", "eu", 4));
    clock.advance(Duration.ofDays(8));

    PipelineStatus near = pipeline().build().status();
    table.forgetChangesBefore(2);
    PipelineStatus gone = pipeline().build().status();

    assertThat(near.retentionLeft()).contains(Duration.ofDays(-1));
    assertThat(near.earliestChanges()).hasValue(0);
    assertThat(gone.retentionLeft()).contains(Duration.ZERO);
    assertThat(gone.earliestChanges()).hasValue(2);
  }
}
