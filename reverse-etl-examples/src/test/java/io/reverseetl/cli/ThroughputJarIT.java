package io.reverseetl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.delta.DeltaTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the jar does with throughput, against an emulator in this process. */
@Timeout(180)
class ThroughputJarIT {
  @TempDir Path folder;
  private CosmosEmulator emulator;
  private String table;

  @BeforeEach
  void startAnEmulator() {
    emulator = CosmosEmulator.builder().partitions(2).start();
    table = DeltaTables.copy("02-dml-cdf", folder).toString();
    emulator.createDatabase("d").createContainer("c", 2, "/name");
    emulator.createDatabase("d").createContainer("s", 1, "/id");
  }

  @AfterEach
  void stopTheEmulator() {
    emulator.close();
  }

  private int run(String command, String... more) throws IOException, InterruptedException {
    return start(command, more).waitFor();
  }

  private Process start(String command, String... more) throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Path.of("target", "reverse-etl.jar").toString(),
                command,
                "--table",
                table,
                "--id",
                "id",
                "--partition-key",
                "name",
                "--endpoint",
                emulator.endpoint().toString(),
                "--database",
                "d",
                "--container",
                "c"));
    args.addAll(List.of(more));
    ProcessBuilder builder = new ProcessBuilder(args);
    builder.environment().put("COSMOS_KEY", emulator.key());
    builder.redirectErrorStream(true);
    builder.redirectOutput(folder.resolve("output").toFile());
    return builder.start();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("output"));
  }

  private int provisioned() {
    return emulator.database("d").container("c").requestUnitsPerSecond().orElseThrow();
  }

  @Test
  void estimatesAgainstAnAccountAndWritesNothing() throws Exception {
    Path report = folder.resolve("estimate.json");

    int exitCode = run("estimate", "--report", report.toString(), "--ru-per-second", "100");

    assertThat(exitCode).as(output()).isZero();
    JsonNode json = new ObjectMapper().readTree(report.toFile());
    assertThat(json.path("documents").asLong()).isEqualTo(132);
    assertThat(json.path("requestUnitsBy").asText()).isEqualTo("model");
    assertThat(json.path("partitions").asInt()).isEqualTo(2);
    assertThat(json.path("pacedBy").asText()).isEqualTo("BUDGET");
    assertThat(json.path("durationSeconds").asDouble())
        .isEqualTo(json.path("requestUnits").asDouble() / 100, offset());
    assertThat(json.path("partitionKeySkew").get(0).path("levels").asInt()).isEqualTo(1);
    assertThat(output()).contains("duration", "advice");
    assertThat(emulator.database("d").container("c").documentCount()).isZero();
    assertThat(emulator.calls().count(EmulatorOperation.UPSERT)).isZero();
    assertThat(emulator.calls().count(EmulatorOperation.CREATE_CONTAINER)).isZero();
  }

  private static Offset<Double> offset() {
    return Offset.offset(0.01);
  }

  @Test
  void calibratesWhenAskedTo() throws Exception {
    Path report = folder.resolve("estimate.json");

    int exitCode = run("estimate", "--report", report.toString(), "--calibrate");

    assertThat(exitCode).as(output()).isZero();
    JsonNode json = new ObjectMapper().readTree(report.toFile());
    assertThat(json.path("requestUnitsBy").asText()).isEqualTo("calibration");
    assertThat(json.path("requestUnitsPerReplace").asDouble())
        .isEqualTo(2 * json.path("requestUnitsPerDocument").asDouble(), offset());
    assertThat(emulator.database("d").container("c").documentCount()).isZero();
    assertThat(emulator.database("d").containerNames()).containsExactly("c", "s");
  }

  @Test
  void raisesTheThroughputForALoadAndGoesBack() throws Exception {
    int before = provisioned();

    int exitCode = run("load", "--checkpoint", "cosmos:s", "--raise-to", "9000");

    assertThat(exitCode).as(output()).isZero();
    assertThat(provisioned()).isEqualTo(before);
    assertThat(emulator.calls().count(EmulatorOperation.REPLACE_OFFER)).isEqualTo(2);
    assertThat(emulator.database("d").container("c").documentCount()).isEqualTo(132);
    assertThat(emulator.database("d").container("s").documentCount()).isEqualTo(1);
  }

  @Test
  void goesBackWhenTheLoadFails() throws Exception {
    int before = provisioned();
    emulator.faults().onBatch().status(403).times(1_000);

    int exitCode = run("load", "--checkpoint", "cosmos:s", "--raise-to", "9000");

    assertThat(exitCode).as(output()).isEqualTo(1);
    assertThat(provisioned()).isEqualTo(before);
    assertThat(emulator.calls().count(EmulatorOperation.REPLACE_OFFER)).isEqualTo(2);
  }

  @Test
  void goesBackWhenItIsAskedToEnd() throws Exception {
    int before = provisioned();
    // So few request units that the load takes minutes.
    Process running =
        start("load", "--checkpoint", "cosmos:s", "--raise-to", "9000", "--ru-per-second", "5");
    while (emulator.database("d").container("c").documentCount() == 0) {
      assertThat(running.isAlive()).as(output()).isTrue();
      Thread.onSpinWait();
    }
    assertThat(provisioned()).isEqualTo(9_000);
    emulator.faults().onOffer().delay(Duration.ofMillis(300));

    running.destroy();

    assertThat(running.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(running.exitValue()).as(output()).isEqualTo(143);
    assertThat(provisioned()).isEqualTo(before);
  }

  @Test
  void loadsWithAShareOfABudgetThatOthersShareInABucket() throws Exception {
    int exitCode =
        run(
            "load",
            "--checkpoint",
            "cosmos:s",
            "--ru-share",
            "0.5",
            "--shared-budget",
            "s,nightly",
            "--throughput-bucket",
            "2",
            "--low-priority");

    assertThat(exitCode).as(output()).isZero();
    assertThat(emulator.calls().calls(EmulatorOperation.BULK_BATCH))
        .isNotEmpty()
        .allSatisfy(
            call -> {
              assertThat(call.headers()).containsEntry("x-ms-cosmos-throughput-bucket", "2");
              assertThat(call.headers()).containsEntry("x-ms-cosmos-priority-level", "Low");
            });
    assertThat(
            emulator
                .database("d")
                .container("s")
                .document("request-unit-budget-nightly", "request-unit-budget-nightly"))
        .hasValueSatisfying(document -> assertThat(document.path("runners").size()).isZero());
  }

  @Test
  void refusesOptionsThatDoNotGoTogether() throws Exception {
    assertThat(run("load", "--checkpoint", "cosmos:s", "--ru-share", "0.5", "--ru-per-second", "5"))
        .isEqualTo(2);
    assertThat(run("load", "--checkpoint", "cosmos:s", "--shared-budget", "s")).isEqualTo(2);
    assertThat(run("load", "--checkpoint", "file:" + folder, "--raise-to", "900")).isEqualTo(2);
    assertThat(run("load", "--checkpoint", "cosmos:s", "--ru-share", "1.5")).isEqualTo(2);
    assertThat(run("load", "--checkpoint", "cosmos:s", "--throughput-bucket", "9")).isEqualTo(2);
  }
}
