package io.reverseetl.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.cli.DocumentedCommand;
import io.reverseetl.cosmos.LoadForecast;
import io.reverseetl.cosmos.ThroughputFormulas;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Computes the numbers of docs/sizing.md, so that the page cannot say anything else. */
class SizingPageTest {
  private static final String PAGE = "docs/sizing.md";
  private static final int SECONDS_A_DAY = 24 * 60 * 60;
  private static final double CHANGED_A_DAY = 0.01;

  /** A table to load, and with what. */
  private record Example(
      String name, long documents, int bytes, int values, int cores, double hottestShare) {

    double insertCost() {
      return ThroughputFormulas.insertCost(bytes, values);
    }

    double changesPerDay() {
      return documents * CHANGED_A_DAY * ThroughputFormulas.replaceCost(insertCost());
    }

    LoadForecast forecast() {
      return LoadForecast.of(documents, documents * bytes, insertCost())
          .cores(cores)
          .hottestShare(hottestShare)
          .build();
    }
  }

  private static final List<Example> EXAMPLES =
      List.of(
          new Example("small", 1_000_000, 1_024, 12, 2, 0),
          new Example("medium", 100_000_000, 2_048, 25, 16, 0.001),
          new Example("medium, skewed", 100_000_000, 2_048, 25, 16, 0.25),
          new Example("large", 1_000_000_000, 1_024, 30, 80, 0.0001));

  @Test
  void theExamplesAreComputed() throws IOException {
    List<String> table = new ArrayList<>();
    table.add(line("", Example::name));
    table.add("|" + " --- |".repeat(EXAMPLES.size() + 1));
    table.add(line("documents", example -> number(example.documents())));
    table.add(line("JSON bytes of one", example -> number(example.bytes())));
    table.add(line("its values", example -> number(example.values())));
    table.add(line("cores of the client", example -> number(example.cores())));
    table.add(
        line(
            "documents of the busiest key",
            example -> text("%.2f %%", 100 * example.hottestShare())));
    table.add(line("**RU of an insert**", example -> text("%.2f", example.insertCost())));
    table.add(forecast("**RU of the load**", it -> number(it.requestUnits())));
    table.add(forecast("**stored, index included**", it -> text("%,.1f GB", it.storedGigabytes())));
    table.add(
        forecast("**stored for the busiest key**", it -> text("%,.1f GB", it.hottestGigabytes())));
    table.add(forecast("**physical partitions**", it -> number(it.partitions())));
    table.add(forecast("**create with, standard**", it -> number(it.createStandard()) + " RU/s"));
    table.add(forecast("**or autoscale maximum**", it -> number(it.createAutoscale()) + " RU/s"));
    table.add(forecast("**raise for the load to**", it -> number(it.loadAt()) + " RU/s"));
    table.add(
        forecast(
            "**pace**",
            it -> text("%,.0f RU/s, by the %s", it.requestUnitsPerSecond(), pacedBy(it))));
    table.add(
        forecast(
            "**duration**",
            it -> readable(it.duration()) + (it.boundBySkew() ? ", by the busiest key" : "")));
    table.add(
        forecast(
            "**lowest standard afterwards**",
            it -> number(it.standardFloorAfterwards()) + " RU/s"));
    table.add(
        forecast(
            "**lowest autoscale maximum afterwards**",
            it -> number(it.autoscaleFloorAfterwards()) + " RU/s"));
    table.add(line("**1 % changed a day**", example -> number(example.changesPerDay()) + " RU"));
    table.add(
        line(
            "**spread over the day**",
            example -> text("%,.0f RU/s", example.changesPerDay() / SECONDS_A_DAY)));

    assertThat(Pages.computed(PAGE, "examples")).isEqualTo(table);
  }

  @Test
  void aFunctionsChunkIsComputed() throws IOException {
    double requestUnits = ThroughputFormulas.REQUEST_UNITS_PER_CORE * 60;

    assertThat(Pages.computed(PAGE, "chunk"))
        .isEqualTo(
            List.of(
                text(
                    "One core does about %,.0f RU a minute: with a deadline of 8 minutes %,.0f RU,"
                        + " which are %,.0f inserts of the small example.",
                    requestUnits,
                    8 * requestUnits,
                    Math.floor(8 * requestUnits / EXAMPLES.get(0).insertCost()))));
  }

  @Test
  void theCommandPrintsWhatThePageShows(@TempDir Path scratch) throws IOException {
    List<CodeBlock> blocks = Pages.page(PAGE).blocks();
    CodeBlock command =
        blocks.stream().filter(block -> block.language().equals("bash")).findFirst().orElseThrow();
    CodeBlock shown = blocks.get(blocks.indexOf(command) + 1);
    List<String> words = ShellCommands.of(command.text()).get(0);

    String printed =
        DocumentedCommand.output(
            new CommandBlocks(scratch)
                .inPlace(words.subList(words.indexOf("estimate"), words.size())));

    assertThat(printed.lines().map(SizingPageTest::withoutFolder).map(String::stripTrailing))
        .containsExactlyElementsOf(shown.text().lines().toList());
  }

  /** The table's URI begins with where the repository lies. */
  private static String withoutFolder(String line) {
    return line.replaceAll("(?:file:)?/\\S*/(?=reverse-etl-examples/)", "");
  }

  private static String line(String what, Function<Example, String> value) {
    return EXAMPLES.stream()
        .map(value)
        .collect(Collectors.joining(" | ", "| " + what + " | ", " |"))
        .replace("|  |", "| |");
  }

  private static String forecast(String what, Function<LoadForecast, String> value) {
    return line(what, example -> value.apply(example.forecast()));
  }

  private static String pacedBy(LoadForecast forecast) {
    return switch (forecast.pacedBy()) {
      case BUDGET -> "budget";
      case PROVISIONED -> "container";
      case CLIENT -> "client";
    };
  }

  private static String readable(Duration duration) {
    return duration.toHours() > 0
        ? text("%d h %02d min", duration.toHours(), duration.toMinutesPart())
        : text("%d min %02d s", duration.toMinutes(), duration.toSecondsPart());
  }

  private static String number(double value) {
    return text("%,.0f", value);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
