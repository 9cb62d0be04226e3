package io.reverseetl.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpResponseMessage;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.cosmos.junit.CosmosEmulatorExtension;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.testing.ManualClock;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The functions as a host calls them, against the emulator. */
@Timeout(120)
class ReverseEtlFunctionsIT {
  private static final String TABLE = "../data/product-catalog/table";

  @RegisterExtension final CosmosEmulatorExtension cosmos = CosmosEmulatorExtension.of("/category");

  private final ManualClock clock = new ManualClock();
  private final PacedLimiter limiter = new PacedLimiter(clock);
  private final FakeContext context = new FakeContext();
  private EmulatedContainer products;
  private Settings settings;
  private ProductCatalog catalog;
  private ReverseEtlFunctions functions;

  @BeforeEach
  void openTheCatalog(CosmosEmulator emulator, EmulatedContainer documents) {
    products = documents;
    emulator.database("tests").createContainer("held", 1, "/id");
    settings = Settings.of(environment(emulator));
    startAProcess();
  }

  private Map<String, String> environment(CosmosEmulator emulator) {
    return new HashMap<>(
        Map.of(
            "REVERSE_ETL_TABLE",
            TABLE,
            "REVERSE_ETL_ENDPOINT",
            emulator.endpoint().toString(),
            "REVERSE_ETL_KEY",
            emulator.key(),
            "REVERSE_ETL_DATABASE",
            "tests",
            "REVERSE_ETL_CONTAINER",
            products.name(),
            "REVERSE_ETL_CHECKPOINTS",
            "held",
            "REVERSE_ETL_TIMER_DEADLINE",
            "PT4M"));
  }

  private void startAProcess() {
    catalog = ProductCatalog.open(settings, options -> options.clock(clock).rateLimiter(limiter));
    functions = new ReverseEtlFunctions(() -> settings, () -> catalog);
  }

  @AfterEach
  void closeTheCatalog() {
    catalog.close();
  }

  private HttpResponseMessage load(Map<String, String> query) {
    return functions.load(new FakeRequest(HttpMethod.POST, query), context);
  }

  private JsonNode status() throws IOException {
    HttpResponseMessage answer =
        functions.status(new FakeRequest(HttpMethod.GET, Map.of()), context);
    assertThat(answer.getStatusCode()).isEqualTo(200);
    return json(answer);
  }

  private static JsonNode json(HttpResponseMessage answer) throws IOException {
    return new ObjectMapper().readTree((String) answer.getBody());
  }

  private int tickUntilNothingIsLoading() throws IOException {
    int ticks = 0;
    while (status().get("stage").asText().equals("LOADING")) {
      functions.poll("{}", context);
      ticks++;
    }
    return ticks;
  }

  @Test
  void waitsForTheRequestThatStartsTheLoad() throws IOException {
    functions.poll("{}", context);

    assertThat(context.lines()).singleElement().asString().contains("POST to /api/load");
    assertThat(status().get("stage").asText()).isEqualTo("NEW");
    assertThat(products.documentCount()).isZero();
  }

  @Test
  void goesOnWithTheLoadOverInvocationsAndThenPolls() throws IOException {
    // A request of a minute takes 600 documents, a tick of four minutes 2,400.
    HttpResponseMessage started = load(Map.of("version", "1"));

    assertThat(started.getStatusCode()).isEqualTo(202);
    assertThat(products.documentCount()).isBetween(500L, 1_500L);
    assertThat(status().get("stage").asText()).isEqualTo("LOADING");

    int ticks = tickUntilNothingIsLoading();

    assertThat(ticks).isBetween(2, 3);
    assertThat(products.documentCount()).isEqualTo(5_000);
    assertThat(status().get("lagVersions").asInt()).isEqualTo(7);

    functions.poll("{}", context);

    assertThat(products.documentCount()).isEqualTo(5_036);
    assertThat(status().get("version").asInt()).isEqualTo(8);
    assertThat(load(Map.of()).getStatusCode()).isEqualTo(200);
  }

  @Test
  void finishesItsChunkWhenTheHostShutsDownAndAnotherProcessGoesOn() throws IOException {
    CompletableFuture<Void> shutdown = new CompletableFuture<>();
    limiter.before(
        300, () -> shutdown.completeAsync(() -> closed(catalog), task -> new Thread(task).start()));

    HttpResponseMessage stopped = load(Map.of());
    shutdown.join();

    assertThat(stopped.getStatusCode()).isIn(202, 503);
    long written = products.documentCount();
    assertThat(written).isBetween(299L, 5_000L);

    startAProcess();
    assertThat(json(load(Map.of())).get("files").asInt()).isPositive();
    tickUntilNothingIsLoading();

    assertThat(products.documentCount()).isEqualTo(5_036);
  }

  private static Void closed(ProductCatalog catalog) {
    catalog.close();
    return null;
  }

  @Test
  void leavesThePipelineToWhoeverIsAtIt(CosmosEmulator emulator) throws Exception {
    emulator.faults().onBatch().container(products.name()).times(1).hold();
    CompletableFuture<Void> atIt = new CompletableFuture<>();
    limiter.before(1, () -> atIt.complete(null));
    CompletableFuture<HttpResponseMessage> first =
        CompletableFuture.supplyAsync(() -> load(Map.of()), task -> new Thread(task).start());
    atIt.join();
    ProductCatalog other =
        ProductCatalog.open(settings, options -> options.clock(clock).rateLimiter(limiter));
    ReverseEtlFunctions elsewhere = new ReverseEtlFunctions(() -> settings, () -> other);

    elsewhere.poll("{}", context);
    HttpResponseMessage refused =
        elsewhere.load(new FakeRequest(HttpMethod.POST, Map.of()), context);

    assertThat(refused.getStatusCode()).isEqualTo(409);
    assertThat(context.lines()).anyMatch(line -> line.startsWith("Another runner is at work"));
    emulator.faults().clear();
    assertThat(first.join().getStatusCode()).isIn(200, 202);
    other.close();
  }

  @Test
  void connectsOnceForAllInvocations(CosmosEmulator emulator) {
    functions.poll("{}", context);
    long connections = emulator.calls().count(EmulatorOperation.READ_ACCOUNT);

    functions.poll("{}", context);
    load(Map.of());

    assertThat(connections).isPositive();
    assertThat(emulator.calls().count(EmulatorOperation.READ_ACCOUNT)).isEqualTo(connections);
  }

  @Test
  void tellsARequestThatItIsWrongOrFailed(CosmosEmulator emulator) {
    assertThat(load(Map.of("version", "newest")).getStatusCode()).isEqualTo(400);

    emulator.database("tests").deleteContainer(products.name());

    assertThat(load(Map.of()).getStatusCode()).isEqualTo(500);
    assertThat(context.lines()).anyMatch(line -> line.contains(products.name()));
    assertThatThrownBy(() -> catalog.load(java.util.OptionalLong.empty(), settings.httpDeadline()))
        .isInstanceOf(ConfigurationException.class);
  }

  @Test
  void namesEverySettingThatIsMissing(CosmosEmulator emulator) {
    Map<String, String> environment = environment(emulator);
    environment.keySet().removeAll(List.of("REVERSE_ETL_TABLE", "REVERSE_ETL_CONTAINER"));

    assertThatThrownBy(() -> Settings.of(environment))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("REVERSE_ETL_TABLE, REVERSE_ETL_CONTAINER");
    assertThat(settings.toString()).doesNotContain(emulator.key());
  }
}
