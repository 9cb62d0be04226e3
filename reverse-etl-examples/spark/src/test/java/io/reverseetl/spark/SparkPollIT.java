package io.reverseetl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.CdcPoller;
import io.reverseetl.InitialLoader;
import io.reverseetl.PollReport;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.cosmos.emulator.FaultRule;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.spark.Catalog.Trouble;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Ranges of commits on two executor processes, into the emulator of this one. */
@Timeout(300)
@ExtendWith(SparkCluster.class)
class SparkPollIT {
  private static final long LATEST = 8;

  @TempDir private Path folder;
  private SparkCluster.Running cluster;
  private Catalog catalog;
  private EmulatedContainer products;

  @BeforeEach
  void loadTheFirstVersion(SparkCluster.Running running, TestInfo test) throws Exception {
    cluster = running;
    catalog = loaded(test.getTestMethod().orElseThrow().getName());
    products = stored(catalog);
    Executors.caughtUp(cluster.spark());
    cluster.executors().forget();
  }

  private Catalog loaded(String name) throws Exception {
    Catalog fresh = Catalog.create(cluster.emulator(), name, folder);
    try (OpenPipeline open = fresh.open(BudgetShare.oneOf(1))) {
      InitialLoader.of(open.pipeline()).trustKeys().atVersion(1).load();
    }
    return fresh;
  }

  private EmulatedContainer stored(Catalog of) {
    return cluster.emulator().database(Catalog.DATABASE).container(of.name());
  }

  private SparkPoll poll(PipelineFactory factory) {
    return SparkPoll.of(cluster.spark(), factory)
        .plan(planner -> planner.unitBytes(1))
        .plan(planner -> planner.shares(4));
  }

  private static PollReport pollHere(Catalog of) throws Exception {
    try (OpenPipeline open = of.open(BudgetShare.oneOf(1));
        CdcPoller poller = CdcPoller.of(open.pipeline())) {
      return poller.pollOnce();
    }
  }

  /** What one process leaves. */
  private Map<String, String> expected() throws Exception {
    Catalog other = loaded(catalog.name() + "-here");
    pollHere(other);
    return Catalog.documents(stored(other));
  }

  @Test
  void executorsPollWhatOneProcessPolls() throws Exception {
    Catalog other = loaded("polled-here");
    PollReport here = pollHere(other);

    PollReport report = poll(catalog.with(Trouble.MEET)).poll();

    assertThat(Catalog.documents(products)).isEqualTo(Catalog.documents(stored(other)));
    assertThat(report.fromVersion()).isEqualTo(here.fromVersion());
    assertThat(report.toVersion()).isEqualTo(LATEST);
    assertThat(report.lagVersions()).isZero();
    assertThat(report.changesRead()).isEqualTo(here.changesRead());
    assertThat(report.documentsWritten()).isEqualTo(here.documentsWritten()).isPositive();
    assertThat(report.documentsDeleted()).isEqualTo(here.documentsDeleted()).isPositive();
    assertThat(cluster.executors().worked(cluster.spark())).hasSize(2);

    PollReport again = poll(catalog).poll();

    assertThat(again.changesRead()).isZero();
    assertThat(again.toVersion()).isEqualTo(LATEST);
  }

  @Test
  void anExecutorThatIsKilledWhileItReadsLosesNothing() throws Exception {
    PollReport report = poll(catalog.with(Trouble.KILL_ONCE)).poll();

    assertThat(cluster.executors().lost(cluster.spark())).hasSize(1);
    assertThat(report.toVersion()).isEqualTo(LATEST);
    assertThat(Catalog.documents(products)).isEqualTo(expected());
  }

  @Test
  void anExecutorThatIsKilledWhileItWritesLosesNothing() throws Exception {
    PollReport report = poll(catalog.with(Trouble.KILL_WRITER_ONCE)).poll();

    // What it had read was gone with it, and was read again.
    assertThat(cluster.executors().lost(cluster.spark())).hasSize(1);
    assertThat(report.toVersion()).isEqualTo(LATEST);
    assertThat(Catalog.documents(products)).isEqualTo(expected());
  }

  @Test
  void anotherPollFinishesTheRangeOfOneThatFailed() throws Exception {
    assertThatThrownBy(() -> poll(catalog.with(Trouble.FAIL_WRITER)).poll())
        .isInstanceOf(SparkJobException.class)
        .hasMessageContaining("of commits 2..8, UPSERTS");

    PollReport report = poll(catalog).poll();

    assertThat(report.toVersion()).isEqualTo(LATEST);
    assertThat(Catalog.documents(products)).isEqualTo(expected());
  }

  @Test
  void whatTheTargetRefusesForAUniqueValueIsWrittenAfterTheDeletes() throws Exception {
    Map<String, String> expected = expected();
    Map<String, String> before = Catalog.documents(products);
    String changed =
        expected.keySet().stream()
            .filter(key -> !expected.get(key).equals(before.get(key)))
            .findFirst()
            .orElseThrow();
    // The sink tries once more at its end, so the first step refuses the document.
    FaultRule taken =
        cluster
            .emulator()
            .faults()
            .onBatchedOperation(EmulatorOperation.UPSERT)
            .container(products.name())
            .document(changed.split("\"")[1])
            .times(2)
            .status(409);

    PollReport report = poll(catalog).poll();

    assertThat(taken.hits()).isEqualTo(2);
    assertThat(report.deadLetters()).isZero();
    assertThat(report.toVersion()).isEqualTo(LATEST);
    assertThat(Catalog.documents(products)).isEqualTo(expected);
  }

  @Test
  void aPollerInOneProcessFinishesTheRangeToo() throws Exception {
    assertThatThrownBy(() -> poll(catalog.with(Trouble.FAIL_WRITER)).poll())
        .isInstanceOf(SparkJobException.class);

    PollReport report = pollHere(catalog);

    assertThat(report.toVersion()).isEqualTo(LATEST);
    assertThat(Catalog.documents(products)).isEqualTo(expected());
  }

  @Test
  void aRowThatCannotBeMappedEndsThePollWithTheLibrarysException() {
    Map<String, String> before = Catalog.documents(products);

    assertThatThrownBy(() -> poll(catalog.with(Trouble.BAD_ROW)).poll())
        .isInstanceOfSatisfying(
            MappingException.class, e -> assertThat(e.column()).contains("price"));
    assertThat(Catalog.documents(products)).isEqualTo(before);
  }

  @Test
  void aTableThatIsNotLoadedIsRefused() {
    Catalog fresh = Catalog.create(cluster.emulator(), "not-loaded", folder);

    assertThatThrownBy(() -> poll(fresh).poll()).isInstanceOf(ConfigurationException.class);
  }
}
