package io.reverseetl.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyBoolean;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpResponseMessage;
import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.NewOrchestrationInstanceOptions;
import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.azurefunctions.DurableClientContext;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.OrchestrationStatus;
import io.reverseetl.WorkUnit;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import io.reverseetl.cosmos.junit.CosmosEmulatorExtension;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.testing.ManualClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.ArgumentCaptor;

/**
 * The fan-out against the emulator. The orchestrator is replayed by the vendor's engine, the
 * activities are the real ones.
 */
@Timeout(120)
class FanOutFunctionsIT {
  /** Each of the four files of version 1 is a unit. */
  private static final String UNIT_BYTES = "70000";

  @RegisterExtension final CosmosEmulatorExtension cosmos = CosmosEmulatorExtension.of("/category");

  private final PacedLimiter limiter = new PacedLimiter(new ManualClock());
  private final FakeContext context = new FakeContext();
  private final DurableTaskClient client = mock(DurableTaskClient.class);
  private EmulatedContainer products;
  private Settings settings;
  private ProductCatalog catalog;
  private ReverseEtlFunctions functions;
  private FanOutFunctions fanOut;

  @BeforeEach
  void openTheCatalog(CosmosEmulator emulator, EmulatedContainer documents) {
    products = documents;
    emulator.database("tests").createContainer("held", 1, "/id");
    Map<String, String> environment =
        new HashMap<>(
            Map.of(
                "REVERSE_ETL_TABLE",
                "../data/product-catalog/table",
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
                "REVERSE_ETL_FAN_OUT",
                "true",
                "REVERSE_ETL_UNIT_BYTES",
                UNIT_BYTES));
    settings = Settings.of(environment);
    catalog =
        ProductCatalog.open(
            settings, options -> options.rateLimiter(limiter).lease(Duration.ofSeconds(6)));
    functions = new ReverseEtlFunctions(() -> settings, () -> catalog);
    fanOut = new FanOutFunctions(() -> settings, () -> catalog);
  }

  @AfterEach
  void closeTheCatalog() {
    catalog.close();
  }

  private DurableHost host(long seed) {
    return new DurableHost(fanOut::load, seed)
        .activity(FanOutFunctions.PLAN, fanOut::plan)
        .activity(FanOutFunctions.UNIT, unit -> fanOut.unit(unit, context))
        .activity(FanOutFunctions.COMPLETE, fanOut::complete);
  }

  private static JsonNode json(String text) throws Exception {
    return new ObjectMapper().readTree(text);
  }

  @Test
  void loadsByUnitsAndThenTheTimerPolls() throws Exception {
    DurableHost host = host(1);

    DurableHost.End end = host.run(FanOutFunctions.ORCHESTRATOR, "1");

    assertThat(end.status()).isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_COMPLETED);
    assertThat(json(end.output()).get("outcome").asText()).isEqualTo("COMPLETED");
    assertThat(json(end.output()).get("documentsWritten").asInt()).isEqualTo(5_000);
    assertThat(products.documentCount()).isEqualTo(5_000);
    assertThat(host.runs(FanOutFunctions.UNIT)).isEqualTo(4);
    assertThat(host.timers()).isZero();

    functions.poll("{}", context);

    assertThat(catalog.stage()).isEqualTo(ProductCatalog.Stage.POLLING);
    assertThat(products.documentCount()).isEqualTo(5_036);
  }

  @Test
  void runsAnActivityAgainThatFailedOrWhoseAnswerWasLost() throws Exception {
    // The 600th document fails the unit that it belongs to, with part of it written.
    limiter.before(
        600,
        () -> {
          throw new IllegalStateException("The test makes a unit fail.");
        });
    AtomicBoolean unitLost = new AtomicBoolean();
    AtomicBoolean completeLost = new AtomicBoolean();
    DurableHost host =
        host(2)
            .activity(
                FanOutFunctions.UNIT,
                unit -> losing(fanOut.unit(unit, context), WorkUnit.ofJson(unit), unitLost))
            .activity(
                FanOutFunctions.COMPLETE,
                done -> {
                  String answer = fanOut.complete(done);
                  // Meanwhile polling goes on.
                  functions.poll("{}", context);
                  return losing(answer, completeLost);
                });

    DurableHost.End end = host.run(FanOutFunctions.ORCHESTRATOR, "1");

    assertThat(end.status()).isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_COMPLETED);
    assertThat(json(end.output()).get("outcome").asText()).isEqualTo("ALREADY_LOADED");
    assertThat(host.runs(FanOutFunctions.UNIT)).isEqualTo(4 + 2);
    assertThat(host.runs(FanOutFunctions.COMPLETE)).isEqualTo(2);
    assertThat(host.timers()).isEqualTo(3);
    assertThat(products.documentCount()).isEqualTo(5_036);
  }

  private static String losing(String answer, WorkUnit unit, AtomicBoolean lost) {
    return unit.index() == 3 ? losing(answer, lost) : answer;
  }

  private static String losing(String answer, AtomicBoolean lost) {
    if (lost.compareAndSet(false, true)) {
      throw new IllegalStateException("The test loses the answer.");
    }
    return answer;
  }

  @Test
  void failsWithAUnitThatFailsEachTimeAndAnotherOrchestrationGoesOn() throws Exception {
    DurableHost failing =
        host(3)
            .activity(
                FanOutFunctions.UNIT,
                unit -> {
                  if (WorkUnit.ofJson(unit).index() == 2) {
                    throw new IllegalStateException("The test makes each attempt fail.");
                  }
                  return fanOut.unit(unit, context);
                });

    DurableHost.End failed = failing.run(FanOutFunctions.ORCHESTRATOR, "1");

    assertThat(failed.status()).isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_FAILED);
    assertThat(failing.runs(FanOutFunctions.UNIT)).isEqualTo(3 + 5);
    assertThat(failing.runs(FanOutFunctions.COMPLETE)).isZero();
    assertThat(catalog.stage()).isEqualTo(ProductCatalog.Stage.LOADING);

    DurableHost.End end = host(4).run(FanOutFunctions.ORCHESTRATOR, "1");

    assertThat(end.status()).isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_COMPLETED);
    assertThat(products.documentCount()).isEqualTo(5_000);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void triesAgainWhatMayPassAndNothingElse(boolean qualifiedNames) throws Exception {
    limiter.before(600, () -> throwing(new WriteException("The test says 503.", 503, null)));
    DurableHost passing = host(6).qualifiedNames(qualifiedNames);

    DurableHost.End end = passing.run(FanOutFunctions.ORCHESTRATOR, "1");

    assertThat(end.status()).isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_COMPLETED);
    assertThat(passing.runs(FanOutFunctions.UNIT)).isEqualTo(4 + 1);
    assertThat(passing.timers()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void failsAtOnceWithAFailureThatAnotherTryDoesNotMend(boolean qualifiedNames) throws Exception {
    limiter.before(600, () -> throwing(new MappingException("state", "The test's row is bad.")));
    DurableHost failing = host(7).qualifiedNames(qualifiedNames);

    DurableHost.End failed = failing.run(FanOutFunctions.ORCHESTRATOR, "1");

    assertThat(failed.status()).isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_FAILED);
    assertThat(failed.output()).contains("MappingException: ", "The test's row is bad.");
    assertThat(failing.runs(FanOutFunctions.UNIT)).isEqualTo(4);
    assertThat(failing.timers()).isZero();
    assertThat(failing.runs(FanOutFunctions.COMPLETE)).isZero();
  }

  private static void throwing(RuntimeException failure) {
    throw failure;
  }

  @Test
  void aPlanOfAnotherTableIsNotTriedAgain() throws Exception {
    DurableHost failing =
        host(8)
            .activity(
                FanOutFunctions.UNIT,
                unit -> fanOut.unit(unit.replace(products.name(), "another"), context));

    DurableHost.End failed = failing.run(FanOutFunctions.ORCHESTRATOR, "1");

    assertThat(failed.status()).isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_FAILED);
    assertThat(failed.output()).contains("ConfigurationException: ");
    assertThat(failing.runs(FanOutFunctions.UNIT)).isEqualTo(4);
    assertThat(failing.timers()).isZero();
  }

  @Test
  void aVersionThatIsNoNumberOrNotThereIsNotTriedAgain() throws Exception {
    for (String version : List.of("newest", "4711")) {
      DurableHost failing = host(9);

      DurableHost.End failed = failing.run(FanOutFunctions.ORCHESTRATOR, version);

      assertThat(failed.status()).isEqualTo(OrchestrationStatus.ORCHESTRATION_STATUS_FAILED);
      assertThat(failing.runs(FanOutFunctions.PLAN)).isEqualTo(1);
    }
  }

  @Test
  void theTimerAndTheOtherRequestLeaveTheLoadToTheOrchestrator() throws Exception {
    functions.poll("{}", context);
    assertThat(context.lines()).last().asString().contains("POST to /api/fan-out");
    fanOut.plan("1");

    functions.poll("{}", context);
    HttpResponseMessage refused =
        functions.load(new FakeRequest(HttpMethod.POST, Map.of()), context);

    assertThat(context.lines()).last().asString().contains("the orchestrator loads");
    assertThat(refused.getStatusCode()).isEqualTo(409);
    assertThat(products.documentCount()).isZero();
  }

  // ---- the request ----

  private HttpResponseMessage start(Map<String, String> query) {
    DurableClientContext durable =
        new DurableClientContext() {
          @Override
          public DurableTaskClient getClient() {
            return client;
          }
        };
    return fanOut.start(new FakeRequest(HttpMethod.POST, query), durable, context);
  }

  @Test
  void startsAnOrchestrationAndSaysWhereItsStatusIs() {
    HttpResponseMessage answer = start(Map.of("version", "1"));

    assertThat(answer.getStatusCode()).isEqualTo(202);
    assertThat(answer.getHeader("Location")).contains(FanOutFunctions.INSTANCE);
    ArgumentCaptor<NewOrchestrationInstanceOptions> options =
        ArgumentCaptor.forClass(NewOrchestrationInstanceOptions.class);
    verify(client)
        .scheduleNewOrchestrationInstance(eq(FanOutFunctions.ORCHESTRATOR), options.capture());
    assertThat(options.getValue().getInstanceId()).isEqualTo(FanOutFunctions.INSTANCE);
    assertThat(options.getValue().getInput()).isEqualTo("1");
  }

  @Test
  void startsNoSecondOrchestrationWhileOneRuns() {
    OrchestrationMetadata running = mock(OrchestrationMetadata.class);
    when(running.isInstanceFound()).thenReturn(true);
    when(running.isRunning()).thenReturn(true);
    when(client.getInstanceMetadata(eq(FanOutFunctions.INSTANCE), anyBoolean()))
        .thenReturn(running);

    assertThat(start(Map.of()).getStatusCode()).isEqualTo(202);

    verify(client, never())
        .scheduleNewOrchestrationInstance(anyString(), any(NewOrchestrationInstanceOptions.class));
  }

  @Test
  void startsNothingOnceTheLoadIsDoneNorWhereTheTimerLoads() throws Exception {
    host(5).run(FanOutFunctions.ORCHESTRATOR, "1");

    assertThat(start(Map.of()).getStatusCode()).isEqualTo(200);

    Settings timer =
        new Settings(
            settings.table(),
            settings.endpoint(),
            settings.key(),
            settings.database(),
            settings.container(),
            settings.checkpoints(),
            settings.requestUnitsPerSecond(),
            settings.timerDeadline(),
            settings.httpDeadline(),
            false,
            settings.unitBytes());
    fanOut = new FanOutFunctions(() -> timer, () -> catalog);
    assertThat(start(Map.of()).getStatusCode()).isEqualTo(409);
    verify(client, never())
        .scheduleNewOrchestrationInstance(anyString(), any(NewOrchestrationInstanceOptions.class));
  }
}
