package io.reverseetl.examples;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosClientBuilder;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.testcontainers.containers.CosmosDBEmulatorContainer;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/**
 * What docs/testing.md shows of the vendor's emulator. Skipped, and counted as such, where no image
 * is named, as it is a large one, or where there is no Docker. In a source folder of its own, which
 * the quickstart leaves out with Testcontainers.
 */
@EnabledIfSystemProperty(named = "cosmos.emulator.image", matches = ".+")
@Testcontainers(disabledWithoutDocker = true)
class VendorEmulatorIT {
  @Container
  private static final CosmosDBEmulatorContainer EMULATOR =
      new CosmosDBEmulatorContainer(
              DockerImageName.parse(System.getProperty("cosmos.emulator.image")))
          .withStartupTimeout(Duration.ofMinutes(5));

  private static CosmosAsyncClient connect(CosmosDBEmulatorContainer emulator) {
    return new CosmosClientBuilder()
        .endpoint(emulator.getEmulatorEndpoint())
        .key(emulator.getEmulatorKey())
        .gatewayMode()
        .endpointDiscoveryEnabled(false)
        .buildAsyncClient();
  }

  private final TestingGuideTest guide = new TestingGuideTest();

  @Test
  void writesToTheVendorsEmulator() {
    try (CosmosAsyncClient client = connect(EMULATOR)) {
      guide.loadOrdersThrough(client);
    }
  }
}
