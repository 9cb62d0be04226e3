package io.reverseetl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.reverseetl.azure.Azurite;
import io.reverseetl.delta.DeltaTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The jar, on a table in Azure storage. */
@Timeout(120)
class AzureTableIT {
  @TempDir static Path folder;
  private static Azurite azurite;

  @BeforeAll
  static void start() {
    assumeTrue(Azurite.find().isPresent(), "Azurite is not installed.");
    azurite = Azurite.start();
    azurite.copyIn(DeltaTables.copy("02-dml-cdf", folder), "lake", "orders");
  }

  @AfterAll
  static void stop() {
    if (azurite != null) {
      azurite.close();
    }
  }

  private static List<String> run(int code, Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Path.of("target", "reverse-etl.jar").toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    Path output = Files.createTempFile(folder, "output", "");
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("AZURE_STORAGE_SERVICE_ENDPOINT", azurite.endpoint());
    builder.environment().putAll(environment);
    assertThat(builder.start().waitFor()).as(Files.readString(output)).isEqualTo(code);
    return Files.readAllLines(output);
  }

  @Test
  void readsRowsAndChanges() throws Exception {
    Map<String, String> key = Map.of("AZURE_STORAGE_KEY", Azurite.KEY);
    String table = Azurite.uri("lake", "orders");

    List<String> rows = run(0, key, "snapshot", "--table", table);
    List<String> changes = run(0, key, "changes", "--table", table, "--from", "1");

    assertThat(rows).isNotEmpty().allMatch(line -> line.startsWith("{"));
    assertThat(changes).isNotEmpty().allMatch(line -> line.startsWith("{"));
  }

  @Test
  void aUriThatIsNoneIsBadUsage() throws Exception {
    List<String> shown =
        run(
            2,
            Map.of("AZURE_STORAGE_KEY", Azurite.KEY),
            "snapshot",
            "--table",
            "https://lake.example/container/table?sig=abc");

    assertThat(shown.get(0)).startsWith("--table: ");
    assertThat(String.join("\n", shown)).doesNotContain("sig=abc");
  }
}
