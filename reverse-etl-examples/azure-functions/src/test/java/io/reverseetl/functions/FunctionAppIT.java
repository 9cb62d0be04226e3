package io.reverseetl.functions;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.azure.functions.annotation.TimerTrigger;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The folder that is deployed, as the vendor's plugin made it. */
class FunctionAppIT {
  private static final Path APP = Path.of("target", "azure-functions", "reverse-etl");
  private static final ObjectMapper JSON = new ObjectMapper();

  static List<Method> functions() {
    return Stream.of(ReverseEtlFunctions.class, FanOutFunctions.class)
        .flatMap(holder -> Stream.of(holder.getDeclaredMethods()))
        .filter(method -> method.isAnnotationPresent(FunctionName.class))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("functions")
  void hasAFunctionJsonThatAgreesWithTheAnnotations(Method function) throws IOException {
    String name = function.getAnnotation(FunctionName.class).value();
    JsonNode json = JSON.readTree(APP.resolve(name).resolve("function.json").toFile());

    assertThat(json.get("entryPoint").asText())
        .isEqualTo(function.getDeclaringClass().getName() + "." + function.getName());
    assertThat(APP.resolve(name).resolve(json.get("scriptFile").asText()).normalize()).exists();
    JsonNode binding = json.get("bindings").get(0);
    TimerTrigger timer = function.getParameters()[0].getAnnotation(TimerTrigger.class);
    HttpTrigger request = function.getParameters()[0].getAnnotation(HttpTrigger.class);
    if (timer != null) {
      assertThat(binding.get("type").asText()).isEqualTo("timerTrigger");
      assertThat(binding.get("schedule").asText()).isEqualTo(timer.schedule());
    } else if (request == null) {
      boolean orchestrates =
          function.getParameters()[0].isAnnotationPresent(DurableOrchestrationTrigger.class);
      assertThat(binding.get("type").asText())
          .isEqualTo(orchestrates ? "orchestrationTrigger" : "activityTrigger");
      assertThat(binding.get("direction").asText()).isEqualTo("in");
    } else {
      assertThat(binding.get("type").asText()).isEqualTo("httpTrigger");
      assertThat(binding.get("route").asText()).isEqualTo(request.route());
      assertThat(binding.get("authLevel").asText()).isEqualTo("FUNCTION");
      assertThat(binding.get("methods").get(0).asText()).isEqualTo(request.methods()[0].name());
    }
  }

  @Test
  void hasEightFunctions() throws IOException {
    try (Stream<Path> files = Files.list(APP)) {
      assertThat(files.filter(folder -> Files.exists(folder.resolve("function.json"))))
          .hasSize(functions().size())
          .hasSize(8);
    }
  }

  @Test
  void hasAClientForTheOneThatStartsTheOrchestration() throws IOException {
    JsonNode json =
        JSON.readTree(APP.resolve("fan-out").resolve("function.json").toFile()).get("bindings");

    assertThat(json.findValuesAsText("type")).contains("httpTrigger", "durableClient");
  }

  @Test
  void hasTheMiddlewareThatReplaysAnOrchestrator() throws IOException {
    try (Stream<Path> jars = Files.list(APP.resolve("lib"))) {
      assertThat(jars.map(jar -> jar.getFileName().toString()))
          .anyMatch(name -> name.startsWith("durabletask-azure-functions-"))
          .anyMatch(name -> name.startsWith("durabletask-client-"))
          .anyMatch(name -> name.startsWith("grpc-netty-shaded-"));
    }
  }

  @Test
  void endsItsWorkAMinuteBeforeTheHostWould() throws IOException {
    JsonNode host = JSON.readTree(APP.resolve("host.json").toFile());
    Duration timeout =
        Duration.between(LocalTime.MIDNIGHT, LocalTime.parse(host.get("functionTimeout").asText()));
    Settings defaults =
        Settings.of(
            Map.of(
                "REVERSE_ETL_TABLE", "t",
                "REVERSE_ETL_ENDPOINT", "https://account",
                "REVERSE_ETL_DATABASE", "d",
                "REVERSE_ETL_CONTAINER", "c",
                "REVERSE_ETL_CHECKPOINTS", "p"));

    assertThat(defaults.timerDeadline()).isLessThanOrEqualTo(timeout.minusMinutes(1));
    assertThat(defaults.httpDeadline()).isLessThanOrEqualTo(Duration.ofSeconds(230 - 60));
  }

  @Test
  void hasEverySettingInTheFileForLocalRuns() throws IOException {
    JsonNode values = JSON.readTree(Path.of("local.settings.json").toFile()).get("Values");
    Map<String, String> local =
        JSON.convertValue(
            values, JSON.getTypeFactory().constructMapType(Map.class, String.class, String.class));

    assertThat(Settings.of(local).database()).isEqualTo("shop");
    assertThat(APP.resolve(Settings.of(local).table()).normalize()).exists();
  }
}
