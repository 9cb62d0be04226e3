package io.reverseetl.functions;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpResponseMessage;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import io.reverseetl.cosmos.junit.CosmosEmulatorExtension;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A process of its own, from its start to the answer of its first invocation. */
@Timeout(120)
class ColdStartIT {
  @RegisterExtension
  static final CosmosEmulatorExtension COSMOS = CosmosEmulatorExtension.of("/category");

  /** What the new process runs: a request that loads, with the settings of its environment. */
  static final class Invocation {
    private Invocation() {}

    /** Tells on standard output how long it took. */
    public static void main(String[] args) {
      long entered = sinceStart();
      FakeContext context = new FakeContext();
      HttpResponseMessage answer =
          new ReverseEtlFunctions().load(new FakeRequest(HttpMethod.POST, Map.of()), context);
      System.out.printf(
          "status %d; JVM to handler %d ms, to the answer %d ms: %s%n",
          answer.getStatusCode(), entered, sinceStart(), answer.getBody());
    }

    private static long sinceStart() {
      return System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
    }
  }

  @Test
  void loadsInTheFirstInvocationOfAProcess(
      CosmosEmulator emulator, EmulatedContainer products, @TempDir Path folder) throws Exception {
    emulator.database("tests").createContainer("held", 1, "/id");
    ProcessBuilder process =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+TieredCompilation",
            "-XX:TieredStopAtLevel=1",
            "-DCOSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED=true",
            "-DCOSMOS.DISABLE_IMDS_ACCESS=true",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
            "-cp",
            System.getProperty("java.class.path"),
            Invocation.class.getName());
    process
        .environment()
        .putAll(
            Map.of(
                "REVERSE_ETL_TABLE",
                new File("../data/product-catalog/table").getCanonicalPath(),
                "REVERSE_ETL_ENDPOINT",
                emulator.endpoint().toString(),
                "REVERSE_ETL_KEY",
                emulator.key(),
                "REVERSE_ETL_DATABASE",
                "tests",
                "REVERSE_ETL_CONTAINER",
                products.name(),
                "REVERSE_ETL_CHECKPOINTS",
                "held"));
    Path output = folder.resolve("output");
    Process invocation = process.redirectErrorStream(true).redirectOutput(output.toFile()).start();

    boolean ended = invocation.waitFor(100, TimeUnit.SECONDS);
    invocation.destroyForcibly();

    String told = Files.readString(output);
    assertThat(ended).as(told).isTrue();
    // However slow the machine is, the invocation ends by its deadline and has done a part.
    assertThat(told).containsPattern("status 20[02]").contains("firstDocumentMillis");
    assertThat(products.documentCount()).isPositive();
    System.out.print("Cold start: " + told);
  }
}
