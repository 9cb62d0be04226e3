package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.document.DeadLetter;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.DocumentSink;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.document.WriteSession;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a load does at its end: rows of one key, and documents without a row. */
class LoadDuplicatesTest {
  private static final StructType SCHEMA =
      StructType.of(
          Column.required("id", Primitive.STRING),
          Column.required("region", Primitive.STRING),
          Column.nullable("n", Primitive.INTEGER),
          Column.nullable("made", Primitive.INTEGER));

  private static final DocumentMapper MAPPER =
      ColumnMapper.builder().id("id").partitionKey("region").exclude("made").build();

  private final ManualClock clock = new ManualClock();
  private final InMemoryTableSource table = InMemoryTableSource.of(SCHEMA, clock, 10);
  private final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/region");
  private final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();
  private final InMemoryDeadLetterSink letters = InMemoryDeadLetterSink.create();

  private Pipeline.Builder pipeline() {
    return Pipeline.builder("orders")
        .source(table)
        .mapper(MAPPER)
        .sink(sink)
        .checkpoints(checkpoints)
        .readThreads(1)
        .clock(clock);
  }

  private static DocumentKey key(String id) {
    return DocumentKey.of(id, "eu");
  }

  /** Rows 0 to 34 in four parts, of which row 30 has the key of row 3. */
  @SuppressWarnings("unchecked")
  private void commitWithADuplicate(int otherN) {
    table.commit(
        IntStream.range(0, 35)
            .mapToObj(
                i ->
                    i == 30
                        ? table.insert("o3", "eu", otherN, 1)
                        : table.insert("o" + i, "eu", i, 2))
            .toArray(List[]::new));
  }

  private LoadReport load(Pipeline.Builder pipeline) {
    return InitialLoader.of(pipeline.build()).load();
  }

  @Test
  void hazard2DifferentRowsOfOneKeyFailTheLoadAndItDoesNotBecomeComplete() {
    commitWithADuplicate(30);

    for (int run = 0; run < 2; run++) {
      assertThatThrownBy(() -> load(pipeline()))
          .isInstanceOf(MappingException.class)
          .hasMessageContaining("2 different rows")
          .hasMessageContaining("duplicateKeys")
          .hasMessageNotContaining("o3");
      assertThat(checkpoints.checkpoint("orders").orElseThrow().load()).isPresent();
    }
    assertThatThrownBy(() -> CdcPoller.of(pipeline().build()).pollOnce())
        .isInstanceOf(ConfigurationException.class);
  }

  @Test
  void hazard2RowsThatGiveTheSameDocumentAreNoDuplicates() {
    commitWithADuplicate(3);

    LoadReport report = load(pipeline());

    assertThat(report.isLoaded()).isTrue();
    assertThat(sink.documents()).hasSize(34);
  }

  @Test
  void hazard2DuplicatesOfALoadBecomeDeadLettersWhereAskedAndLeaveNoDocument() {
    commitWithADuplicate(30);

    LoadReport report =
        load(pipeline().deadLetters(letters).duplicateKeys(DuplicateKeys.deadLetters()));

    assertThat(report.isLoaded()).isTrue();
    assertThat(report.deadLetters()).isEqualTo(2);
    assertThat(report.documentsDeleted()).isEqualTo(1);
    assertThat(letters.letters())
        .extracting(DeadLetter::reason)
        .containsExactly("DUPLICATE_KEY", "DUPLICATE_KEY");
    assertThat(sink.documents()).hasSize(33).doesNotContainKey(key("o3"));
  }

  @Test
  void hazard2AnOrderingColumnDecidesBetweenDuplicatesOfALoad() {
    // The winner is read first, so without the check the other one would stay.
    commitWithADuplicate(30);

    load(pipeline().duplicateKeys(DuplicateKeys.latestBy("made")));

    assertThat(sink.document(key("o3")).orElseThrow()).containsEntry("n", 3);
    assertThat(sink.documents()).hasSize(34);
    assertThat(checkpoints.checkpoint("orders").orElseThrow().load()).isEmpty();
  }

  @Test
  void hazard30AnOrderingColumnDecidesBetweenDuplicatesAlsoWhereOnlySomeFieldsAreOurs() {
    commitWithADuplicate(30);
    sink.put(key("o3"), Map.of("region", "eu", "theirs", "kept"));

    LoadReport report =
        load(
            pipeline()
                .deadLetters(letters)
                .writeMode(WriteMode.ownedFields("n"))
                .deletes(Deletes.ownedFields())
                .duplicateKeys(DuplicateKeys.latestBy("made")));

    assertThat(report.isLoaded()).isTrue();
    assertThat(letters.letters()).isEmpty();
    assertThat(sink.document(key("o3")).orElseThrow())
        .containsEntry("n", 3)
        .containsEntry("theirs", "kept");
  }

  @Test
  void hazard30DuplicatesThatAreSetAsideTakeOnlyOurFieldsWithThem() {
    commitWithADuplicate(30);
    sink.put(key("o3"), Map.of("region", "eu", "theirs", "kept"));

    LoadReport report =
        load(
            pipeline()
                .deadLetters(letters)
                .writeMode(WriteMode.ownedFields("n"))
                .deletes(Deletes.ownedFields())
                .duplicateKeys(DuplicateKeys.deadLetters()));

    assertThat(report.deadLetters()).isEqualTo(2);
    assertThat(sink.document(key("o3")).orElseThrow())
        .containsEntry("theirs", "kept")
        .doesNotContainKey("n");
  }

  @Test
  void hazard2FindsDuplicatesOfPartsThatAnEarlierRunRead() {
    commitWithADuplicate(30);
    sink.crashAfter(22);
    assertThatThrownBy(() -> load(pipeline())).isInstanceOf(WriteException.class);
    assertThat(
            checkpoints.checkpoint("orders").orElseThrow().load().orElseThrow().finished().size())
        .isPositive();
    clock.advance(Duration.ofMinutes(5));

    assertThatThrownBy(() -> load(pipeline()))
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("2 different rows");
  }

  @Test
  void hazard2FindsDuplicatesOfAPartThatAnEarlierRunLeftInTheMiddle() {
    table.commit(
        table.insert("a", "eu", 1, 1),
        table.insert("b", "eu", 2, 1),
        table.insert("c", "eu", 3, 1),
        table.insert("a", "eu", 4, 1));
    int[] rows = {0};
    InitialLoader[] loader = new InitialLoader[1];
    DocumentMapper stopping =
        new DocumentMapper() {
          @Override
          public void map(
              io.reverseetl.table.Row row, java.util.function.Consumer<Document> documents) {
            if (++rows[0] == 2) {
              loader[0].requestStop();
            }
            MAPPER.bind(SCHEMA).map(row, documents);
          }
        };
    loader[0] = InitialLoader.of(pipeline().mapper(stopping).build());
    assertThat(loader[0].load().outcome()).isEqualTo(LoadReport.Outcome.STOPPED);
    assertThat(checkpoints.checkpoint("orders").orElseThrow().load().orElseThrow().partial())
        .isEqualTo(Map.of(0, 2L));

    assertThatThrownBy(() -> load(pipeline())).isInstanceOf(MappingException.class);
  }

  @Test
  void looksAtNothingWhereKeysAreTrusted() {
    commitWithADuplicate(30);

    LoadReport report = InitialLoader.of(pipeline().build()).trustKeys().load();

    assertThat(report.isLoaded()).isTrue();
    assertThat(sink.documents()).hasSize(34);
  }

  @Test
  void goesOnWithTheSearchAfterADeadline() {
    commitWithADuplicate(30);
    Duration deadline = Duration.ofSeconds(30);
    int[] rows = {0};
    DocumentMapper slowAtTheEnd =
        (row, documents) -> {
          if (++rows[0] == 36) {
            clock.advance(Duration.ofMinutes(1)); // The first row that the search reads.
          }
          MAPPER.bind(SCHEMA).map(row, documents);
        };

    LoadReport first =
        InitialLoader.of(
                pipeline()
                    .mapper(slowAtTheEnd)
                    .duplicateKeys(DuplicateKeys.latestBy("made"))
                    .build())
            .load(deadline);
    sink.forgetOperations();
    LoadReport second =
        InitialLoader.of(
                pipeline()
                    .mapper(slowAtTheEnd)
                    .duplicateKeys(DuplicateKeys.latestBy("made"))
                    .build())
            .load(deadline);

    assertThat(first.outcome()).isEqualTo(LoadReport.Outcome.DEADLINE_REACHED);
    assertThat(first.partsFinished()).isEqualTo(first.partCount());
    assertThat(second.outcome()).isEqualTo(LoadReport.Outcome.COMPLETED);
    assertThat(second.rowsRead()).isZero();
    assertThat(sink.operations()).extracting(DocumentOperation::key).containsExactly(key("o3"));
    assertThat(sink.document(key("o3")).orElseThrow()).containsEntry("n", 3);
  }

  @Test
  void removesOrphansThatAreOurs() {
    sink.put(key("stale"), Map.of("region", "eu", Document.SOURCE_VERSION, 3));
    sink.put(key("foreign"), Map.of("region", "eu"));
    table.commit(table.insert("a", "eu", 1, 1), table.insert("b", "eu", 2, 1));

    LoadReport report =
        InitialLoader.of(pipeline().stampSourceVersion(true).build()).removeOrphans().load();

    assertThat(sink.documents()).containsOnlyKeys(key("a"), key("b"), key("foreign"));
    assertThat(report.documentsDeleted()).isEqualTo(1);
    assertThat(report.documentsWritten()).isEqualTo(2);
  }

  @Test
  void removesEveryOrphanOfATargetThatThePipelineOwns() {
    sink.put(key("stale"), Map.of("region", "eu"));
    table.commit(table.insert("a", "eu", 1, 1));

    InitialLoader.of(pipeline().ownsTarget(true).build()).removeOrphans().load();

    assertThat(sink.documents()).containsOnlyKeys(key("a"));
  }

  @Test
  void removesOrphansAgainAfterACrash() {
    sink.put(key("stale"), Map.of("region", "eu"));
    sink.put(key("older"), Map.of("region", "eu"));
    table.commit(table.insert("a", "eu", 1, 1));
    sink.crashAfter(2);
    Pipeline pipeline = pipeline().ownsTarget(true).build();
    assertThatThrownBy(() -> InitialLoader.of(pipeline).removeOrphans().load())
        .isInstanceOf(WriteException.class);
    assertThat(checkpoints.checkpoint("orders").orElseThrow().load()).isPresent();

    LoadReport report = InitialLoader.of(pipeline).removeOrphans().load();

    assertThat(report.documentsDeleted()).isEqualTo(1);
    assertThat(sink.documents()).containsOnlyKeys(key("a"));
  }

  @Test
  void leavesOrphansWhereNobodyAsked() {
    sink.put(key("stale"), Map.of("region", "eu"));
    table.commit(table.insert("a", "eu", 1, 1));

    LoadReport report = load(pipeline().ownsTarget(true));

    assertThat(sink.documents()).hasSize(2);
    assertThat(report.documentsDeleted()).isZero();
  }

  @Test
  void refusesToRemoveOrphansWhereTheSinkCannotBeScanned() {
    table.commit(table.insert("a", "eu", 1, 1));
    DocumentSink blind =
        new DocumentSink() {
          @Override
          public TargetDescription describe() {
            return sink.describe();
          }

          @Override
          public WriteSession openSession() {
            return sink.openSession();
          }

          @Override
          public void close() {}
        };

    assertThatThrownBy(
            () -> InitialLoader.of(pipeline().sink(blind).build()).removeOrphans().load())
        .isInstanceOf(ConfigurationException.class);
    assertThat(sink.operations()).isEmpty();
  }
}
