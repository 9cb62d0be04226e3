package io.reverseetl.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadBenchmarkTest {
  @TempDir Path folder;

  @Test
  void readsEveryRowEachTime() {
    Path table = folder.resolve("table");
    BenchRun.of(
        TableGenerator.commandLine(), "--rows", "300", "--files", "2", "--out", table.toString());

    BenchRun run =
        BenchRun.of(
            ReadBenchmark.commandLine(), "--table", table.toString(), "--runs", "2", "--profile");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("run 1 (with the start): 300 rows")
        .contains("run 2: 300 rows")
        .contains("warm: ")
        .contains("samples");
  }

  @Test
  void readsTheChangesOfEveryCommit() {
    Path table = folder.resolve("table");
    BenchRun.of(
        TableGenerator.commandLine(),
        "--rows=400",
        "--files=2",
        "--commits=3",
        "--updated=0",
        "--deleted=0",
        "--inserted=2.5",
        "--out=" + table);

    BenchRun run =
        BenchRun.of(
            ReadBenchmark.commandLine(), "--table", table.toString(), "--changes", "--runs", "1");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("run 1 (with the start): 30 rows");
  }

  @Test
  void refusesAFolderThatIsNotThere() {
    BenchRun run =
        BenchRun.of(ReadBenchmark.commandLine(), "--table", folder.resolve("nothing").toString());

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("there is no folder");
  }
}
