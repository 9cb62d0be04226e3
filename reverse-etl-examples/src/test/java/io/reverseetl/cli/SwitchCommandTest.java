package io.reverseetl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SwitchCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

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

  @Test
  void switchesForthAndBackAndOtherCommandsFollow() throws IOException {
    try (CosmosEmulator emulator = CosmosEmulator.builder().partitions(2).start()) {
      List<String> target =
          List.of(
              "--endpoint",
              emulator.endpoint().toString(),
              "--database",
              "shop",
              "--container",
              "products",
              "--create",
              "--checkpoint",
              "cosmos:checkpoints");
      assertThat(run("load", target, "--version", "1", "--progress", "none").exitCode()).isZero();
      Path report = folder.resolve("report.json");

      CommandRun forth =
          run(
              "switch",
              target,
              "--strategy",
              "container",
              "--version",
              "2",
              "--grace",
              "1h",
              "--progress",
              "none",
              "--report",
              report.toString());

      assertThat(forth.exitCode()).as(forth.err()).isZero();
      assertThat(forth.err()).contains("Readers see snapshot 1-", "version 2");
      JsonNode json = JSON.readTree(report.toFile());
      assertThat(json.get("outcome").asText()).isEqualTo("SWITCHED");
      assertThat(json.get("version").asLong()).isEqualTo(2);
      assertThat(json.get("rollbackUntil").asText()).isNotEmpty();
      assertThat(run("status", target).out() + run("status", target).err()).contains("2");
      assertThat(run("verify", target).exitCode()).isZero();
      CommandRun polled = run("poll", target, "--until-version", "3");
      assertThat(polled.err()).contains("The target holds version 3");

      CommandRun back =
          run("switch", target, "--rollback", "--progress", "none");

      assertThat(back.exitCode()).as(back.err()).isZero();
      assertThat(back.err()).contains("back at the snapshot before the first switch");
      assertThat(run("poll", target, "--until-version", "2").err())
          .contains("The target holds version 2");
      CommandRun older =
          run("switch", target, "--strategy", "container", "--version", "1", "--progress", "none");
      assertThat(older.exitCode()).isEqualTo(ExitCode.FAILED);
      assertThat(older.err()).contains("would take readers");
    }
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
    assertThat(
            run("switch", List.of(), "--strategy", "container", "--grace", "0s").exitCode())
        .isEqualTo(ExitCode.BAD_USAGE);
  }

  @Test
  void saysThatThereIsNothingToGoBackTo() {
    CommandRun run = run("switch", List.of(), "--rollback", "--progress", "none");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.err()).contains("snapshot target");
  }
}
