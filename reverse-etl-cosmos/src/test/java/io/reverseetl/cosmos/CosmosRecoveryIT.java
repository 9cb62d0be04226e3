package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncContainer;
import io.reverseetl.CdcPoller;
import io.reverseetl.GapPolicy;
import io.reverseetl.InitialLoader;
import io.reverseetl.LoadReport;
import io.reverseetl.Pipeline;
import io.reverseetl.PollReport;
import io.reverseetl.ReplayReport;
import io.reverseetl.Replayer;
import io.reverseetl.Verifier;
import io.reverseetl.VerifyReport;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import io.reverseetl.cosmos.emulator.Faults;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryTableSource;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Gaps, dead letters and orphans, with target, checkpoints and letters in the emulator. */
class CosmosRecoveryIT {
  private static final StructType SCHEMA =
      StructType.of(
          Column.required("id", Primitive.STRING),
          Column.required("region", Primitive.STRING),
          Column.nullable("n", Primitive.INTEGER));

  private static TestAccount account;

  private final InMemoryTableSource table = InMemoryTableSource.of(SCHEMA);
  private CosmosAsyncContainer documents;
  private CosmosAsyncContainer letters;
  private CosmosAsyncContainer checkpoints;

  @BeforeAll
  static void openAccount() {
    account = TestAccount.emulated(3);
  }

  @AfterAll
  static void closeAccount() {
    account.close();
  }

  @BeforeEach
  void loadAHundredDocuments() {
    documents = account.container(List.of("/region"));
    letters = account.container(List.of("/pipeline"));
    checkpoints = account.container(List.of("/id"));
    commitRows();
    assertThat(InitialLoader.of(pipeline().build()).load().documentsWritten()).isEqualTo(100);
  }

  @SuppressWarnings("unchecked")
  private void commitRows() {
    table.commit(
        IntStream.range(0, 100)
            .mapToObj(i -> table.insert("o" + i, "r" + i % 7, i))
            .toArray(List[]::new));
  }

  @AfterEach
  void clearFaults() {
    faults().clear();
  }

  private static Faults faults() {
    return account.emulator().orElseThrow().faults();
  }

  private Pipeline.Builder pipeline() {
    return Pipeline.builder("orders")
        .source(table)
        .mapper(ColumnMapper.builder().id("id").partitionKey("region").build())
        .sink(CosmosDocumentSink.of(documents))
        .checkpoints(CosmosCheckpointStore.of(checkpoints))
        .deadLetters(
            CosmosDeadLetterSink.builder(letters)
                .retryBackoff(Duration.ofMillis(1), Duration.ofMillis(10))
                .build())
        .stampSourceVersion(true);
  }

  private EmulatedContainer emulated(CosmosAsyncContainer container) {
    return account
        .emulator()
        .orElseThrow()
        .database(account.database().getId())
        .container(container.getId());
  }

  private void loseHistory() {
    table.commit(table.delete("o1", "r1", 1), table.insert("new", "r1", 1_000));
    table.commit(table.update(table.row("o2", "r2", 2), table.row("o2", "r2", 22)));
    table.commit(table.update(table.row("o3", "r3", 3), table.row("o3", "moved", 3)));
    emulated(documents).put("{\"id\":\"foreign\",\"region\":\"r1\"}");
    table.forgetChangesBefore(3);
  }

  @Test
  void hazard8AGapFailsThePollAndWritesNothing() {
    loseHistory();

    assertThatThrownBy(
            () -> CdcPoller.builder(pipeline().build()).onGap(GapPolicy.FAIL).build().pollOnce())
        .isInstanceOf(ChangesUnavailableException.class);

    assertThat(pipeline().build().status().checkpoint().orElseThrow().version()).isZero();
    assertThat(emulated(documents).document("o1", "r1")).isPresent();
    assertThat(emulated(documents).document("new", "r1")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"RESNAPSHOT", "DIFF"})
  void hazard8AGapIsClosedAndDocumentsOfOthersStay(GapPolicy policy) throws Exception {
    loseHistory();

    PollReport report = CdcPoller.builder(pipeline().build()).onGap(policy).build().pollOnce();

    assertThat(report.reloaded()).isTrue();
    assertThat(report.toVersion()).isEqualTo(3);
    assertThat(report.documentsWritten()).isEqualTo(policy == GapPolicy.DIFF ? 3 : 100);
    assertThat(report.documentsDeleted()).isEqualTo(2);
    VerifyReport verified = Verifier.of(pipeline().build()).verify();
    assertThat(verified.isEqual()).isTrue();
    assertThat(List.of(verified.equal(), verified.foreign())).containsExactly(100L, 1L);
    table.commit(table.delete("o4", "r4", 4));
    assertThat(CdcPoller.of(pipeline().build()).pollOnce().reloaded()).isFalse();
    assertThat(emulated(documents).document("o4", "r4")).isEmpty();
  }

  @Test
  void replaysDeadLettersThatAreInAContainer() throws Exception {
    faults().onBatchedOperation().document("bad").status(413);
    table.commit(table.insert("bad", "r1", 1), table.insert("good", "r1", 1));
    assertThat(CdcPoller.of(pipeline().build()).pollOnce().deadLetters()).isEqualTo(1);
    table.commit(table.update(table.row("bad", "r1", 1), table.row("bad", "r1", 2)));
    CdcPoller.of(pipeline().build()).pollOnce();
    assertThat(emulated(letters).documentCount()).isEqualTo(2);

    ReplayReport still = Replayer.of(pipeline().build()).replay();
    faults().clear();
    ReplayReport report = Replayer.of(pipeline().build()).replay();

    assertThat(List.of(still.letters(), still.stillFailing())).containsExactly(2L, 1L);
    assertThat(List.of(report.letters(), report.replayed(), report.stillFailing()))
        .containsExactly(1L, 1L, 0L);
    assertThat(emulated(letters).documentCount()).isZero();
    assertThat(emulated(documents).document("bad", "r1").orElseThrow().get("n").asInt())
        .isEqualTo(2);
  }

  @Test
  void hazard7ALetterThatIsNotDurableKeepsTheCheckpointBack() {
    faults().onBatchedOperation().document("bad").status(413);
    faults().onUpsert().container(letters.getId()).status(500);
    table.commit(table.insert("bad", "r1", 1), table.insert("good", "r1", 1));

    assertThatThrownBy(() -> CdcPoller.of(pipeline().build()).pollOnce())
        .hasMessageContaining(letters.getId());
    assertThat(pipeline().build().status().checkpoint().orElseThrow().version()).isZero();
    faults().clear();
    faults().onBatchedOperation().document("bad").status(413);

    assertThat(CdcPoller.of(pipeline().build()).pollOnce().deadLetters()).isEqualTo(1);
    assertThat(emulated(letters).documentCount()).isEqualTo(1);
  }

  @Test
  void setsManyDocumentsAsideWithoutAStandstill() {
    faults().onBatchedOperation().matching(request -> true).status(413);
    table.commit(table.update(table.row("o0", "r0", 0), table.row("o0", "r0", -1)));
    CosmosAsyncContainer other = account.container(List.of("/region"));

    LoadReport report =
        InitialLoader.of(
                Pipeline.builder("many")
                    .source(table)
                    .mapper(ColumnMapper.builder().id("id").partitionKey("region").build())
                    .sink(CosmosDocumentSink.of(other))
                    .checkpoints(CosmosCheckpointStore.of(checkpoints))
                    .deadLetters(CosmosDeadLetterSink.builder(letters).maxInFlight(1).build())
                    .build())
            .load();

    assertThat(report.deadLetters()).isEqualTo(100);
    assertThat(emulated(letters).documentCount()).isEqualTo(100);
    assertThat(emulated(other).documentCount()).isZero();
  }

  @Test
  void removesOrphansOfAnEarlierLoad() {
    table.commit(table.delete("o1", "r1", 1));
    emulated(documents).put("{\"id\":\"foreign\",\"region\":\"r1\"}");

    LoadReport report =
        InitialLoader.of(
                pipeline()
                    .checkpoints(CosmosCheckpointStore.of(account.container(List.of("/id"))))
                    .build())
            .removeOrphans()
            .load();

    assertThat(report.documentsDeleted()).isEqualTo(1);
    assertThat(emulated(documents).documentCount()).isEqualTo(100);
    assertThat(emulated(documents).document("o1", "r1")).isEmpty();
    assertThat(emulated(documents).document("foreign", "r1")).isPresent();
  }
}
