package io.reverseetl.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That the benchmark works; what it measures is not looked at here. */
@Timeout(180)
class ThroughputBenchmarkIT {

  @Test
  void measuresBudgetsSharesAndANeighbour() {
    BenchRun run =
        BenchRun.of(
            ThroughputBenchmark.commandLine(),
            "--budget=400",
            "--partitions=2",
            "--seconds=1",
            "--neighbour=800");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("| 400, fixed | 800 | ", "| 400, share of 0.5 | 800 | ")
        .contains("| alone | ", "| load with a share of 0.5 | ", "| load without a limit | ");
  }

  @Test
  void refusesWrongOptions() {
    assertThat(BenchRun.of(ThroughputBenchmark.commandLine(), "--budget=0").exitCode())
        .isEqualTo(2);
    assertThat(BenchRun.of(ThroughputBenchmark.commandLine(), "--seconds=0").exitCode())
        .isEqualTo(2);
  }
}
