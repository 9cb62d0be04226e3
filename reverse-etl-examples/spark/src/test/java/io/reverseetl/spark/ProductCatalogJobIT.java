package io.reverseetl.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.InitialLoader;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatedDatabase;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The documented job in processes of its own: a driver that is killed, and the one after it. */
@Timeout(300)
class ProductCatalogJobIT {
  @TempDir private Path folder;
  private CosmosEmulator emulator;
  private EmulatedDatabase shop;

  @BeforeEach
  void createContainers() {
    emulator = CosmosEmulator.builder().partitions(2).start();
    shop = emulator.createDatabase(Catalog.DATABASE);
    shop.createContainer("products", 2, "/category");
    shop.createContainer(Catalog.CHECKPOINTS, 1, "/id");
  }

  @AfterEach
  void stop() {
    emulator.close();
  }

  /** Spark takes what begins with "spark." from the properties of its JVM. */
  private int run(Map<String, String> more) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-Xmx512m",
            "-XX:TieredStopAtLevel=1",
            "-DCOSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED=true",
            "-DCOSMOS.DISABLE_IMDS_ACCESS=true"));
    SparkCluster.settings().forEach((key, value) -> command.add("-D" + key + "=" + value));
    more.forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            ProductCatalogJob.class.getName(),
            Catalog.TABLE,
            emulator.endpoint().toString(),
            "100000",
            "30000"));
    return start(command).waitFor();
  }

  private static Process start(List<String> command) throws IOException {
    ProcessBuilder driver = new ProcessBuilder(command);
    driver.environment().put("SHOP_KEY", CosmosEmulator.DEFAULT_KEY);
    return driver
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  @Test
  void aDriverThatWasKilledIsFollowedByAnother() throws Exception {
    int killed = run(Map.of("spark.extraListeners", HaltingDriver.class.getName()));
    assertThat(killed).isEqualTo(137);
    assertThat(shop.container("products").documentCount()).isPositive();
    assertThat(isLoading()).isTrue();

    assertThat(run(Map.of())).isZero();

    assertThat(isLoading()).isFalse();
    assertThat(Catalog.documents(shop.container("products"))).isEqualTo(expected());
  }

  private boolean isLoading() throws Exception {
    Catalog same =
        new Catalog(
            Catalog.TABLE,
            emulator.endpoint().toString(),
            "products",
            100_000,
            Catalog.Trouble.NONE,
            folder.toString());
    try (OpenPipeline open = same.open(BudgetShare.oneOf(1))) {
      return open.pipeline().status().checkpoint().orElseThrow().load().isPresent();
    }
  }

  private Map<String, String> expected() throws Exception {
    Catalog whole = Catalog.create(emulator, "whole", folder);
    try (OpenPipeline open = whole.open(BudgetShare.oneOf(1))) {
      InitialLoader.of(open.pipeline()).load();
    }
    return Catalog.documents(shop.container("whole"));
  }
}
