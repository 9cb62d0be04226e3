package io.reverseetl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.delta.DeltaTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportCommandTest {
  @TempDir Path folder;
  private String table;
  private Path report;

  @BeforeEach
  void copyATable() {
    table = DeltaTables.copy("02-dml-cdf", folder).toString();
    report = folder.resolve("run.HTML");
  }

  private CommandRun run(String command, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                command,
                "--table",
                table,
                "--id",
                "id",
                "--partition-key",
                "name",
                "--report",
                report.toString()));
    args.addAll(List.of(more));
    return CommandRun.of(args.toArray(String[]::new));
  }

  @Test
  void aLoadWritesAPage() throws IOException {
    CommandRun run = run("load", "--ru-per-second", "50000", "--progress", "none");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(Files.readString(report))
        .startsWith("<!DOCTYPE html>")
        .endsWith("</html>\n")
        .contains(">completed<", "<strong>132</strong>", "limit 50,000", "<h2>Files</h2>");
  }

  @Test
  void aFailedPollWritesAPageThatSaysWhy() throws IOException {
    CommandRun run = run("poll");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(Files.readString(report)).contains(">failed<", "ConfigurationException: ");
  }

  @Test
  void aReplayHasNoPage() {
    CommandRun run = run("replay", "--dead-letters", "file:" + folder.resolve("letters.jsonl"));

    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_USAGE);
    assertThat(run.err()).contains("--report: this command writes JSON");
  }
}
