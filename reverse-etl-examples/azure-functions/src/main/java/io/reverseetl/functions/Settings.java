package io.reverseetl.functions;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the function app is told by its application settings.
 *
 * @param table {@code REVERSE_ETL_TABLE}, the Delta table
 * @param endpoint {@code REVERSE_ETL_ENDPOINT}, the account
 * @param key {@code REVERSE_ETL_KEY}; without it the app's identity is used
 * @param database {@code REVERSE_ETL_DATABASE}
 * @param container {@code REVERSE_ETL_CONTAINER}, for the documents
 * @param checkpoints {@code REVERSE_ETL_CHECKPOINTS}, a container with partition key {@code /id}
 * @param requestUnitsPerSecond {@code REVERSE_ETL_REQUEST_UNITS_PER_SECOND}, default: no bound
 * @param timerDeadline {@code REVERSE_ETL_TIMER_DEADLINE}, how long the timer's function works,
 *     default: {@code PT8M}; the host ends it at the {@code functionTimeout} of host.json
 * @param httpDeadline {@code REVERSE_ETL_HTTP_DEADLINE}, how long a request works, default: {@code
 *     PT1M}; the load balancer gives a request up after 230 seconds
 * @param loadsByFanOut {@code REVERSE_ETL_FAN_OUT}, whether an orchestrator carries the initial
 *     load out, and not the timer; default: {@code false}
 * @param unitBytes {@code REVERSE_ETL_UNIT_BYTES}, how much an activity of the orchestrator reads
 *     at most, default: 64 MiB
 */
record Settings(
    String table,
    String endpoint,
    Optional<String> key,
    String database,
    String container,
    String checkpoints,
    Optional<Double> requestUnitsPerSecond,
    Duration timerDeadline,
    Duration httpDeadline,
    boolean loadsByFanOut,
    long unitBytes) {

  /**
   * Reads the settings, and names everything that is missing at once.
   *
   * @throws IllegalStateException if some are missing
   */
  static Settings of(Map<String, String> environment) {
    List<String> missing = new ArrayList<>();
    Settings settings =
        new Settings(
            needed(environment, "TABLE", missing),
            needed(environment, "ENDPOINT", missing),
            optional(environment, "KEY"),
            needed(environment, "DATABASE", missing),
            needed(environment, "CONTAINER", missing),
            needed(environment, "CHECKPOINTS", missing),
            optional(environment, "REQUEST_UNITS_PER_SECOND").map(Double::valueOf),
            Duration.parse(optional(environment, "TIMER_DEADLINE").orElse("PT8M")),
            Duration.parse(optional(environment, "HTTP_DEADLINE").orElse("PT1M")),
            Boolean.parseBoolean(optional(environment, "FAN_OUT").orElse("false")),
            Long.parseLong(optional(environment, "UNIT_BYTES").orElse("67108864")));
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "Application settings are missing: " + String.join(", ", missing) + ". Add them.");
    }
    return settings;
  }

  private static String needed(Map<String, String> environment, String name, List<String> missing) {
    return optional(environment, name)
        .orElseGet(
            () -> {
              missing.add("REVERSE_ETL_" + name);
              return "";
            });
  }

  private static Optional<String> optional(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get("REVERSE_ETL_" + name))
        .filter(value -> !value.isBlank());
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "Settings(" + table + " to " + endpoint + database + "/" + container + ")";
  }
}
