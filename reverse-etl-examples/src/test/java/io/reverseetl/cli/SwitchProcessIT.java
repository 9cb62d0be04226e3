package io.reverseetl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.delta.DeltaTables;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The switch of snapshots by real processes, one of which is killed. */
class SwitchProcessIT {
  @TempDir private Path folder;

  private Process start(CosmosEmulator emulator, Path table, String command, String... more)
      throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Path.of("target", "reverse-etl.jar").toString(),
                command,
                "--table",
                table.toString(),
                "--id",
                "id",
                "--partition-key",
                "id",
                "--endpoint",
                emulator.endpoint().toString(),
                "--database",
                "d",
                "--container",
                "c",
                "--create",
                "--checkpoint",
                "cosmos:checkpoints"));
    args.addAll(List.of(more));
    ProcessBuilder builder = new ProcessBuilder(args);
    builder.environment().put("COSMOS_KEY", emulator.key());
    builder.redirectErrorStream(true);
    builder.redirectOutput(folder.resolve("output").toFile());
    return builder.start();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("output"), StandardCharsets.UTF_8);
  }

  private static Optional<String> generation(CosmosEmulator emulator) {
    return emulator.database("d").containerNames().stream()
        .filter(name -> name.startsWith("c-") && !name.equals("c-pointer"))
        .findFirst();
  }

  @Test
  void goesOnAfterAKillAndOtherCommandsFollowTheSwitch() throws Exception {
    try (CosmosEmulator emulator = CosmosEmulator.builder().partitions(2).start()) {
      Path table = DeltaTables.copy("02-dml-cdf", folder);
      assertThat(start(emulator, table, "load", "--version", "1").waitFor()).as(output()).isZero();
      long before = emulator.database("d").container("c").documentCount();

      // So few request units that the load takes minutes.
      Process doomed =
          start(
              emulator,
              table,
              "switch",
              "--strategy",
              "container",
              "--version",
              "2",
              "--ru-per-second",
              "5");
      while (generation(emulator)
          .filter(name -> emulator.database("d").container(name).documentCount() > 0)
          .isEmpty()) {
        assertThat(doomed.isAlive()).as(output()).isTrue();
        Thread.onSpinWait();
      }
      doomed.destroyForcibly().waitFor();
      String generation = generation(emulator).orElseThrow();

      Process next = start(emulator, table, "switch", "--strategy", "container", "--version", "2");
      assertThat(next.waitFor()).as(output()).isZero();
      assertThat(output()).contains("Readers see snapshot " + generation.substring(2), "version 2");

      assertThat(start(emulator, table, "poll").waitFor()).as(output()).isZero();
      assertThat(output()).contains("The target holds version 7");
      assertThat(start(emulator, table, "verify").waitFor()).as(output()).isZero();
      assertThat(output()).containsPattern("equal +132");
      assertThat(emulator.database("d").container(generation).documentCount()).isEqualTo(132);
      assertThat(emulator.database("d").container("c").documentCount()).isEqualTo(before);

      assertThat(start(emulator, table, "switch", "--rollback").waitFor()).as(output()).isZero();
      assertThat(output()).contains("back at the snapshot before the first switch");
      assertThat(start(emulator, table, "poll", "--until-version", "3").waitFor())
          .as(output())
          .isZero();
      assertThat(output()).contains("The target holds version 3");
      Process older = start(emulator, table, "switch", "--strategy", "container", "--version", "1");
      assertThat(older.waitFor()).as(output()).isEqualTo(ExitCode.FAILED);
      assertThat(output()).contains("would take readers");
    }
  }
}
