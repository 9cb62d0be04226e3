package io.reverseetl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** The manifests of the folder kubernetes, held against the command line that they start. */
class KubernetesManifestsTest {
  private static final Path FOLDER = Path.of("kubernetes");
  private static final YAMLMapper YAML = new YAMLMapper();

  @TempDir Path mounts;

  private static List<JsonNode> objects(String file) throws IOException {
    return YAML.readerFor(JsonNode.class)
        .<JsonNode>readValues(FOLDER.resolve(file).toFile())
        .readAll();
  }

  private static JsonNode podOf(JsonNode workload) {
    JsonNode template = workload.findValue("template");
    return template.get("spec");
  }

  /** Parses what the container is started with, files of mounted config maps included. */
  private ParseResult command(JsonNode pod) throws IOException {
    JsonNode container = pod.get("containers").get(0);
    List<String> args = new ArrayList<>();
    for (JsonNode arg : container.get("args")) {
      args.add(arg.asText().startsWith("@") ? mounted(pod, arg.asText()) : arg.asText());
    }
    CommandLine commandLine = ReverseEtl.commandLine();
    return commandLine.parseArgs(args.toArray(String[]::new)).subcommand();
  }

  private String mounted(JsonNode pod, String argument) throws IOException {
    Path file = Path.of(argument.substring(1));
    String volume = null;
    for (JsonNode mount : pod.get("containers").get(0).get("volumeMounts")) {
      if (mount.get("mountPath").asText().equals(file.getParent().toString())) {
        volume = mount.get("name").asText();
      }
    }
    for (JsonNode candidate : pod.get("volumes")) {
      if (candidate.get("name").asText().equals(volume)) {
        String map = candidate.get("configMap").get("name").asText();
        JsonNode options = configMap(map).get("data").get(file.getFileName().toString());
        return "@" + Files.writeString(mounts.resolve("options"), options.asText());
      }
    }
    throw new AssertionError("Nothing is mounted at " + file.getParent() + ".");
  }

  private static JsonNode configMap(String name) throws IOException {
    return objects("pipeline.yaml").stream()
        .filter(object -> object.get("kind").asText().equals("ConfigMap"))
        .filter(object -> object.at("/metadata/name").asText().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"load-job.yaml", "poll-cronjob.yaml", "poll-deployment.yaml"})
  void startsTheCommandLineWithOptionsThatItHas(String file) throws IOException {
    JsonNode pod = podOf(objects(file).get(0));

    ParseResult command = command(pod);

    assertThat(command.commandSpec().name()).isEqualTo(file.substring(0, 4));
    assertThat(command.matchedOptionValue("--pipeline", "")).isEqualTo("products");
    assertThat(command.hasMatchedOption("--checkpoint")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"load-job.yaml", "poll-cronjob.yaml", "poll-deployment.yaml"})
  void leavesARunTheTimeToSaveItsProgress(String file) throws IOException {
    JsonNode pod = podOf(objects(file).get(0));

    assertThat(pod.get("terminationGracePeriodSeconds").asInt()).isGreaterThan(25);
    assertThat(pod.get("serviceAccountName").asText())
        .isEqualTo(objects("pipeline.yaml").get(1).at("/metadata/name").asText());
  }

  @Test
  void endsAPollBeforeKubernetesDoesAndBeforeTheNextTick() throws IOException {
    JsonNode cron = objects("poll-cronjob.yaml").get(0);
    Duration deadline = command(podOf(cron)).matchedOptionValue("--deadline", Duration.ZERO);

    assertThat(deadline).isPositive().isLessThan(Duration.ofMinutes(5));
    assertThat(cron.at("/spec/schedule").asText()).isEqualTo("*/5 * * * *");
    assertThat(cron.at("/spec/jobTemplate/spec/activeDeadlineSeconds").asLong())
        .isGreaterThan(deadline.toSeconds());
    assertThat(cron.at("/spec/concurrencyPolicy").asText()).isEqualTo("Forbid");
  }

  @Test
  void triesAgainOnlyWhatTryingAgainMends() throws IOException {
    JsonNode rule =
        objects("load-job.yaml").get(0).at("/spec/podFailurePolicy/rules/0/onExitCodes");

    List<Integer> codes = new ArrayList<>();
    rule.get("values").forEach(code -> codes.add(code.asInt()));
    assertThat(codes)
        .containsExactly(
            CommandLine.ExitCode.USAGE,
            ExitCode.CHANGES_UNAVAILABLE,
            ExitCode.DONE_WITH_DEAD_LETTERS);
    assertThat(rule.get("containerName").asText())
        .isEqualTo(podOf(objects("load-job.yaml").get(0)).at("/containers/0/name").asText());
  }

  @Test
  void runsTheJarThatTheBuildMakes() throws IOException {
    String image = Files.readString(FOLDER.resolve("Dockerfile")).replace("\\\n", "");
    assertThat(image.lines().filter(line -> line.matches("(COPY|RUN|ENTRYPOINT).*")))
        .hasSize(3)
        .allMatch(line -> line.contains("/opt/reverse-etl/reverse-etl.jar"));
    assertThat(image)
        .contains("-XX:ArchiveClassesAtExit=/opt/reverse-etl/reverse-etl.jsa ")
        .contains(WarmUp.class.getName())
        .contains("-XX:SharedArchiveFile=/opt/reverse-etl/reverse-etl.jsa\"");
    assertThat(Files.readString(Path.of("pom.xml"))).contains("<finalName>reverse-etl</finalName>");
  }
}
