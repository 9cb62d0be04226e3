package io.reverseetl.springboot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncClient;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.LoadReport;
import io.reverseetl.PipelineListener;
import io.reverseetl.PollReport;
import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.Lease;
import io.reverseetl.cosmos.CosmosCheckpointStore;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import io.reverseetl.cosmos.junit.CosmosEmulatorExtension;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The service as it starts and ends, against the emulator. */
@Timeout(180)
class ReverseEtlApplicationIT {
  @RegisterExtension final CosmosEmulatorExtension cosmos = CosmosEmulatorExtension.of("/category");

  private final ObjectMapper json = new ObjectMapper();
  private final Watcher watcher = new Watcher();
  private CosmosEmulator emulator;
  private EmulatedContainer products;

  /** Tells when the service has come so far. */
  private static final class Watcher implements PipelineListener {
    private final CompletableFuture<LoadReport> loaded = new CompletableFuture<>();
    private final CompletableFuture<PollReport> polled = new CompletableFuture<>();

    @Override
    public void onLoadFinished(LoadReport report) {
      loaded.complete(report);
    }

    @Override
    public void onPollFinished(PollReport report) {
      if (report.lagVersions() == 0) {
        polled.complete(report);
      }
    }
  }

  @BeforeEach
  void makeTheContainers(CosmosEmulator account, EmulatedContainer documents) {
    emulator = account;
    products = documents;
    emulator.database("tests").createContainer("held", 1, "/id");
  }

  private ConfigurableApplicationContext start(Watcher told) {
    return new SpringApplicationBuilder(ReverseEtlApplication.class)
        .initializers(context -> context.getBeanFactory().registerSingleton("watcher", told))
        .run(
            "--server.port=0",
            "--spring.main.banner-mode=off",
            "--logging.level.root=error",
            "--reverse-etl.table=../data/product-catalog/table",
            "--reverse-etl.initial-version=1",
            "--reverse-etl.max-lag=36500d", // the demonstration table is as old as it is
            "--reverse-etl.cosmos.endpoint=" + emulator.endpoint(),
            "--reverse-etl.cosmos.key=" + emulator.key(),
            "--reverse-etl.cosmos.database=tests",
            "--reverse-etl.cosmos.container=" + products.name(),
            "--reverse-etl.cosmos.checkpoints=held");
  }

  private JsonNode get(ConfigurableApplicationContext service, String path) throws Exception {
    String port = service.getEnvironment().getProperty("local.server.port");
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return json.readTree(answer.body());
  }

  @Test
  void loadsThenPollsAndTellsHealthAndMetrics() throws Exception {
    try (ConfigurableApplicationContext service = start(watcher)) {
      watcher.polled.join();

      assertThat(products.documentCount()).isEqualTo(5_036);
      JsonNode health = get(service, "/actuator/health");
      assertThat(health.get("status").asText()).isEqualTo("UP");
      JsonNode details = health.get("components").get("reverseEtl").get("details");
      assertThat(details.get("stage").asText()).isEqualTo("POLLING");
      assertThat(details.get("version").asInt()).isEqualTo(8);
      assertThat(details.get("lagVersions").asInt()).isZero();
      assertThat(details.get("deadLetters").asInt()).isZero();
      assertThat(details.has("throttled")).isTrue();
      assertThat(get(service, "/actuator/metrics").get("names").valueStream().map(JsonNode::asText))
          .contains(
              "reverseetl.documents",
              "reverseetl.documents.bytes",
              "reverseetl.freshness",
              "reverseetl.lag",
              "reverseetl.lag.versions",
              "reverseetl.checkpoint.version",
              "reverseetl.rows",
              "reverseetl.commits",
              "reverseetl.request.units",
              "reverseetl.throttled.responses",
              "reverseetl.load.duration",
              "reverseetl.poll.duration");
      assertThat(metric(service, "documents?tag=pipeline:product-catalog&tag=result:written"))
          .isGreaterThan(5_000);
      assertThat(metric(service, "lag.versions")).isZero();
      assertThat(metric(service, "checkpoint.version")).isEqualTo(8);
      assertThat(metric(service, "request.units")).isGreaterThan(5_000);
      assertThat(metric(service, "load.duration?tag=outcome:completed")).isEqualTo(1);
    }
  }

  /** The value of a meter, or the count of a timer. */
  private double metric(ConfigurableApplicationContext service, String name) throws Exception {
    JsonNode meter = get(service, "/actuator/metrics/reverseetl." + name);
    return meter.get("measurements").get(0).get("value").asDouble();
  }

  @Test
  void savesAndFreesTheLeaseAtItsEndAndGoesOnAtTheNextStart(CosmosAsyncClient client) {
    try (ConfigurableApplicationContext service = start(watcher)) {
      watcher.polled.join();
    }

    Checkpoint checkpoint =
        CosmosCheckpointStore.of(client.getDatabase("tests").getContainer("held"))
            .read("product-catalog")
            .orElseThrow()
            .checkpoint();
    assertThat(checkpoint.version()).isEqualTo(8);
    Optional<Lease> lease = checkpoint.lease();
    assertThat(lease.map(held -> held.isHeld(Instant.now())).orElse(false)).isFalse();
    Watcher second = new Watcher();
    try (ConfigurableApplicationContext service = start(second)) {
      // The service asks for version 1 still, which was loaded long ago.
      assertThat(second.polled.join().documentsWritten()).isZero();
    }
  }

  @Test
  void endsInTheMiddleOfALoadAndFinishesItAtTheNextStart() {
    emulator.faults().onBatch().container(products.name()).skipFirst(3).hold();
    try (ConfigurableApplicationContext service = start(watcher)) {
      CompletableFuture.runAsync(() -> emulator.faults().clear());
    }
    Watcher second = new Watcher();

    try (ConfigurableApplicationContext service = start(second)) {
      second.polled.join();
    }

    assertThat(products.documentCount()).isEqualTo(5_036);
  }

  @Test
  void refusesToStartWithoutItsPropertiesAndNamesThem() {
    assertThatThrownBy(
            () ->
                new SpringApplicationBuilder(ReverseEtlApplication.class)
                    .run(
                        "--server.port=0",
                        "--spring.main.banner-mode=off",
                        "--logging.level.root=off"))
        .rootCause()
        .hasMessageContaining("reverse-etl.table, reverse-etl.cosmos.endpoint");
  }
}
