package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.cosmos.CosmosAsyncClient;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import io.reverseetl.delta.CommittedTable;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real processes that poll a table into the emulator are killed again and again, while the table is
 * committed to all the time. Two run side by side, so that one often finds the other's lease.
 *
 * <p>Kills 6 times with plain writes and 6 times with guarded ones, under which no document may
 * ever fall back to an older version; {@code -Dreverseetl.kills=50} makes it as many.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class CosmosPollingProcessIT {
  private static final int KILLS = Integer.getInteger("reverseetl.kills", 6);
  private static final int ROWS = 60;
  private static final int COMMIT_EVERY_MILLIS = 60;

  @TempDir private Path folder;

  /** What the committing thread did. */
  private static final class Writer implements AutoCloseable {
    private final CommittedTable table;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Thread thread;
    private volatile RuntimeException failure;

    Writer(CommittedTable table) {
      this.table = table;
      this.thread = new Thread(this::run, "commits");
      thread.start();
    }

    private void run() {
      try {
        while (!stopped.get()) {
          table.commit();
          // The pace of a writer, not a wait for something.
          TimeUnit.MILLISECONDS.sleep(COMMIT_EVERY_MILLIS);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        failure = e;
      }
    }

    @Override
    public void close() throws InterruptedException {
      stopped.set(true);
      thread.join();
      if (failure != null) {
        throw failure;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void leavesTheTableWhateverIsKilledWhileItIsCommittedTo(boolean guarded) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Path location = folder.resolve("table");
    CommittedTable table = CommittedTable.create(location, seed, ROWS);
    try (CosmosEmulator emulator = CosmosEmulator.builder().partitions(2).start();
        CosmosAsyncClient client = TestAccount.connect(emulator)) {
      createContainers(client);
      long sawSteps = 0;
      long moved = 0;
      long before = -1;
      Map<String, Long> newest = new HashMap<>();
      List<Process> running = new ArrayList<>();
      try (Writer writer = new Writer(table)) {
        for (int kills = 0; kills < KILLS; kills++) {
          while (running.size() < 2) {
            running.add(start(location, emulator, random.nextLong(), -1, guarded));
          }
          awaitReady(running.get(0), seed);
          // Now and then a process lives until it got somewhere, however slow the machine is.
          while (kills % 3 == 2 && version(client) <= before) {
            assertThat(running.get(0).waitFor(20, TimeUnit.MILLISECONDS))
                .as(() -> "ended by itself, seed " + seed + ": " + errors())
                .isFalse();
          }
          assertThat(running.get(0).waitFor(random.nextInt(700), TimeUnit.MILLISECONDS))
              .as("ended by itself, seed " + seed)
              .isFalse();
          running.remove(0).destroyForcibly().waitFor();
          if (guarded) {
            assertNothingFellBack(emulator, newest, seed);
          }
          sawSteps += checkpoint(client).flatMap(Checkpoint::poll).isPresent() ? 1 : 0;
          long version = version(client);
          assertThat(version)
              .as("the checkpoint goes forward, seed " + seed)
              .isGreaterThanOrEqualTo(before);
          moved += version > before ? 1 : 0;
          before = version;
        }
      } finally {
        running.forEach(Process::destroyForcibly);
      }
      for (Process process : running) {
        process.waitFor();
      }
      Process last = start(location, emulator, seed, table.version(), guarded);
      awaitReady(last, seed);
      BufferedReader out = last.inputReader();
      assertThat(out.readLine()).as("seed " + seed).isEqualTo("at " + table.version());
      assertThat(last.waitFor()).as("seed " + seed).isZero();

      if (guarded) {
        assertNothingFellBack(emulator, newest, seed);
      }
      EmulatedContainer documents = emulator.database("d").container("documents");
      assertThat(values(documents)).as("seed " + seed).isEqualTo(table.rows());
      assertThat(emulator.database("d").container("letters").documentCount()).isZero();
      assertThat(moved).as("kills after progress, seed " + seed).isPositive();
      System.out.printf(
          "%d kills while %d versions were committed, %d of them inside a range, seed %d%n",
          KILLS, table.version(), sawSteps, seed);
    }
  }

  private static void createContainers(CosmosAsyncClient client) {
    client.createDatabase("d").block();
    client.getDatabase("d").createContainer("documents", "/pk").block();
    client.getDatabase("d").createContainer("checkpoints", "/id").block();
    client.getDatabase("d").createContainer("letters", "/pipeline").block();
  }

  private static Optional<Checkpoint> checkpoint(CosmosAsyncClient client) {
    return CosmosCheckpointStore.of(client.getDatabase("d").getContainer("checkpoints"))
        .read("killed")
        .map(StoredCheckpoint::checkpoint);
  }

  /** The version that the target holds; -1 before it is loaded. */
  private static long version(CosmosAsyncClient client) {
    return checkpoint(client)
        .filter(checkpoint -> checkpoint.load().isEmpty())
        .map(Checkpoint::version)
        .orElse(-1L);
  }

  private static void assertNothingFellBack(
      CosmosEmulator emulator, Map<String, Long> newest, long seed) {
    for (ObjectNode document : emulator.database("d").container("documents").documents()) {
      String key = document.get("id").asText() + "/" + document.get("pk").asText();
      long version = document.get("_sourceVersion").asLong();
      assertThat(version)
          .as(key + ", seed " + seed)
          .isGreaterThanOrEqualTo(newest.getOrDefault(key, 0L));
      newest.put(key, version);
    }
  }

  private Process start(Path table, CosmosEmulator emulator, long seed, long last, boolean guarded)
      throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx192m",
                "-DCOSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED=true",
                "-DCOSMOS.DISABLE_IMDS_ACCESS=true",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                "-cp",
                System.getProperty("java.class.path"),
                PollingProcess.class.getName(),
                table.toString(),
                Files.createDirectories(folder.resolve("spill")).toString(),
                emulator.endpoint().toString(),
                emulator.key(),
                "d",
                Long.toString(seed),
                Long.toString(last),
                Boolean.toString(guarded)))
        .redirectError(folder.resolve("errors").toFile())
        .start();
  }

  /** Waits until the process begins to load or poll. */
  private void awaitReady(Process process, long seed) throws IOException {
    assertThat(process.inputReader().readLine())
        .as(() -> "seed " + seed + ": " + errors())
        .isEqualTo("ready");
  }

  private String errors() {
    try {
      return Files.readString(folder.resolve("errors"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static Map<String, CommittedTable.Values> values(EmulatedContainer container) {
    Map<String, CommittedTable.Values> rows = new TreeMap<>();
    for (ObjectNode document : container.documents()) {
      if (document.path("gone").asBoolean()) {
        continue;
      }
      String id = document.get("id").asText();
      assertThat(document.get("_sourceVersion").isIntegralNumber()).isTrue();
      // A document of each id, also where the row moved to another partition.
      assertThat(
              rows.put(
                  id,
                  new CommittedTable.Values(
                      document.get("pk").asText(), document.get("n").asLong())))
          .isNull();
    }
    return rows;
  }
}
