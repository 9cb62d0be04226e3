package io.reverseetl.functions;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.azure.functions.ExecutionContext;
import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.HttpResponseMessage;
import com.microsoft.azure.functions.HttpStatus;
import com.microsoft.azure.functions.annotation.AuthorizationLevel;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.azure.functions.annotation.TimerTrigger;
import io.reverseetl.LoadReport;
import io.reverseetl.PipelineStatus;
import io.reverseetl.PollReport;
import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.ReverseEtlException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Three functions over one pipeline: a timer that loads and polls in chunks, and requests that
 * start the initial load and tell the status.
 */
public final class ReverseEtlFunctions {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** One for the whole process: the host makes instances of this class as it likes. */
  static final Once<Settings> SETTINGS = new Once<>(() -> Settings.of(System.getenv()));

  static final Once<ProductCatalog> CATALOG =
      new Once<>(
          () -> {
            ProductCatalog opened = ProductCatalog.open(SETTINGS.get(), options -> {});
            Runtime.getRuntime().addShutdownHook(new Thread(opened::close, "product-catalog-end"));
            return opened;
          });

  private final Supplier<Settings> settings;
  private final Supplier<ProductCatalog> catalog;

  /** For the host. */
  public ReverseEtlFunctions() {
    this(SETTINGS, CATALOG);
  }

  ReverseEtlFunctions(Supplier<Settings> settings, Supplier<ProductCatalog> catalog) {
    this.settings = settings;
    this.catalog = catalog;
  }

  /**
   * Goes on with the initial load, once that was asked for, and afterwards takes in new commits.
   * Ends before the host would end it, with its progress saved.
   *
   * @param timer what the host tells of the timer
   * @param context tells where to log
   */
  @FunctionName("poll")
  public void poll(
      @TimerTrigger(name = "timer", schedule = "%POLL_SCHEDULE%") String timer,
      ExecutionContext context) {
    Duration deadline = settings.get().timerDeadline();
    try {
      switch (catalog.get().stage()) {
        case NEW -> context.getLogger().info("Nothing to do: POST to " + start() + " to begin.");
        case LOADING -> {
          if (settings.get().loadsByFanOut()) {
            // Loading here would take the load away from the orchestrator.
            context.getLogger().info("Nothing to do: the orchestrator loads.");
          } else {
            log(catalog.get().load(OptionalLong.empty(), deadline), context);
          }
        }
        case POLLING -> log(catalog.get().poll(deadline), context);
      }
    } catch (CheckpointConflictException e) {
      // A request, another app or a slow predecessor is at it; the next tick looks again.
      context.getLogger().info("Another runner is at work: " + e.getMessage());
    }
  }

  private String start() {
    return settings.get().loadsByFanOut() ? "/api/fan-out" : "/api/load";
  }

  private static void log(LoadReport done, ExecutionContext context) {
    context
        .getLogger()
        .info(
            "Load of version %d %s: %d of %d files, %d documents in %d ms, %d throttled"
                .formatted(
                    done.version(),
                    done.outcome(),
                    done.partsFinished(),
                    done.partCount(),
                    done.documentsWritten(),
                    done.elapsed().toMillis(),
                    done.throttled()));
  }

  private static void log(PollReport done, ExecutionContext context) {
    context
        .getLogger()
        .info(
            "Poll to version %d of %d %s: %d written, %d deleted in %d ms, %d throttled"
                .formatted(
                    done.toVersion(),
                    done.newestVersion(),
                    done.outcome(),
                    done.documentsWritten(),
                    done.documentsDeleted(),
                    done.elapsed().toMillis(),
                    done.throttled()));
  }

  /**
   * Begins the initial load, or goes on with it, for as long as a request may take; the timer goes
   * on from there. Answers 202 while there is more to do, 200 when the load is done, 409 when
   * another runner is at it or the orchestrator loads, and 503 when the process is about to end.
   *
   * @param request may name the table's version as {@code ?version=N}
   * @param context tells where to log
   * @return how far the load is
   */
  @FunctionName("load")
  public HttpResponseMessage load(
      @HttpTrigger(
              name = "request",
              methods = {HttpMethod.POST},
              authLevel = AuthorizationLevel.FUNCTION,
              route = "load")
          HttpRequestMessage<Optional<String>> request,
      ExecutionContext context) {
    return answering(
        request,
        context,
        () -> {
          if (settings.get().loadsByFanOut()) {
            return problem(request, HttpStatus.CONFLICT, "POST to " + start() + " instead.");
          }
          LoadReport done = catalog.get().load(version(request), settings.get().httpDeadline());
          log(done, context);
          HttpStatus status =
              switch (done.outcome()) {
                case COMPLETED, ALREADY_LOADED -> HttpStatus.OK;
                case DEADLINE_REACHED -> HttpStatus.ACCEPTED;
                case STOPPED -> HttpStatus.SERVICE_UNAVAILABLE;
              };
          return answer(request, status, json(done));
        });
  }

  /**
   * Tells where the pipeline stands.
   *
   * @param request the request
   * @param context tells where to log
   * @return versions, lag and the progress of the load
   */
  @FunctionName("status")
  public HttpResponseMessage status(
      @HttpTrigger(
              name = "request",
              methods = {HttpMethod.GET},
              authLevel = AuthorizationLevel.FUNCTION,
              route = "status")
          HttpRequestMessage<Optional<String>> request,
      ExecutionContext context) {
    return answering(
        request, context, () -> answer(request, HttpStatus.OK, json(catalog.get().status())));
  }

  static OptionalLong version(HttpRequestMessage<?> request) {
    String version = request.getQueryParameters().get("version");
    return version == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(version));
  }

  static HttpResponseMessage answering(
      HttpRequestMessage<?> request, ExecutionContext context, Supplier<HttpResponseMessage> work) {
    try {
      return work.get();
    } catch (NumberFormatException e) {
      return problem(request, HttpStatus.BAD_REQUEST, "A version is a whole number.");
    } catch (CheckpointConflictException e) {
      return problem(
          request, HttpStatus.CONFLICT, "Another runner is at work. Ask for /api/status.");
    } catch (ReverseEtlException e) {
      context.getLogger().warning(e.getMessage());
      return problem(request, HttpStatus.INTERNAL_SERVER_ERROR, "It failed; the log says why.");
    }
  }

  static HttpResponseMessage problem(
      HttpRequestMessage<?> request, HttpStatus status, String problem) {
    return answer(request, status, JSON.createObjectNode().put("problem", problem));
  }

  static HttpResponseMessage answer(
      HttpRequestMessage<?> request, HttpStatus status, ObjectNode body) {
    return request
        .createResponseBuilder(status)
        .header("Content-Type", "application/json")
        .body(body.toString())
        .build();
  }

  static ObjectNode json(LoadReport done) {
    ObjectNode json = JSON.createObjectNode();
    done.firstDocument().ifPresent(first -> json.put("firstDocumentMillis", first.toMillis()));
    return json.put("outcome", done.outcome().name())
        .put("version", done.version())
        .put("files", done.partCount())
        .put("filesFinished", done.partsFinished())
        .put("documentsWritten", done.documentsWritten());
  }

  private static ObjectNode json(PipelineStatus status) {
    ObjectNode json = JSON.createObjectNode().put("newestVersion", status.latest().version());
    Optional<Checkpoint> checkpoint = status.checkpoint();
    json.put(
        "stage",
        checkpoint
            .map(
                held ->
                    held.load().isPresent()
                        ? ProductCatalog.Stage.LOADING
                        : ProductCatalog.Stage.POLLING)
            .orElse(ProductCatalog.Stage.NEW)
            .name());
    checkpoint.ifPresent(held -> json.put("version", held.version()));
    checkpoint
        .flatMap(Checkpoint::load)
        .ifPresent(
            load -> json.put("files", load.partCount()).put("documents", load.documentsWritten()));
    status.lagVersions().ifPresent(lag -> json.put("lagVersions", lag));
    status.lag().ifPresent(lag -> json.put("lagSeconds", lag.toSeconds()));
    return json;
  }
}
