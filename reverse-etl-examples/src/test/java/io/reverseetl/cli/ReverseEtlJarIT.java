package io.reverseetl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.credential.AzureKeyCredential;
import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosClientBuilder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.delta.DeltaTables;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The jar as an operator runs it: a process of its own, against an emulator in this one. */
@Timeout(120)
class ReverseEtlJarIT {
  @TempDir Path folder;
  private CosmosEmulator emulator;

  @BeforeEach
  void startAnEmulator() {
    emulator = CosmosEmulator.builder().partitions(2).start();
  }

  @AfterEach
  void stopTheEmulator() {
    emulator.close();
  }

  private Process start(List<String> args) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Path.of("target", "reverse-etl.jar").toString()));
    command.addAll(args);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("COSMOS_KEY", emulator.key());
    builder.redirectErrorStream(true);
    builder.redirectOutput(folder.resolve("output").toFile());
    return builder.start();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("output"), StandardCharsets.UTF_8);
  }

  private List<String> load(Path table, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "load",
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
                "cosmos:checkpoints",
                "--progress",
                "plain"));
    args.addAll(List.of(more));
    return args;
  }

  private int documents() {
    try (CosmosAsyncClient client =
        new CosmosClientBuilder()
            .endpoint(emulator.endpoint().toString())
            .credential(new AzureKeyCredential(emulator.key()))
            .gatewayMode()
            .buildAsyncClient()) {
      return client
          .getDatabase("d")
          .getContainer("c")
          .queryItems("SELECT * FROM c", JsonNode.class)
          .collectList()
          .block()
          .size();
    }
  }

  @Test
  void loadsOnceAndThenHasNothingToDo() throws Exception {
    Path table = DeltaTables.copy("02-dml-cdf", folder);

    int first = start(load(table)).waitFor();
    assertThat(output()).contains("Loaded version 7");
    int second = start(load(table)).waitFor();

    assertThat(first).isZero();
    assertThat(second).isZero();
    assertThat(output()).contains("Nothing to do");
    assertThat(documents()).isEqualTo(132);
  }

  @Test
  void loadsAVersionAndPollsTheRest() throws Exception {
    Path table = DeltaTables.copy("02-dml-cdf", folder);
    Path report = folder.resolve("report.json");
    int loaded = start(load(table, "--version", "1")).waitFor();
    List<String> poll = load(table, "--report", report.toString());
    poll.set(0, "poll");
    poll.removeAll(List.of("--progress", "plain"));

    int polled = start(poll).waitFor();

    assertThat(loaded).isZero();
    assertThat(polled).as(output()).isZero();
    assertThat(output()).contains("The target holds version 7");
    assertThat(documents()).isEqualTo(132);
    assertThat(Files.readString(report)).contains("\"fromVersion\" : 1");

    List<String> verify = load(table);
    verify.set(0, "verify");
    verify.removeAll(List.of("--progress", "plain"));
    assertThat(start(verify).waitFor()).as(output()).isZero();
    assertThat(output()).containsPattern("equal +132");
    emulator.database("d").container("c").delete("0", "0");
    assertThat(start(verify).waitFor()).as(output()).isEqualTo(7);
    assertThat(output()).containsPattern("missing +1");
  }

  @Test
  void followsTheTableUntilItIsAskedToEnd() throws Exception {
    Path table = DeltaTables.copy("02-dml-cdf", folder);
    assertThat(start(load(table, "--version", "1")).waitFor()).as(output()).isZero();
    List<String> poll = load(table, "--follow", "--interval", "100ms");
    poll.set(0, "poll");
    poll.removeAll(List.of("--progress", "plain"));
    Process following = start(poll);
    while (emulator.database("d").container("c").documentCount() < 132) {
      assertThat(following.isAlive()).as(output()).isTrue();
      Thread.onSpinWait();
    }

    following.destroy();

    assertThat(following.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(following.exitValue()).isEqualTo(143);
  }

  @Test
  void savesItsProgressAndLeavesWith143WhenAskedToEnd() throws Exception {
    Path table = DeltaTables.copy("24-scale", folder);
    // So few request units that the load takes an hour.
    Process running = start(load(table, "--ru-per-second", "5"));
    while (!emulatorHasDocuments()) {
      assertThat(running.isAlive()).as(output()).isTrue();
      Thread.onSpinWait();
    }

    running.destroy();

    assertThat(running.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(running.exitValue()).isEqualTo(143);
    assertThat(start(load(table)).waitFor()).as(output()).isZero();
    assertThat(documents())
        .isEqualTo(DeltaTables.caseJson("24-scale").path("snapshots").path(0).path("rows").asInt());
  }

  @Test
  void reportsASwitchThatIsAskedToEnd() throws Exception {
    Path table = DeltaTables.copy("24-scale", folder);
    Path report = folder.resolve("report.json");
    List<String> options =
        load(table, "--strategy", "flag", "--ru-per-second", "5", "--report", report.toString());
    options.set(0, "switch");
    Process running = start(options);
    while (!emulatorHasDocuments()) {
      assertThat(running.isAlive()).as(output()).isTrue();
      Thread.onSpinWait();
    }

    running.destroy();

    assertThat(running.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(running.exitValue()).as(output()).isEqualTo(143);
    assertThat(new ObjectMapper().readTree(report.toFile()).path("outcome").asText())
        .isEqualTo("STOPPED");
  }

  private boolean emulatorHasDocuments() {
    return emulator.databaseNames().contains("d")
        && emulator.database("d").containerNames().contains("c")
        && emulator.database("d").container("c").documentCount() > 0;
  }

  @Test
  void reachesItsDeadlineWithTheProgressSaved() throws Exception {
    Path table = DeltaTables.copy("24-scale", folder);

    int exitCode = start(load(table, "--ru-per-second", "50", "--deadline", "2s")).waitFor();

    assertThat(exitCode).as(output()).isEqualTo(6);
    assertThat(output()).contains("run again to go on");
    assertThat(start(load(table)).waitFor()).as(output()).isZero();
  }

  @Test
  void setsARowAsideInAContainerAndReplaysIt() throws Exception {
    Path table = DeltaTables.copy("02-dml-cdf", folder);
    emulator.faults().onBatchedOperation().document("7").status(413);
    int loaded = start(load(table, "--dead-letters", "cosmos:letters")).waitFor();
    assertThat(loaded).as(output()).isEqualTo(5);
    assertThat(output()).contains("131 documents written", "1 dead letters");
    assertThat(emulator.database("d").container("letters").documentCount()).isEqualTo(1);
    Path report = folder.resolve("report.json");
    List<String> replay =
        load(table, "--dead-letters", "cosmos:letters", "--report", report.toString());
    replay.set(0, "replay");
    replay.removeAll(List.of("--progress", "plain"));

    int stillRefused = start(replay).waitFor();
    assertThat(stillRefused).as(output()).isEqualTo(5);
    assertThat(output()).contains("1 still failing");
    emulator.faults().clear();
    int replayed = start(replay).waitFor();

    assertThat(replayed).as(output()).isZero();
    assertThat(output()).contains("Replayed 1 of 1 dead letters at version 7");
    assertThat(documents()).isEqualTo(132);
    assertThat(emulator.database("d").container("letters").documentCount()).isZero();
    assertThat(Files.readString(report)).contains("\"replayed\" : 1", "\"deadLetters\" : 0");
  }

  @Test
  void replaysAFileOfDeadLetters() throws Exception {
    Path table = DeltaTables.copy("02-dml-cdf", folder);
    Path letters = folder.resolve("letters.jsonl");
    emulator.faults().onBatchedOperation().document("7").status(413);
    assertThat(start(load(table, "--dead-letters", "file:" + letters)).waitFor()).isEqualTo(5);
    emulator.faults().clear();
    List<String> replay = load(table, "--dead-letters", "file:" + letters);
    replay.set(0, "replay");
    replay.removeAll(List.of("--progress", "plain"));

    assertThat(start(replay).waitFor()).as(output()).isZero();

    assertThat(Files.readString(letters)).isEmpty();
    assertThat(documents()).isEqualTo(132);
  }

  @Test
  void removesOrphansAndTellsTheDistanceToTheRetention() throws Exception {
    Path table = DeltaTables.copy("02-dml-cdf", folder);
    assertThat(start(load(table, "--version", "1", "--stamp")).waitFor()).as(output()).isZero();
    emulator.database("d").container("c").put("{\"id\":\"foreign\"}");
    List<String> again = load(table, "--stamp", "--remove-orphans", "--pipeline", "second");

    assertThat(start(again).waitFor()).as(output()).isZero();

    assertThat(output()).containsPattern("[1-9]\\d* deleted");
    assertThat(documents()).isEqualTo(133);
    List<String> status = load(table);
    status.set(0, "status");
    status.removeAll(List.of("--progress", "plain"));
    assertThat(start(status).waitFor()).as(output()).isZero();
    assertThat(output()).contains("earliest change version 0", "retention left");
  }

  @Test
  void refusesAWrongKeyWithoutShowingIt() throws Exception {
    Path table = DeltaTables.copy("02-dml-cdf", folder);
    String right = emulator.key();
    Process process;
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-jar",
            Path.of("target", "reverse-etl.jar").toString());
    builder.command().addAll(load(table));
    String wrong =
        Base64.getEncoder().encodeToString("not the key".getBytes(StandardCharsets.UTF_8));
    builder.environment().put("COSMOS_KEY", wrong);
    builder.redirectErrorStream(true);
    builder.redirectOutput(folder.resolve("output").toFile());
    process = builder.start();

    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(output())
        .doesNotContain(wrong)
        .doesNotContain(right)
        .startsWith("reverse-etl: ")
        .contains("refuses the credentials");
  }
}
