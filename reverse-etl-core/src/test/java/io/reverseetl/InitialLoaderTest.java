package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.LoadProgress;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.document.DeadLetterSink;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.Rejection;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.ratelimit.WriteRateLimiter;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.Row;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemoryTableSource;
import io.reverseetl.testing.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InitialLoaderTest {
  private static final StructType SCHEMA =
      StructType.of(
          Column.required("id", Primitive.STRING), Column.nullable("state", Primitive.STRING));

  private static final DocumentMapper MAPPER =
      new DocumentMapper() {
        @Override
        public void map(Row row, Consumer<Document> documents) {
          String id = row.getString("id");
          if (id.startsWith("bad")) {
            throw new MappingException("id", "The id is bad.");
          }
          documents.accept(
              Document.of(
                  DocumentKey.of(id, "eu"), Map.of("region", "eu", "state", row.getString(1))));
        }

        @Override
        public List<String> partitionKeyPaths() {
          return List.of("/region");
        }
      };

  private final ManualClock clock = new ManualClock();
  private final InMemoryTableSource table = InMemoryTableSource.of(SCHEMA, clock, 10);
  private final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/region");
  private final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();
  private final Letters letters = new Letters();

  @BeforeEach
  void commitFirstVersion() {
    commitRows(0, 35);
  }

  @SuppressWarnings("unchecked")
  private void commitRows(int first, int count) {
    List<InMemoryTableSource.Change>[] rows = new List[count];
    for (int i = 0; i < count; i++) {
      rows[i] = table.insert("k" + (first + i), "v0" + (first + i));
    }
    table.commit(rows);
  }

  private Pipeline.Builder pipeline() {
    return Pipeline.builder("orders")
        .source(table)
        .mapper(MAPPER)
        .sink(sink)
        .checkpoints(checkpoints)
        .readThreads(2)
        .clock(clock);
  }

  private Checkpoint checkpoint() {
    return checkpoints.checkpoint("orders").orElseThrow();
  }

  @Test
  void writesADocumentForEveryRow() {
    LoadReport report = InitialLoader.of(pipeline().build()).load();

    assertThat(sink.documents()).hasSize(35);
    assertThat(sink.document(DocumentKey.of("k7", "eu")).orElseThrow())
        .containsEntry("state", "v07");
    assertThat(report.outcome()).isEqualTo(LoadReport.Outcome.COMPLETED);
    assertThat(report.rowsRead()).isEqualTo(35);
    assertThat(report.documentsWritten()).isEqualTo(35);
    assertThat(report.partCount()).isEqualTo(4);
    assertThat(report.partsFinished()).isEqualTo(4);
    assertThat(report.firstDocument()).isPresent();
  }

  @Test
  void leavesTheCheckpointAtTheLoadedVersion() {
    InitialLoader.of(pipeline().build()).load();

    assertThat(checkpoint().version()).isZero();
    assertThat(checkpoint().load()).isEmpty();
    assertThat(checkpoint().tableId()).isEqualTo(table.latestVersion().tableId());
    assertThat(checkpoint().targetIdentity()).isEqualTo(sink.describe().identity());
  }

  @Test
  void pinsTheVersionBeforeTheFirstWrite() {
    PipelineListener commitsMeanwhile =
        new PipelineListener() {
          @Override
          public void onLoadStarted(io.reverseetl.table.TableVersion version, LoadState progress) {
            commitRows(100, 5);
          }
        };

    LoadReport report = InitialLoader.of(pipeline().listener(commitsMeanwhile).build()).load();

    assertThat(report.version()).isZero();
    assertThat(sink.documents()).hasSize(35);
    assertThat(checkpoints.saves().get(0).version()).isZero();
  }

  @Test
  void loadsTheVersionAskedFor() {
    commitRows(100, 5);

    LoadReport report = InitialLoader.of(pipeline().build()).atVersion(0).load();

    assertThat(report.version()).isZero();
    assertThat(sink.documents()).hasSize(35);
  }

  @Test
  void doesNothingOnceTheLoadIsComplete() {
    InitialLoader.of(pipeline().build()).load();
    sink.forgetOperations();
    commitRows(100, 5);

    LoadReport report = InitialLoader.of(pipeline().build()).load();

    assertThat(report.outcome()).isEqualTo(LoadReport.Outcome.ALREADY_LOADED);
    assertThat(report.isLoaded()).isTrue();
    assertThat(sink.operations()).isEmpty();
  }

  @Test
  void goesOnAfterACrashFromTheFilesThatAreDurable() {
    sink.crashAfter(25);
    assertThatThrownBy(() -> InitialLoader.of(pipeline().readThreads(1).build()).load())
        .isInstanceOf(WriteException.class);
    LoadProgress progress = checkpoint().load().orElseThrow();
    assertThat(progress.finished().size()).isEqualTo(2);
    sink.forgetOperations();

    LoadReport report = InitialLoader.of(pipeline().build()).load();

    assertThat(report.resumed()).isTrue();
    assertThat(report.rowsRead()).isEqualTo(15);
    assertThat(sink.operations()).hasSize(15);
    assertThat(sink.documents()).hasSize(35);
    assertThat(checkpoint().load()).isEmpty();
  }

  @Test
  void goesOnWithTheRecordedVersionAlthoughTheTableMoved() {
    sink.crashAfter(25);
    assertThatThrownBy(() -> InitialLoader.of(pipeline().build()).load())
        .isInstanceOf(WriteException.class);
    commitRows(100, 5);

    LoadReport report = InitialLoader.of(pipeline().build()).load();

    assertThat(report.version()).isZero();
    assertThat(sink.documents()).hasSize(35);
  }

  @Test
  void stopsAtTheDeadlineInTheMiddleOfAFileAndGoesOnThere() {
    DocumentMapper slow = clockMovesAtRow("k12", Duration.ofMinutes(9));

    LoadReport first =
        InitialLoader.of(pipeline().readThreads(1).mapper(slow).build())
            .load(Duration.ofMinutes(8));

    assertThat(first.outcome()).isEqualTo(LoadReport.Outcome.DEADLINE_REACHED);
    assertThat(first.isLoaded()).isFalse();
    LoadProgress progress = checkpoint().load().orElseThrow();
    assertThat(progress.finished().toString()).isEqualTo("0");
    assertThat(progress.partial()).containsExactly(Map.entry(1, 3L));
    assertThat(progress.rowsRead()).isEqualTo(13);
    assertThat(sink.documents()).hasSize(13);
    sink.forgetOperations();

    LoadReport second = InitialLoader.of(pipeline().build()).load(Duration.ofMinutes(8));

    assertThat(second.outcome()).isEqualTo(LoadReport.Outcome.COMPLETED);
    assertThat(sink.operations()).hasSize(22);
    assertThat(sink.documents()).hasSize(35);
  }

  private DocumentMapper clockMovesAtRow(String id, Duration time) {
    return (row, documents) -> {
      if (row.getString("id").equals(id)) {
        clock.advance(time);
      }
      MAPPER.map(row, documents);
    };
  }

  @Test
  void stopsWhenAskedAndSavesItsProgress() {
    InitialLoader[] loader = new InitialLoader[1];
    DocumentMapper asksToStop =
        (row, documents) -> {
          if (row.getString("id").equals("k12")) {
            loader[0].requestStop();
          }
          MAPPER.map(row, documents);
        };
    loader[0] = InitialLoader.of(pipeline().readThreads(1).mapper(asksToStop).build());

    LoadReport report = loader[0].load();

    assertThat(report.outcome()).isEqualTo(LoadReport.Outcome.STOPPED);
    assertThat(checkpoint().load().orElseThrow().rowsRead()).isEqualTo(13);
    assertThat(sink.documents()).hasSize(13);
    assertThat(InitialLoader.of(pipeline().build()).load().isLoaded()).isTrue();
    assertThat(sink.documents()).hasSize(35);
  }

  @Test
  void stopsWhenInterruptedAndStaysInterrupted() {
    Thread caller = Thread.currentThread();
    DocumentMapper interrupts =
        (row, documents) -> {
          caller.interrupt();
          MAPPER.map(row, documents);
        };

    LoadReport report = InitialLoader.of(pipeline().mapper(interrupts).build()).load();

    assertThat(Thread.interrupted()).isTrue();
    LoadReport.Outcome outcome = report.outcome();
    assertThat(outcome).isIn(LoadReport.Outcome.STOPPED, LoadReport.Outcome.COMPLETED);
    assertThat(InitialLoader.of(pipeline().build()).load().isLoaded()).isTrue();
    assertThat(sink.documents()).hasSize(35);
  }

  @Test
  void neverSkipsARowWhoseDocumentWasRefused() {
    sink.reject(
        operation -> operation.key().id().equals("k13"),
        new Rejection(Rejection.Reason.TOO_LARGE, 413, "Too large."));

    assertThatThrownBy(() -> InitialLoader.of(pipeline().build()).load())
        .isInstanceOf(WriteException.class)
        .hasMessageContaining("Too large.")
        .hasMessageContaining("version 0");

    assertThat(checkpoint().load().orElseThrow().finished().contains(1)).isFalse();
    assertThat(checkpoint().load().orElseThrow().partial()).isEmpty();
  }

  @Test
  void stopsAtTheFirstRowThatCannotBeMapped() {
    table.commit(table.insert("bad1", "x"));

    assertThatThrownBy(() -> InitialLoader.of(pipeline().build()).load())
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("row 6 of part-00000003")
        .hasMessageContaining("version 1")
        .hasMessageContaining("The id is bad.")
        .satisfies(e -> assertThat(((MappingException) e).column()).contains("id"));
    assertThat(checkpoint().load()).isPresent();
  }

  @Test
  void setsBadRowsAsideAndLoadsTheRest() {
    table.commit(table.insert("bad1", "x"), table.insert("k99", "y"));
    sink.reject(
        operation -> operation.key().id().equals("k13"),
        new Rejection(Rejection.Reason.TOO_LARGE, 413, "Too large."));

    LoadReport report = InitialLoader.of(pipeline().deadLetters(letters).build()).load();

    assertThat(report.outcome()).isEqualTo(LoadReport.Outcome.COMPLETED);
    assertThat(report.deadLetters()).isEqualTo(2);
    assertThat(letters.durable)
        .extracting(DeadLetter::reason)
        .containsExactlyInAnyOrder("MAPPING", "TOO_LARGE");
    assertThat(sink.documents()).hasSize(35);
    assertThat(sink.document(DocumentKey.of("k99", "eu"))).isPresent();
  }

  @Test
  void makesDeadLettersDurableBeforeTheCheckpointMoves() {
    table.commit(table.insert("bad1", "x"));
    letters.failFlush = true;

    assertThatThrownBy(() -> InitialLoader.of(pipeline().deadLetters(letters).build()).load())
        .isInstanceOf(WriteException.class)
        .hasMessage("No space.");

    assertThat(checkpoint().load().orElseThrow().finished().size()).isZero();
  }

  @Test
  void stopsWhenThereAreMoreDeadLettersThanAllowed() {
    table.commit(table.insert("bad1", "x"), table.insert("bad2", "x"), table.insert("bad3", "x"));

    assertThatThrownBy(
            () ->
                InitialLoader.of(pipeline().deadLetters(letters).maxDeadLetters(2).build()).load())
        .isInstanceOf(MappingException.class);

    assertThat(letters.durable.size() + letters.taken.size()).isEqualTo(2);
  }

  @Test
  void refusesAContainerWithAnotherPartitionKey() {
    InMemoryDocumentSink other = InMemoryDocumentSink.of("/tenant");

    assertThatThrownBy(() -> InitialLoader.of(pipeline().sink(other).build()).load())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("[/region]")
        .hasMessageContaining("[/tenant]");

    assertThat(checkpoints.saves()).isEmpty();
    assertThat(other.operations()).isEmpty();
  }

  @Test
  void findsAnUnknownColumnBeforeTheFirstWrite() {
    DocumentMapper needsMore =
        new DocumentMapper() {
          @Override
          public void map(Row row, Consumer<Document> documents) {
            throw new AssertionError("no row is mapped");
          }

          @Override
          public DocumentMapper bind(StructType schema) {
            throw new ConfigurationException("There is no column \"price\".");
          }
        };

    assertThatThrownBy(() -> InitialLoader.of(pipeline().mapper(needsMore).build()).load())
        .isInstanceOf(ConfigurationException.class);

    assertThat(checkpoints.saves()).isEmpty();
    assertThat(sink.operations()).isEmpty();
  }

  @Test
  void readsOnlyTheColumnsThatTheMapperNeeds() {
    List<String> shown = Collections.synchronizedList(new ArrayList<>());
    DocumentMapper onlyIds =
        new DocumentMapper() {
          @Override
          public void map(Row row, Consumer<Document> documents) {
            shown.addAll(row.type().names());
          }

          @Override
          public Optional<List<String>> columns(StructType tableSchema) {
            return Optional.of(List.of("id"));
          }
        };

    InitialLoader.of(pipeline().mapper(onlyIds).build()).load();

    assertThat(shown).hasSize(35).containsOnly("id");
  }

  @Test
  void refusesToGoOnWithAnotherRowFilter() {
    sink.crashAfter(5);
    assertThatThrownBy(() -> InitialLoader.of(pipeline().build()).load())
        .isInstanceOf(WriteException.class);

    assertThatThrownBy(
            () ->
                InitialLoader.of(
                        pipeline().where(io.reverseetl.table.RowFilter.parse("id <> 'k1'")).build())
                    .load())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("row filter");
  }

  @Test
  void refusesToGoOnWithAnotherTable() {
    sink.crashAfter(5);
    assertThatThrownBy(() -> InitialLoader.of(pipeline().build()).load())
        .isInstanceOf(WriteException.class);
    InMemoryTableSource other = InMemoryTableSource.of(SCHEMA);
    other.commit(other.insert("a", "b"));

    assertThatThrownBy(() -> InitialLoader.of(pipeline().source(other).build()).load())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("belongs to table");
  }

  @Test
  void refusesToGoOnWithAnotherTarget() {
    InitialLoader.of(pipeline().build()).load();
    InMemoryDocumentSink other =
        InMemoryDocumentSink.of(new TargetDescription("elsewhere", List.of("/region")));

    assertThatThrownBy(() -> InitialLoader.of(pipeline().sink(other).build()).load())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("elsewhere");
    assertThat(other.operations()).isEmpty();
  }

  @Test
  void refusesAnotherVersionThanTheOneUnderWay() {
    commitRows(100, 5);
    sink.crashAfter(5);
    assertThatThrownBy(() -> InitialLoader.of(pipeline().build()).atVersion(0).load())
        .isInstanceOf(WriteException.class);

    assertThatThrownBy(() -> InitialLoader.of(pipeline().build()).atVersion(1).load())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("is loading version 0");
  }

  @Test
  void doesNotTakeALoadThatIsUnderWayForOneOfAnEarlierVersionThatIsDone() {
    commitRows(100, 5);
    sink.crashAfter(5);
    assertThatThrownBy(() -> InitialLoader.of(pipeline().build()).atVersion(1).load())
        .isInstanceOf(WriteException.class);

    assertThatThrownBy(() -> InitialLoader.of(pipeline().build()).atVersion(0).load())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("is loading version 1");
  }

  @Test
  void findsTheLoadOfAVersionCompleteThatPollingHasLeftBehind() {
    InitialLoader service = InitialLoader.of(pipeline().build()).atVersion(0);
    service.load();
    commitRows(100, 5);
    poll();
    Checkpoint before = checkpoint();
    sink.forgetOperations();

    LoadReport report = service.load();

    assertThat(report.outcome()).isEqualTo(LoadReport.Outcome.ALREADY_LOADED);
    assertThat(report.isLoaded()).isTrue();
    assertThat(report.version()).isEqualTo(1);
    assertThat(sink.operations()).isEmpty();
    assertThat(checkpoint()).isEqualTo(before);
  }

  @Test
  void refusesAVersionThatALoadedTargetHasNotReached() {
    InitialLoader.of(pipeline().build()).atVersion(0).load();
    commitRows(100, 5);

    assertThatThrownBy(() -> InitialLoader.of(pipeline().build()).atVersion(1).load())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("is loaded and stands at version 0")
        .hasMessageContaining("CdcPoller");
    assertThat(sink.documents()).hasSize(35);
  }

  @Test
  void doesNotTakeTheLoadOfAnotherTableOrTargetForTheOneAskedFor() {
    InitialLoader.of(pipeline().build()).atVersion(0).load();
    commitRows(100, 5);
    poll();
    InMemoryTableSource another = InMemoryTableSource.of(SCHEMA, clock, 10);
    another.commit(another.insert("k1", "v"));
    another.commit(another.insert("k2", "v"));
    InMemoryDocumentSink elsewhere =
        InMemoryDocumentSink.of(new TargetDescription("elsewhere", List.of("/region")));

    assertThatThrownBy(
            () -> InitialLoader.of(pipeline().source(another).build()).atVersion(0).load())
        .isInstanceOf(CheckpointException.class);
    assertThatThrownBy(
            () -> InitialLoader.of(pipeline().sink(elsewhere).build()).atVersion(0).load())
        .isInstanceOf(CheckpointException.class);
  }

  private void poll() {
    try (CdcPoller poller = CdcPoller.of(pipeline().build())) {
      assertThat(poller.pollOnce().toVersion()).isEqualTo(1);
    }
  }

  @Test
  void stopsWhenAnotherRunnerMovedTheCheckpoint() {
    PipelineListener intruder =
        new PipelineListener() {
          @Override
          public void onLoadStarted(io.reverseetl.table.TableVersion version, LoadState progress) {
            checkpoints.put(checkpoint());
          }
        };

    assertThatThrownBy(() -> InitialLoader.of(pipeline().listener(intruder).build()).load())
        .isInstanceOf(CheckpointConflictException.class);
  }

  @Test
  void completesAnEmptyTable() {
    InMemoryTableSource empty = InMemoryTableSource.of(SCHEMA);
    empty.commit();

    LoadReport report = InitialLoader.of(pipeline().source(empty).build()).load();

    assertThat(report.outcome()).isEqualTo(LoadReport.Outcome.COMPLETED);
    assertThat(report.partCount()).isZero();
    assertThat(report.firstDocument()).isEmpty();
    assertThat(checkpoint().load()).isEmpty();
  }

  @Test
  void stampsTheVersionWhenAsked() {
    commitRows(100, 1);

    InitialLoader.of(pipeline().stampSourceVersion(true).build()).load();

    assertThat(sink.document(DocumentKey.of("k7", "eu")).orElseThrow())
        .containsEntry("_sourceVersion", 1);
  }

  @Test
  void settlesTheLimiterSoThatItIsChargedWhatTheTargetCharged() {
    sink.requestUnits(operation -> 7);
    sink.throttle(3);
    LongAdder pauses = new LongAdder();
    DoubleAdder balance = new DoubleAdder();
    LongAdder acquired = new LongAdder();
    WriteRateLimiter limiter =
        new WriteRateLimiter() {
          @Override
          public void acquire(double requestUnits) {
            acquired.increment();
            balance.add(requestUnits);
          }

          @Override
          public void settle(double difference) {
            balance.add(difference);
          }

          @Override
          public void throttled(Duration pause) {
            pauses.increment();
          }
        };

    LoadReport report = InitialLoader.of(pipeline().rateLimiter(limiter).build()).load();

    assertThat(acquired.sum()).isEqualTo(35);
    assertThat(pauses.sum()).isEqualTo(3);
    assertThat(report.throttled()).isEqualTo(3);
    assertThat(balance.sum()).isCloseTo(35 * 7.0, org.assertj.core.data.Offset.offset(1e-6));
    assertThat(report.requestUnits()).isEqualTo(35 * 7.0);
  }

  @Test
  void tellsListenersEvenIfOneOfThemFails() {
    List<String> heard = Collections.synchronizedList(new ArrayList<>());
    PipelineListener broken =
        new PipelineListener() {
          @Override
          public void onPartLoaded(SnapshotPart part, long rows) {
            throw new IllegalStateException("broken listener");
          }
        };
    PipelineListener listens =
        new PipelineListener() {
          @Override
          public void onPartLoaded(SnapshotPart part, long rows) {
            heard.add(part.id() + ":" + rows);
          }

          @Override
          public void onLoadFinished(LoadReport report) {
            heard.add(report.outcome().name());
          }
        };

    InitialLoader.of(pipeline().listener(broken).listener(listens).build()).load();

    assertThat(heard)
        .containsExactlyInAnyOrder(
            "part-00000000:10",
            "part-00000001:10",
            "part-00000002:10",
            "part-00000003:5",
            "COMPLETED");
  }

  @Test
  void closesEverySession() {
    InitialLoader.of(pipeline().build()).load();

    assertThat(sink.openSessions()).isZero();
  }

  @Test
  void previewsDocumentsWithoutWriting() {
    table.commit(table.insert("bad1", "x"));

    Preview preview = InitialLoader.of(pipeline().build()).preview(36);

    assertThat(preview.documents()).hasSize(35);
    assertThat(preview.problems()).containsExactly("The id is bad.");
    assertThat(sink.operations()).isEmpty();
    assertThat(checkpoints.saves()).isEmpty();
  }

  @Test
  void estimatesRowsAndBytesWithoutWriting() {
    LoadEstimate estimate = InitialLoader.of(pipeline().build()).estimate(20);

    assertThat(estimate.rows()).hasValue(35);
    assertThat(estimate.documents()).hasValue(35);
    assertThat(estimate.sampledRows()).isEqualTo(20);
    assertThat(estimate.meanDocumentBytes()).isBetween(30.0, 60.0);
    assertThat(estimate.documentBytes().orElseThrow())
        .isEqualTo(Math.round(35 * estimate.meanDocumentBytes()));
    assertThat(sink.operations()).isEmpty();
  }

  @Test
  void namesEveryMissingPart() {
    assertThatThrownBy(() -> Pipeline.builder("p").source(table).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Pipeline \"p\" lacks mapper, sink, checkpoints.");
  }

  @Test
  void reportsWhereThePipelineStands() {
    Pipeline pipeline = pipeline().build();
    assertThat(pipeline.status().checkpoint()).isEmpty();
    InitialLoader.of(pipeline).load();
    clock.advance(Duration.ofSeconds(90));
    commitRows(100, 1);

    PipelineStatus status = pipeline.status();

    assertThat(status.lagVersions()).hasValue(1);
    assertThat(status.lag()).contains(Duration.ofSeconds(90));
  }

  /** Dead letters in memory, with what is not flushed yet apart. */
  private static final class Letters implements DeadLetterSink {
    private final List<DeadLetter> taken = new ArrayList<>();
    private final List<DeadLetter> durable = new ArrayList<>();
    private boolean failFlush;

    @Override
    public synchronized void write(DeadLetter letter) {
      taken.add(letter);
    }

    @Override
    public synchronized void flush() {
      if (failFlush) {
        throw new WriteException("No space.", null);
      }
      durable.addAll(taken);
      taken.clear();
    }

    @Override
    public void close() {}
  }

  @Test
  void keepsTheRowsOfDeadLettersInThePipelinesHands() {
    table.commit(table.insert("bad1", "secret-value"));

    InitialLoader.of(pipeline().deadLetters(letters).build()).load();

    assertThat(letters.durable)
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.message()).doesNotContain("secret-value");
              assertThat(letter.document()).isEqualTo(Optional.empty());
            });
  }
}
