package io.reverseetl.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class LoadBenchmarkIT {

  @Test
  void measuresEveryWayOfLoadingAndFindsTheDocumentsRight() {
    BenchRun run =
        BenchRun.of(
            LoadBenchmark.commandLine(),
            "--rows=300",
            "--files=2",
            "--runs=1",
            "--xmx=256m",
            "--emulator-xmx=256m",
            "--subjects=library,executor_text,executor_tree");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("300 documents of ")
        .contains("| LIBRARY | ")
        .contains("| EXECUTOR_TEXT | ")
        .contains("| EXECUTOR_TREE | ")
        .contains("CPU of the library / CPU of the executor");
  }

  @Test
  void refusesWrongOptions() {
    assertThat(BenchRun.of(LoadBenchmark.commandLine(), "--runs=0").exitCode()).isEqualTo(2);
    assertThat(BenchRun.of(LoadBenchmark.commandLine(), "--subjects=spark").exitCode())
        .isEqualTo(2);
    assertThat(BenchRun.of(LoadBenchmark.commandLine(), "--table=nowhere").exitCode()).isEqualTo(2);
  }
}
