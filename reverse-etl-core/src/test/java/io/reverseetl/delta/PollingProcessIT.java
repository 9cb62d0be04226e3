package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real process that polls is killed again and again, and the next one goes on. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class PollingProcessIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CASE = "16-many-versions";
  private static final int KILLS = 50;

  @TempDir private Path folder;

  @Test
  void leavesTheTableAfterFiftyKills() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Path table = DeltaTables.copy(CASE, folder);
    int kills = 0;
    int rounds = 0;
    long pollMillis = 1_500;
    for (int run = 0; kills < KILLS; run++) {
      Process process = start(table, round(rounds), run);
      long started = System.nanoTime();
      if (process.waitFor(random.nextInt((int) pollMillis), TimeUnit.MILLISECONDS)) {
        assertThat(process.exitValue()).as("seed " + seed + ", run " + run).isZero();
        assertThat(documents(round(rounds)))
            .as("seed " + seed + ", run " + run)
            .isEqualTo(expected());
        pollMillis = Math.max(100, (System.nanoTime() - started) / 1_000_000);
        rounds++;
      } else {
        process.destroyForcibly().waitFor();
        kills++;
      }
    }
    Process last = start(table, round(rounds), -1);
    assertThat(last.waitFor()).as("seed " + seed).isZero();
    assertThat(documents(round(rounds))).as("seed " + seed).isEqualTo(expected());
    System.out.println(kills + " kills over " + (rounds + 1) + " polls from the first version on");
  }

  private Path round(int number) {
    return folder.resolve("round-" + number);
  }

  /** Starts a process, and waits until it begins to load or poll. */
  private static Process start(Path table, Path work, long seed) throws IOException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx128m",
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                    "-cp",
                    System.getProperty("java.class.path"),
                    PollingProcess.class.getName(),
                    table.toString(),
                    work.toString(),
                    "id",
                    Long.toString(seed)))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out = process.inputReader();
    assertThat(out.readLine()).isEqualTo("ready");
    return process;
  }

  private static Map<String, JsonNode> documents(Path work) {
    Map<String, JsonNode> rows = new TreeMap<>();
    try (Stream<Path> files = Files.list(work.resolve("documents"))) {
      files
          .filter(file -> file.toString().endsWith(".json"))
          .sorted(Comparator.naturalOrder())
          .forEach(
              file -> {
                try {
                  JsonNode row = JSON.readTree(file.toFile()).get("row");
                  rows.put(row.get("id").asText(), row);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private static Map<String, JsonNode> expected() throws IOException {
    Map<String, JsonNode> rows = new TreeMap<>();
    String text = String.join("\n", DeltaTables.lines(CASE, "expected/latest-by-key.json"));
    for (JsonNode entry : JSON.readTree(text)) {
      rows.put(entry.get("row").get("id").asText(), entry.get("row"));
    }
    return rows;
  }
}
