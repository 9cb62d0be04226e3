package io.reverseetl.functions;

import static io.reverseetl.functions.Retries.AGAIN;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.azure.functions.ExecutionContext;
import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.HttpResponseMessage;
import com.microsoft.azure.functions.HttpStatus;
import com.microsoft.azure.functions.annotation.AuthorizationLevel;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.durabletask.CompositeTaskFailedException;
import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.NewOrchestrationInstanceOptions;
import com.microsoft.durabletask.OrchestrationMetadata;
import com.microsoft.durabletask.Task;
import com.microsoft.durabletask.TaskFailedException;
import com.microsoft.durabletask.TaskOrchestrationContext;
import com.microsoft.durabletask.azurefunctions.DurableActivityTrigger;
import com.microsoft.durabletask.azurefunctions.DurableClientContext;
import com.microsoft.durabletask.azurefunctions.DurableClientInput;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;
import io.reverseetl.LoadPlan;
import io.reverseetl.LoadReport;
import io.reverseetl.UnitResult;
import io.reverseetl.WorkUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * The initial load by many instances at once: a request starts an orchestrator, which has one
 * activity plan, one for each work unit write, and one complete. Only texts pass between them, and
 * the pipeline in each process is the one of {@link ReverseEtlFunctions}, whose timer polls
 * afterwards.
 */
public final class FanOutFunctions {
  /** One orchestration at a time; a plan is made again rather than twice. */
  static final String INSTANCE = "product-catalog-load";

  static final String ORCHESTRATOR = "fan-out-load";
  static final String PLAN = "fan-out-plan";
  static final String UNIT = "fan-out-unit";
  static final String COMPLETE = "fan-out-complete";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Supplier<Settings> settings;
  private final Supplier<ProductCatalog> catalog;

  /** For the host. */
  public FanOutFunctions() {
    this(ReverseEtlFunctions.SETTINGS, ReverseEtlFunctions.CATALOG);
  }

  FanOutFunctions(Supplier<Settings> settings, Supplier<ProductCatalog> catalog) {
    this.settings = settings;
    this.catalog = catalog;
  }

  /**
   * Starts the orchestrator, unless it runs. Answers 202 with the addresses at which its status is,
   * 200 when the load is done, and 409 where the timer loads.
   *
   * @param request may name the table's version as {@code ?version=N}
   * @param durable the host's client
   * @param context tells where to log
   * @return where to look
   */
  @FunctionName("fan-out")
  public HttpResponseMessage start(
      @HttpTrigger(
              name = "request",
              methods = {HttpMethod.POST},
              authLevel = AuthorizationLevel.FUNCTION,
              route = "fan-out")
          HttpRequestMessage<Optional<String>> request,
      @DurableClientInput(name = "durable") DurableClientContext durable,
      ExecutionContext context) {
    return ReverseEtlFunctions.answering(
        request,
        context,
        () -> {
          if (!settings.get().loadsByFanOut()) {
            return ReverseEtlFunctions.problem(
                request, HttpStatus.CONFLICT, "The timer loads. POST to /api/load.");
          }
          if (catalog.get().stage() == ProductCatalog.Stage.POLLING) {
            return ReverseEtlFunctions.answer(
                request, HttpStatus.OK, JSON.createObjectNode().put("stage", "POLLING"));
          }
          OptionalLong version = ReverseEtlFunctions.version(request);
          DurableTaskClient client = durable.getClient();
          OrchestrationMetadata before = client.getInstanceMetadata(INSTANCE, false);
          if (before == null || !before.isInstanceFound() || !before.isRunning()) {
            client.scheduleNewOrchestrationInstance(
                ORCHESTRATOR,
                new NewOrchestrationInstanceOptions()
                    .setInstanceId(INSTANCE)
                    .setInput(version.isPresent() ? Long.toString(version.getAsLong()) : ""));
            context.getLogger().info("Started the orchestration " + INSTANCE);
          }
          return durable.createCheckStatusResponse(request, INSTANCE);
        });
  }

  /**
   * Fans out, and in again. Is replayed from its beginning whenever an activity has ended, so it
   * does nothing but pass texts on.
   *
   * @param context runs activities, and remembers what they gave
   * @return how the load ended, as JSON
   */
  @FunctionName(ORCHESTRATOR)
  public String load(
      @DurableOrchestrationTrigger(name = "context") TaskOrchestrationContext context) {
    try {
      return fanOut(context);
    } catch (CompositeTaskFailedException e) {
      // It only counts the units that failed; the status is to tell why the first of them did.
      if (e.getExceptions().get(0) instanceof TaskFailedException first) {
        throw first;
      }
      throw e;
    }
  }

  private static String fanOut(TaskOrchestrationContext context) {
    String version = context.getInput(String.class);
    String plan = context.callActivity(PLAN, version, AGAIN, String.class).await();
    List<Task<String>> units = new ArrayList<>();
    for (WorkUnit unit : LoadPlan.ofJson(plan).units()) {
      units.add(context.callActivity(UNIT, unit.toJson(), AGAIN, String.class));
    }
    List<String> results = context.allOf(units).await();
    ObjectNode done = JSON.createObjectNode().put("plan", plan);
    results.forEach(done.putArray("results")::add);
    return context.callActivity(COMPLETE, done.toString(), AGAIN, String.class).await();
  }

  /**
   * Pins the version and cuts it into units; the same ones if the load is under way.
   *
   * @param version the version, or nothing for the newest
   * @return the plan as JSON
   */
  @FunctionName(PLAN)
  public String plan(@DurableActivityTrigger(name = "version") String version) {
    return Retries.telling(
        true,
        () ->
            catalog
                .get()
                .plan(
                    version.isEmpty()
                        ? OptionalLong.empty()
                        : OptionalLong.of(Long.parseLong(version)),
                    settings.get().unitBytes())
                .toJson());
  }

  /**
   * Writes the documents of a unit.
   *
   * @param unit the unit as JSON
   * @param context tells where to log
   * @return its result as JSON
   * @throws InterruptedException if the host ends the process; another one runs the unit then
   */
  @FunctionName(UNIT)
  public String unit(@DurableActivityTrigger(name = "unit") String unit, ExecutionContext context)
      throws InterruptedException {
    // A conflict says that the plan is over.
    return Retries.telling(false, () -> write(WorkUnit.ofJson(unit), context));
  }

  private String write(WorkUnit unit, ExecutionContext context) throws InterruptedException {
    UnitResult done = catalog.get().run(unit);
    context
        .getLogger()
        .info(
            "Unit %d: %d documents, %d throttled"
                .formatted(done.index(), done.documentsWritten(), done.throttled()));
    return done.toJson();
  }

  /**
   * Ends the load. The timer polls from here.
   *
   * @param done the plan and the results of all its units, as JSON
   * @return how the load ended, as JSON
   * @throws InterruptedException if the host ends the process; it is done again then
   */
  @FunctionName(COMPLETE)
  public String complete(@DurableActivityTrigger(name = "done") String done)
      throws InterruptedException {
    return Retries.telling(true, () -> end(done));
  }

  private String end(String done) throws InterruptedException {
    JsonNode input;
    try {
      input = JSON.readTree(done);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("What the orchestrator gave is not JSON.", e);
    }
    List<UnitResult> results = new ArrayList<>();
    for (JsonNode result : (ArrayNode) input.required("results")) {
      results.add(UnitResult.ofJson(result.textValue()));
    }
    LoadReport report =
        catalog.get().complete(LoadPlan.ofJson(input.required("plan").textValue()), results);
    return ReverseEtlFunctions.json(report).toString();
  }
}
