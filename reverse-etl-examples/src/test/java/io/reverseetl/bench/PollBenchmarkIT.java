package io.reverseetl.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That the benchmark works; what it measures is not looked at here. */
@Timeout(180)
class PollBenchmarkIT {

  @Test
  void measuresARangeSingleCommitsAndAnIdlePollerAndFindsTheDocumentsRight() {
    BenchRun run =
        BenchRun.of(
            PollBenchmark.commandLine(),
            "--rows=2000",
            "--files=2",
            "--range-commits=3",
            "--runs=1",
            "--xmx=256m",
            "--live-rows=50",
            "--warm-up=1",
            "--commits=6",
            "--interval=20",
            "--idle-seconds=1",
            "--emulator-xmx=256m");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("run 1: ", "| a range of commits, median (min-max) of 1 | ")
        .contains("| commits of one row, interval of 20 ms | ", "| -Xmx128m, after 1 others | 6 | ")
        .contains("| nothing to do, interval of 20 ms | ");
  }

  @Test
  void refusesWrongOptions() {
    assertThat(BenchRun.of(PollBenchmark.commandLine(), "--runs=0").exitCode()).isEqualTo(2);
    assertThat(BenchRun.of(PollBenchmark.commandLine(), "--interval=0").exitCode()).isEqualTo(2);
    assertThat(BenchRun.of(PollBenchmark.commandLine(), "--subjects=spark").exitCode())
        .isEqualTo(2);
    assertThat(BenchRun.of(PollBenchmark.commandLine(), "--table=nowhere").exitCode()).isEqualTo(2);
  }
}
