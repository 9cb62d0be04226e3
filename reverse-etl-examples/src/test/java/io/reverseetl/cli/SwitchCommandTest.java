package io.reverseetl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SwitchCommandTest {
  private static CommandRun run(String command, List<String> target, String... more) {
    List<String> args = new ArrayList<>();
    args.add(command);
    args.addAll(
        List.of(
            "--table",
            "data/product-catalog/table",
            "--id",
            "product_id",
            "--partition-key",
            "category"));
    args.addAll(target);
    args.addAll(List.of(more));
    return CommandRun.of(args.toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource({"container", "flag"})
  void switchesInTheEmulatorInsideTheProcess(String strategy) {
    CommandRun run =
        run("switch", List.of(), "--strategy", strategy, "--version", "1", "--progress", "none");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains("version 1", "5,000 documents");
  }

  @Test
  void saysWhichOptionsDoNotGoTogether() {
    assertThat(run("switch", List.of()).exitCode()).isEqualTo(ExitCode.BAD_USAGE);
    assertThat(run("switch", List.of(), "--strategy", "alias").exitCode())
        .isEqualTo(ExitCode.BAD_USAGE);
    assertThat(run("switch", List.of(), "--rollback", "--version", "1").exitCode())
        .isEqualTo(ExitCode.BAD_USAGE);
    assertThat(run("switch", List.of(), "--strategy", "container", "--grace", "0s").exitCode())
        .isEqualTo(ExitCode.BAD_USAGE);
  }

  @Test
  void saysThatThereIsNothingToGoBackTo() {
    CommandRun run = run("switch", List.of(), "--rollback", "--progress", "none");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.err()).contains("snapshot target");
  }
}
