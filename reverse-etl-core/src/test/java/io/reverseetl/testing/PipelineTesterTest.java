package io.reverseetl.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.Deletes;
import io.reverseetl.LoadReport;
import io.reverseetl.PollReport;
import io.reverseetl.checkpoint.LoadProgress;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PipelineTesterTest {
  private static final StructType ORDERS =
      StructType.of(
          Column.required("order_id", Primitive.STRING),
          Column.required("region", Primitive.STRING),
          Column.nullable("state", Primitive.STRING));

  private static final DocumentMapper MAPPER =
      ColumnMapper.builder().id("order_id").partitionKey("region").build();

  private static final Consumer<PipelineTester> SCENARIO =
      tester -> {
        tester.commit(
            tester.insert("7", "eu", "placed"),
            tester.insert("8", "us", "placed"),
            tester.insert("9", "us", "placed"));
        tester.load();
        tester.commit(
            tester.update(tester.row("7", "eu", "placed"), tester.row("7", "eu", "sent")),
            tester.delete("8", "us", "placed"));
        tester.commit(
            tester.update(tester.row("9", "us", "placed"), tester.row("9", "eu", "placed")));
        tester.poll();
      };

  @Test
  void feedsCommitsAndReadsDocuments() throws Exception {
    PipelineTester tester = PipelineTester.of(ORDERS, MAPPER);

    SCENARIO.accept(tester);

    assertThat(tester.documents())
        .containsOnlyKeys(DocumentKey.of("7", "eu"), DocumentKey.of("9", "eu"));
    assertThat(tester.document("7", "eu").orElseThrow()).containsEntry("state", "sent");
    assertThat(tester.document("8", "us")).isEmpty();
    assertThat(tester.verify().isEqual()).isTrue();
  }

  @Test
  void takesTheOptionsOfThePipeline() {
    PipelineTester tester =
        PipelineTester.builder(ORDERS, MAPPER)
            .pipeline(pipeline -> pipeline.deletes(Deletes.ignored()))
            .build();

    SCENARIO.accept(tester);

    assertThat(tester.documents()).containsKey(DocumentKey.of("8", "us"));
  }

  @Test
  void failsTheWriteThatWasAskedForAndNoOther() {
    PipelineTester tester =
        PipelineTester.builder(ORDERS, MAPPER)
            .pipeline(pipeline -> pipeline.readThreads(1))
            .build();
    tester.commit(tester.insert("7", "eu", "placed"), tester.insert("8", "eu", "placed"));

    tester.failWrite(2);

    assertThatThrownBy(tester::load).isInstanceOf(WriteException.class);
    assertThat(tester.documents()).hasSize(1);
    assertThat(tester.load().isLoaded()).isTrue();
    assertThat(tester.documents()).hasSize(2);
  }

  @Test
  void failsTheSaveThatWasAskedForAndNoOther() {
    PipelineTester tester = PipelineTester.of(ORDERS, MAPPER);
    tester.commit(tester.insert("7", "eu", "placed"));

    tester.failSave(2);

    assertThatThrownBy(tester::load).isInstanceOf(CheckpointException.class);
    assertThat(rowsSaved(tester)).isZero();
    assertThat(tester.endLeases().load().isLoaded()).isTrue();
  }

  /** How many rows the checkpoint has; a load that is complete has them all, here one. */
  private static long rowsSaved(PipelineTester tester) {
    return tester
        .checkpoints()
        .checkpoint("tested")
        .orElseThrow()
        .load()
        .map(LoadProgress::rowsRead)
        .orElse(1L);
  }

  @Test
  void losesTheAnswerOfTheSaveThatWasAskedFor() {
    PipelineTester tester = PipelineTester.of(ORDERS, MAPPER);
    tester.commit(tester.insert("7", "eu", "placed"));

    tester.loseAnswerOfSave(2);

    assertThatThrownBy(tester::load).isInstanceOf(CheckpointException.class);
    assertThat(rowsSaved(tester)).isEqualTo(1);
    assertThat(tester.endLeases().load().isLoaded()).isTrue();
  }

  @Test
  void throttlesAndTellsTheTimeThatTheTestSets() {
    PipelineTester tester =
        PipelineTester.builder(ORDERS, MAPPER)
            .rowsPerPart(1)
            .pipeline(pipeline -> pipeline.readThreads(1))
            .build();
    tester.commit(tester.insert("7", "eu", "placed"), tester.insert("8", "eu", "placed"));
    tester.throttle(1);
    tester
        .sink()
        .requestUnits(
            operation -> {
              tester.clock().advance(Duration.ofMinutes(5));
              return 7;
            });

    LoadReport first = tester.load(Duration.ofMinutes(4));
    LoadReport second = tester.load(Duration.ofMinutes(20));
    PollReport poll = tester.poll(Duration.ofMinutes(1));

    assertThat(first.outcome()).isEqualTo(LoadReport.Outcome.DEADLINE_REACHED);
    assertThat(first.throttled()).isEqualTo(1);
    assertThat(second.outcome()).isEqualTo(LoadReport.Outcome.COMPLETED);
    assertThat(poll.outcome()).isEqualTo(PollReport.Outcome.UP_TO_DATE);
  }

  @Test
  void provesThatAFunctionOfTheRowRecovers() {
    RecoveryProof proof = PipelineTester.builder(ORDERS, MAPPER).proveRecovery(SCENARIO);

    // Three documents loaded; an update, a delete, and a moved key's upsert and delete polled.
    assertThat(proof.writes()).isEqualTo(7);
    assertThat(proof.saves()).isGreaterThanOrEqualTo(4);
  }

  @Test
  void findsAMapperThatIsNoFunctionOfTheRow() {
    AtomicInteger counter = new AtomicInteger();
    DocumentMapper counting =
        (row, documents) ->
            documents.accept(
                Document.of(
                    DocumentKey.of(row.getString("order_id"), row.getString("region")),
                    Map.of("region", row.getString("region"), "n", counter.incrementAndGet())));

    assertThatThrownBy(
            () ->
                PipelineTester.builder(ORDERS, counting)
                    .partitionKey("/region")
                    .proveRecovery(SCENARIO))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("When write 1 fails")
        .hasMessageContaining("0 documents are missing, 0 are too many and 2 say something else");
  }

  @Test
  void tellsWhichFailureBrokeAnAssertionOfTheScenario() {
    assertThatThrownBy(
            () ->
                PipelineTester.builder(ORDERS, MAPPER)
                    .proveRecovery(
                        tester -> {
                          tester.commit(tester.insert("7", "eu", "placed"));
                          assertThat(tester.load().resumed()).isFalse();
                        }))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("write 1 fails")
        .hasCauseInstanceOf(AssertionError.class);
  }

  @Test
  void refusesAFailureBeforeTheNextOne() {
    PipelineTester tester = PipelineTester.of(ORDERS, MAPPER);

    assertThatThrownBy(() -> tester.failWrite(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tester.failSave(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tester.loseAnswerOfSave(0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
