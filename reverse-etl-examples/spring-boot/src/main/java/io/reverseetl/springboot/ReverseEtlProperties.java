package io.reverseetl.springboot;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties {@code reverse-etl.*}.
 *
 * @param pipeline names the pipeline in checkpoints and metrics
 * @param table the Delta table
 * @param initialVersion the version that is loaded first; default: the newest
 * @param id the columns that make the document's id
 * @param partitionKey the columns of the partition key, one to three
 * @param requestUnitsPerSecond the most to spend; default: no bound
 * @param interval how long to wait when there is nothing new
 * @param maxLag how far the target may be behind, and how long ago the last poll, before health is
 *     DOWN
 * @param retryPause how long to wait before an initial load that failed is tried again
 * @param cosmos the account
 */
@ConfigurationProperties("reverse-etl")
public record ReverseEtlProperties(
    @DefaultValue("default") String pipeline,
    @Nullable String table,
    @Nullable Long initialVersion,
    @DefaultValue List<String> id,
    @DefaultValue List<String> partitionKey,
    @Nullable Double requestUnitsPerSecond,
    @DefaultValue("1s") Duration interval,
    @DefaultValue("15m") Duration maxLag,
    @DefaultValue("10s") Duration retryPause,
    @DefaultValue Cosmos cosmos) {

  /**
   * The account.
   *
   * @param endpoint its address
   * @param key its key; without one the service's identity is used
   * @param database the database
   * @param container the container of the documents
   * @param checkpoints a container with partition key {@code /id}
   * @param deadLetters a container for rows that cannot be written; default: such a row stops the
   *     run
   */
  public record Cosmos(
      @Nullable URI endpoint,
      @Nullable String key,
      @Nullable String database,
      @Nullable String container,
      @Nullable String checkpoints,
      @Nullable String deadLetters) {

    URI account() {
      return present(endpoint);
    }

    String databaseName() {
      return present(database);
    }

    String containerName() {
      return present(container);
    }

    String checkpointsName() {
      return present(checkpoints);
    }

    /** Without the key. */
    @Override
    public String toString() {
      return "Cosmos(" + endpoint + ", " + database + "/" + container + ")";
    }
  }

  /** Names everything that is missing at once. */
  public ReverseEtlProperties {
    List<String> missing = new ArrayList<>();
    need(table, "table", missing);
    need(id.isEmpty() ? null : id, "id", missing);
    need(partitionKey.isEmpty() ? null : partitionKey, "partition-key", missing);
    need(cosmos.endpoint, "cosmos.endpoint", missing);
    need(cosmos.database, "cosmos.database", missing);
    need(cosmos.container, "cosmos.container", missing);
    need(cosmos.checkpoints, "cosmos.checkpoints", missing);
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "Properties are missing: " + String.join(", ", missing) + ". Set them.");
    }
  }

  private static void need(@Nullable Object value, String name, List<String> missing) {
    if (value == null) {
      missing.add("reverse-etl." + name);
    }
  }

  String tableUri() {
    return present(table);
  }

  /** The constructor has looked. */
  private static <T> T present(@Nullable T value) {
    return Optional.ofNullable(value).orElseThrow();
  }
}
