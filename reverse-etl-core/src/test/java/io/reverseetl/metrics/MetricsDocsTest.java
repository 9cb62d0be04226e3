package io.reverseetl.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.reverseetl.exceptions.ChangesUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The table, the dashboard and the alerts name the meters that there are. */
@Timeout(60)
class MetricsDocsTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Pattern METRIC = Pattern.compile("\\breverseetl_[a-z_]+");
  private static final Pattern SELECTOR =
      Pattern.compile("\\b(reverseetl_[a-z_]+)\\s*\\{([^}]*)\\}");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)\\s*(?:=~|!~|!=|=)\\s*\"");
  private static final Pattern SAMPLE =
      Pattern.compile("^(reverseetl_[a-z_]+)\\{([^}]*)\\}", Pattern.MULTILINE);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /** The labels of each Prometheus name. */
  private final Map<String, Set<String>> labels = new HashMap<>();

  @BeforeEach
  void registerEveryMeter() {
    PipelineMetrics metrics = PipelineMetrics.of(MeasuredPipeline.NAME, registry);
    MeasuredPipeline orders = new MeasuredPipeline(metrics);
    orders.insert("1", "2");
    orders.rejectDocument("2");
    orders.loader().load();
    orders.update("1", "placed", "sent");
    orders.poller().pollOnce();
    metrics.onGap(
        new ChangesUnavailableException(
            ChangesUnavailableException.Reason.FEED_OFF, 3L, "The feed is off."));
    metrics.onFailed(new IllegalStateException("The test says so."));
    Matcher sample = SAMPLE.matcher(registry.scrape());
    while (sample.find()) {
      labels.put(sample.group(1), labelsOf(sample.group(2)));
    }
  }

  private static Set<String> labelsOf(String selector) {
    Set<String> names = new TreeSet<>();
    Matcher label = LABEL.matcher(selector);
    while (label.find()) {
      names.add(label.group(1));
    }
    return names;
  }

  private static String name(Meter meter) {
    return meter.getId().getName();
  }

  @Test
  void theTableListsTheMetersAsTheyAre() throws IOException {
    Map<String, String> registered = new TreeMap<>();
    for (Meter meter : registry.getMeters()) {
      String unit = meter.getId().getBaseUnit();
      String tags =
          meter.getId().getTags().stream()
              .map(Tag::getKey)
              .sorted()
              .map(tag -> "`" + tag + "`")
              .collect(Collectors.joining(", "));
      registered.put(
          name(meter),
          "| `%s` | %s | %s | %s | %s |"
              .formatted(
                  name(meter),
                  meter.getId().getType().name().toLowerCase(Locale.ROOT),
                  unit == null || unit.isEmpty() ? "" : unit,
                  tags,
                  meter.getId().getDescription()));
    }

    List<String> documented =
        Files.readAllLines(DOCS.resolve("metrics.md")).stream()
            .filter(line -> line.matches("\\| `reverseetl\\.[^|]*\\| (gauge|counter|timer) \\|.*"))
            .toList();

    assertThat(documented).containsExactlyInAnyOrderElementsOf(registered.values());
    assertThat(registered.keySet())
        .isEqualTo(
            Arrays.stream(PipelineMeter.values())
                .map(PipelineMeter::id)
                .collect(Collectors.toSet()));
  }

  @Test
  void noMeterHasATagWithManyValues() {
    assertThat(registry.getMeters())
        .allSatisfy(
            meter ->
                assertThat(meter.getId().getTags().stream().map(Tag::getKey))
                    .isSubsetOf("pipeline", "result", "by", "reason", "exception", "outcome"));
  }

  @Test
  void everyQueryOfTheDashboardNamesMetersThatExist() throws IOException {
    JsonNode dashboard =
        new ObjectMapper().readTree(DOCS.resolve("grafana/reverse-etl.json").toFile());
    List<String> queries = new ArrayList<>();
    for (JsonNode panel : dashboard.get("panels")) {
      if (!panel.get("type").asText().equals("row")) {
        assertThat(panel.get("title").asText()).isNotBlank();
        assertThat(panel.get("description").asText()).isNotBlank();
        assertThat(panel.get("targets")).isNotEmpty();
      }
      for (JsonNode target : panel.path("targets")) {
        queries.add(target.get("expr").asText());
      }
    }
    for (JsonNode variable : dashboard.get("templating").get("list")) {
      if (variable.get("type").asText().equals("query")) {
        queries.add(variable.get("query").get("query").asText());
      }
    }

    assertThat(queries).hasSizeGreaterThan(10).allSatisfy(this::namesMetersThatExist);
  }

  @Test
  void everyAlertNamesMetersThatExistAndSaysWhatToDo() throws IOException {
    Map<String, List<Map<String, Object>>> file =
        new Yaml(new SafeConstructor(new LoaderOptions()))
            .load(Files.readString(DOCS.resolve("grafana/alerts.yml")));
    List<Map<String, Object>> rules = new ArrayList<>();
    for (Map<String, Object> group : file.get("groups")) {
      @SuppressWarnings("unchecked")
      List<Map<String, Object>> inGroup = (List<Map<String, Object>>) group.get("rules");
      rules.addAll(inGroup);
    }

    assertThat(rules)
        .hasSizeGreaterThan(4)
        .allSatisfy(
            rule -> {
              namesMetersThatExist(String.valueOf(rule.get("expr")));
              assertThat(String.valueOf(rule.get("alert"))).startsWith("ReverseEtl");
              assertThat(rule).containsKeys("labels", "annotations");
              assertThat(String.valueOf(rule.get("annotations")))
                  .contains("summary=", "description=");
            });
  }

  private void namesMetersThatExist(String query) {
    List<String> names = METRIC.matcher(query).results().map(found -> found.group()).toList();
    assertThat(names).as(query).isNotEmpty();
    assertThat(labels.keySet()).as(query).containsAll(names);
    Matcher selector = SELECTOR.matcher(query);
    while (selector.find()) {
      assertThat(labels.get(selector.group(1))).as(query).containsAll(labelsOf(selector.group(2)));
    }
  }
}
