package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.document.DeadLetter;
import io.reverseetl.document.DeadLetterSink;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.FileDeadLetterSink;
import io.reverseetl.document.Rejection;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDeadLetterSink;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemoryTableSource;
import io.reverseetl.testing.ManualClock;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayerTest {
  private static final StructType SCHEMA =
      StructType.of(
          Column.required("id", Primitive.STRING),
          Column.required("region", Primitive.STRING),
          Column.nullable("n", Primitive.DOUBLE));

  private static final DocumentMapper MAPPER =
      ColumnMapper.builder().id("id").partitionKey("region").build();

  private final ManualClock clock = new ManualClock();
  private final InMemoryTableSource table = InMemoryTableSource.of(SCHEMA, clock, 2);
  private final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/region");
  private final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();
  private final InMemoryDeadLetterSink letters = InMemoryDeadLetterSink.create();
  private final Set<String> refused = new HashSet<>();

  @BeforeEach
  void load() {
    table.commit(table.insert("1", "eu", 1.0), table.insert("2", "eu", 2.0));
    InitialLoader.of(pipeline().build()).load();
    sink.forgetOperations();
    sink.reject(
        operation -> refused.contains(operation.key().id()),
        new Rejection(Rejection.Reason.TOO_LARGE, 413, "Too large."));
  }

  private Pipeline.Builder pipeline() {
    return Pipeline.builder("orders")
        .source(table)
        .mapper(MAPPER)
        .sink(sink)
        .checkpoints(checkpoints)
        .deadLetters(letters)
        .readThreads(1)
        .clock(clock);
  }

  private void poll() {
    CdcPoller.of(pipeline().build()).pollOnce();
  }

  private ReplayReport replay() throws InterruptedException {
    return Replayer.of(pipeline().build()).replay();
  }

  private static DocumentKey key(String id) {
    return DocumentKey.of(id, "eu");
  }

  @Test
  void writesTheStateThatTheTableHasAtTheCheckpointNotThatOfTheLetter() throws Exception {
    refused.add("5");
    table.commit(table.insert("5", "eu", 5.0));
    poll();
    table.commit(table.update(table.row("5", "eu", 5.0), table.row("5", "eu", 55.0)));
    poll();
    assertThat(letters.letters()).hasSize(2);
    refused.clear();
    table.commit(table.update(table.row("5", "eu", 55.0), table.row("5", "eu", 555.0)));

    ReplayReport report = replay();

    assertThat(sink.document(key("5")).orElseThrow()).containsEntry("n", 55.0);
    assertThat(List.of(report.letters(), report.replayed(), report.obsolete()))
        .containsExactly(2L, 2L, 0L);
    assertThat(report.stillFailing()).isZero();
    assertThat(report.documentsWritten()).isEqualTo(1);
    assertThat(report.version()).isEqualTo(2);
    assertThat(letters.letters()).isEmpty();
    poll();
    assertThat(sink.document(key("5")).orElseThrow()).containsEntry("n", 555.0);
  }

  @Test
  void deletesTheDocumentOfARowThatIsGone() throws Exception {
    refused.add("1");
    table.commit(table.delete("1", "eu", 1.0));
    poll();
    assertThat(letters.letters())
        .extracting(DeadLetter::key)
        .containsExactly(Optional.of(key("1")));
    assertThat(sink.document(key("1"))).isPresent();
    refused.clear();

    ReplayReport report = replay();

    assertThat(sink.documents()).containsOnlyKeys(key("2"));
    assertThat(report.obsolete()).isEqualTo(1);
    assertThat(report.replayed()).isZero();
    assertThat(report.documentsDeleted()).isEqualTo(1);
    assertThat(letters.letters()).isEmpty();
  }

  @Test
  void keepsALetterOfWhatFailsAgainInTheStateOfTheCheckpoint() throws Exception {
    refused.addAll(Set.of("5", "6"));
    table.commit(table.insert("5", "eu", 5.0), table.insert("6", "eu", 6.0));
    poll();
    table.commit(table.update(table.row("5", "eu", 5.0), table.row("5", "eu", 55.0)));
    poll();
    assertThat(letters.letters()).hasSize(3);
    refused.remove("6");

    ReplayReport report = replay();

    assertThat(report.letters()).isEqualTo(3);
    assertThat(report.replayed()).isEqualTo(1);
    assertThat(report.stillFailing()).isEqualTo(1);
    assertThat(letters.letters())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.sourceVersion()).isEqualTo(2);
              assertThat(letter.document().orElseThrow().text()).contains("55.0");
            });
    assertThat(replay().stillFailing()).isEqualTo(1);
    assertThat(letters.letters()).hasSize(1);
  }

  @Test
  void writesRowsThatCanBeMappedNowAndKeepsThoseThatCannot() throws Exception {
    table.commit(table.insert("5", "eu", Double.NaN), table.insert("6", "eu", Double.NaN));
    poll();
    table.commit(table.update(table.row("6", "eu", Double.NaN), table.row("6", "eu", 6.0)));
    poll();
    sink.remove(key("6"));
    assertThat(letters.letters()).hasSize(2);

    ReplayReport report = replay();

    assertThat(sink.document(key("6")).orElseThrow()).containsEntry("n", 6.0);
    assertThat(sink.document(key("5"))).isEmpty();
    assertThat(List.of(report.letters(), report.replayed(), report.stillFailing()))
        .containsExactly(2L, 1L, 1L);
    assertThat(letters.letters()).extracting(DeadLetter::sourceVersion).containsExactly(2L);
  }

  @Test
  void namesALettersRowAsTheLoadDoes() throws Exception {
    InMemoryCheckpointStore others = InMemoryCheckpointStore.create();
    table.commit(table.insert("5", "eu", Double.NaN));
    InitialLoader.of(pipeline().checkpoints(others).build()).load();
    assertThat(letters.letters()).hasSize(1);
    DeadLetter first = letters.letters().get(0);

    ReplayReport report = Replayer.of(pipeline().checkpoints(others).build()).replay();

    assertThat(report.stillFailing()).isEqualTo(1);
    assertThat(letters.letters()).extracting(DeadLetter::id).containsExactly(first.id());
  }

  @Test
  void keepsTheLettersWhenItFails() throws Exception {
    refused.add("5");
    table.commit(table.insert("5", "eu", 5.0));
    poll();
    refused.clear();
    sink.crashAfter(0);

    assertThatThrownBy(this::replay).isInstanceOf(WriteException.class);

    assertThat(letters.letters()).hasSize(1);
    assertThat(replay().replayed()).isEqualTo(1);
    assertThat(letters.letters()).isEmpty();
  }

  @Test
  void removesNothingBeforeTheLettersOfWhatFailsAgainAreDurable() {
    refused.add("5");
    table.commit(table.insert("5", "eu", 5.0));
    poll();
    table.commit(table.insert("7", "eu", 7.0));
    poll();
    letters.failFlushes(new WriteException("No space.", null));

    assertThatThrownBy(this::replay).hasMessage("No space.");

    assertThat(letters.letters()).extracting(DeadLetter::sourceVersion).containsExactly(1L);
  }

  @Test
  void replaysAFile(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("letters.jsonl");
    refused.add("5");
    table.commit(table.insert("5", "eu", 5.0));
    try (FileDeadLetterSink inFile = FileDeadLetterSink.of(file)) {
      CdcPoller.of(pipeline().deadLetters(inFile).build()).pollOnce();
    }
    refused.clear();

    ReplayReport report;
    try (FileDeadLetterSink inFile = FileDeadLetterSink.of(file)) {
      report = Replayer.of(pipeline().deadLetters(inFile).build()).replay();
    }

    assertThat(report.replayed()).isEqualTo(1);
    assertThat(sink.document(key("5"))).isPresent();
    assertThat(FileDeadLetterSink.read(file)).isEmpty();
  }

  @Test
  void doesNothingWithoutLetters() throws Exception {
    int saves = checkpoints.saves().size();

    ReplayReport report = replay();

    assertThat(report.letters()).isZero();
    assertThat(checkpoints.saves()).hasSize(saves);
    assertThat(sink.operations()).isEmpty();
  }

  @Test
  void refusesAHalfWrittenRange() {
    refused.add("5");
    table.commit(table.insert("5", "eu", 5.0));
    poll();
    table.commit(table.update(table.row("1", "eu", 1.0), table.row("1", "eu", 11.0)));
    sink.crashAfter(0);
    assertThatThrownBy(this::poll).isInstanceOf(WriteException.class);

    assertThatThrownBy(this::replay)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("Poll first");
  }

  @Test
  void needsLettersThatCanBeReadBack() {
    Pipeline none =
        Pipeline.builder("orders")
            .source(table)
            .mapper(MAPPER)
            .sink(sink)
            .checkpoints(checkpoints)
            .build();
    DeadLetterSink blind =
        new DeadLetterSink() {
          @Override
          public void write(DeadLetter letter) {}

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };

    assertThatThrownBy(() -> Replayer.of(none)).isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(() -> Replayer.of(pipeline().deadLetters(blind).build()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("orders");
  }
}
