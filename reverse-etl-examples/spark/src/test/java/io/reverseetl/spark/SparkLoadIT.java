package io.reverseetl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.CdcPoller;
import io.reverseetl.InitialLoader;
import io.reverseetl.LoadReport;
import io.reverseetl.PollReport;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import io.reverseetl.cosmos.emulator.RequestUnitSecond;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.spark.Catalog.Trouble;
import java.nio.file.Path;
import java.util.LongSummaryStatistics;
import java.util.Map;
import org.apache.spark.SparkException;
import org.apache.spark.TaskContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Loads on two executor processes, into the emulator of this one. */
@Timeout(300)
@ExtendWith(SparkCluster.class)
class SparkLoadIT {
  private static final long ROWS = 5_036;
  private static final long LATEST = 8;

  @TempDir private Path folder;
  private SparkCluster.Running cluster;
  private Catalog catalog;
  private EmulatedContainer products;

  @BeforeEach
  void createContainers(SparkCluster.Running running, TestInfo test) {
    cluster = running;
    catalog = catalog(test.getTestMethod().orElseThrow().getName());
    products = stored(catalog);
    Executors.caughtUp(cluster.spark());
    cluster.executors().forget();
  }

  private Catalog catalog(String name) {
    return Catalog.create(cluster.emulator(), name, folder);
  }

  private EmulatedContainer stored(Catalog of) {
    return cluster.emulator().database(Catalog.DATABASE).container(of.name());
  }

  private SparkLoad load(PipelineFactory factory) {
    return SparkLoad.of(cluster.spark(), factory).plan(planner -> planner.unitBytes(30_000));
  }

  private static SparkLoad fixed(SparkLoad load) {
    return load.plan(planner -> planner.atVersion(1).trustKeys());
  }

  /** What one process leaves. */
  private Map<String, String> expected(long version) throws Exception {
    Catalog whole = catalog(catalog.name() + "-whole");
    try (OpenPipeline open = whole.open(BudgetShare.oneOf(1))) {
      InitialLoader.of(open.pipeline()).atVersion(version).load();
    }
    return Catalog.documents(stored(whole));
  }

  @Test
  void executorsLoadWhatOneProcessLoads() throws Exception {
    LoadReport report = load(catalog.with(Trouble.MEET)).load();

    assertThat(report.outcome()).isEqualTo(LoadReport.Outcome.COMPLETED);
    assertThat(report.version()).isEqualTo(LATEST);
    assertThat(report.documentsWritten()).isEqualTo(ROWS);
    assertThat(report.requestUnits()).isPositive();
    assertThat(Catalog.documents(products)).hasSize((int) ROWS).isEqualTo(expected(LATEST));
    assertThat(cluster.executors().worked(cluster.spark())).hasSize(2);
    assertThat(load(catalog).load().outcome()).isEqualTo(LoadReport.Outcome.ALREADY_LOADED);
  }

  @Test
  void pollingGoesOnWhereTheExecutorsEnded() throws Exception {
    fixed(load(catalog)).load();
    assertThat(products.documentCount()).isEqualTo(5_000);

    try (OpenPipeline open = catalog.open(BudgetShare.oneOf(1));
        CdcPoller poller = CdcPoller.of(open.pipeline())) {
      PollReport polled = poller.pollOnce();

      assertThat(polled.toVersion()).isEqualTo(LATEST);
    }
    assertThat(Catalog.documents(products)).isEqualTo(expected(LATEST));
  }

  @Test
  void aKilledExecutorLosesNothing() throws Exception {
    LoadReport report = load(catalog.with(Trouble.KILL_ONCE)).load();

    assertThat(cluster.executors().lost(cluster.spark())).hasSize(1);
    assertThat(folder.resolve("mark")).exists();
    assertThat(report.outcome()).isEqualTo(LoadReport.Outcome.COMPLETED);
    assertThat(report.documentsWritten()).isEqualTo(ROWS);
    assertThat(Catalog.documents(products)).isEqualTo(expected(LATEST));
  }

  @Test
  void aTaskThatFailedIsTriedAgain() throws Exception {
    LoadReport report = load(catalog.with(Trouble.FAIL_ONCE)).load();

    assertThat(cluster.executors().failures(cluster.spark()))
        .singleElement()
        .asString()
        .contains("trouble");
    assertThat(report.documentsWritten()).isEqualTo(ROWS);
    assertThat(Catalog.documents(products)).isEqualTo(expected(LATEST));
  }

  @Test
  void aRowThatCannotBeMappedEndsTheLoadWithTheLibrarysException() throws Exception {
    assertThatThrownBy(() -> load(catalog.with(Trouble.BAD_ROW)).load())
        .isInstanceOfSatisfying(
            MappingException.class, e -> assertThat(e.column()).contains("price"));

    // Trying again would be of no use, and was not done.
    assertThat(cluster.executors().failures(cluster.spark()))
        .noneMatch(failure -> failure.contains("MappingException"));
    LoadReport mended = load(catalog).load();
    assertThat(mended.isLoaded()).isTrue();
    assertThat(Catalog.documents(products)).isEqualTo(expected(LATEST));
  }

  @Test
  void whatSparkGivesUpKeepsItsCause() {
    assertThatThrownBy(() -> load(catalog.with(Trouble.FAIL)).load())
        .isInstanceOf(SparkJobException.class)
        .hasMessageContaining("Load of pipeline \"" + catalog.name() + "\" at version 8")
        .hasCauseInstanceOf(SparkException.class);
  }

  @Test
  void allExecutorsTogetherStayWithinTheBudget() throws Exception {
    double budget = 4_000;

    LoadReport report = fixed(load(catalog.with(Trouble.MEET).withBudget(budget))).load();

    LongSummaryStatistics seconds =
        products.ledger().stream().mapToLong(RequestUnitSecond::epochSecond).summaryStatistics();
    long span = seconds.getMax() - seconds.getMin() + 1;
    assertThat(cluster.executors().worked(cluster.spark())).hasSize(2);
    assertThat(products.totalRequestUnits())
        .isGreaterThan(5 * budget)
        .isLessThanOrEqualTo(budget * (span + 1));
    assertThat(report.requestUnits()).isGreaterThan(5 * budget);
  }

  @Test
  void moreExecutorsThanTheBudgetHasPartsAreRefused() throws Exception {
    assertThatThrownBy(() -> load(catalog).workers(Workers.atMost(1)).load())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("2 executors work at once")
        .hasMessageContaining("Workers.atMost(2)");

    assertThat(load(catalog).workers(Workers.atMost(2)).load().isLoaded()).isTrue();
  }

  @Test
  void nobodyTakesAPartOfABudgetThatIsNotDivided() {
    assertThatThrownBy(() -> load(catalog).workers(Workers.anyNumber()).load())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("divided by the limiter itself");
  }

  @Test
  void anExecutorWithAnotherPipelineIsRefusedBeforeItWrites() {
    assertThatThrownBy(() -> load(new Divided(catalog)).load())
        .isInstanceOf(ConfigurationException.class);

    assertThat(products.documentCount()).isZero();
  }

  /** Makes another pipeline in executors than in the driver. */
  private record Divided(Catalog catalog) implements PipelineFactory {
    @Override
    public OpenPipeline open(BudgetShare share) {
      Catalog other =
          new Catalog(
              catalog.table(),
              catalog.endpoint(),
              catalog.name() + "-other",
              catalog.budget(),
              catalog.trouble(),
              catalog.scratch());
      return (TaskContext.get() == null ? catalog : other).open(share);
    }
  }
}
