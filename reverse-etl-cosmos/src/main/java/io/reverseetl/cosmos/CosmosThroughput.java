package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.ThroughputProperties;
import com.azure.cosmos.models.ThroughputResponse;
import io.reverseetl.cosmos.ProvisionedThroughput.Level;
import io.reverseetl.cosmos.ProvisionedThroughput.Mode;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Reads and changes the throughput that is provisioned for a container, or for its database if the
 * container shares that.
 *
 * <p>This is the account's control plane as far as the data plane's client reaches it: it takes the
 * account's key. An identity of Entra ID is refused here, whatever its data-plane roles; then use
 * an absolute rate, and change throughput with the Azure CLI.
 *
 * <p>Thread-safe. The client belongs to whoever built it.
 */
public final class CosmosThroughput {
  private static final int BAD_REQUEST = 400;

  private final CosmosAsyncContainer container;
  private final String name;

  private CosmosThroughput(CosmosAsyncContainer container) {
    this.container = container;
    this.name = new ContainerReader(container).name();
  }

  /**
   * The throughput of a container. Asks the service nothing yet.
   *
   * @param container the container
   * @return its throughput
   */
  public static CosmosThroughput of(CosmosAsyncContainer container) {
    return new CosmosThroughput(Objects.requireNonNull(container, "container"));
  }

  /**
   * Reads it.
   *
   * @return what is provisioned now
   * @throws ConfigurationException if nothing is provisioned (serverless), there is no such
   *     container, or the credentials do not allow to read it
   * @throws WriteException if the service does not answer
   */
  public ProvisionedThroughput read() {
    ProvisionedThroughput own = tryRead(Level.CONTAINER);
    if (own != null) {
      return own;
    }
    ProvisionedThroughput shared = tryRead(Level.DATABASE);
    if (shared != null) {
      return shared;
    }
    throw new ConfigurationException(
        "Container "
            + name
            + " has no provisioned throughput, neither its own nor its database's: the account is"
            + " serverless. A share of nothing is nothing; set an absolute rate of request units per"
            + " second instead.");
  }

  /**
   * Counts the container's physical partitions.
   *
   * @return at least 1
   * @throws ConfigurationException if there is no such container, or the credentials are refused
   * @throws WriteException if the service does not answer
   */
  public int physicalPartitions() {
    return new ContainerReader(container).ranges();
  }

  private @Nullable ProvisionedThroughput tryRead(Level level) {
    try {
      return of(
          level,
          wait(
              level == Level.CONTAINER
                  ? container.readThroughput()
                  : container.getDatabase().readThroughput()));
    } catch (CosmosException e) {
      if (e.getStatusCode() == BAD_REQUEST) {
        return null; // How the client says that there is none.
      }
      throw translate("read", e);
    }
  }

  /**
   * Changes it, in the mode that it has. Returns when the service has taken the change on; it may
   * still be pending, see {@link ProvisionedThroughput#replacePending()}.
   *
   * @param now what {@link #read()} gave
   * @param requestUnitsPerSecond the new amount; for autoscale the new maximum
   * @return what is provisioned then
   * @throws ConfigurationException if the credentials do not allow it, or the service refuses the
   *     amount
   * @throws WriteException if the service does not answer, or another change is under way
   */
  public ProvisionedThroughput change(ProvisionedThroughput now, int requestUnitsPerSecond) {
    ThroughputProperties wanted =
        now.mode() == Mode.STANDARD
            ? ThroughputProperties.createManualThroughput(requestUnitsPerSecond)
            : ThroughputProperties.createAutoscaledThroughput(requestUnitsPerSecond);
    try {
      return of(
          now.level(),
          wait(
              now.level() == Level.CONTAINER
                  ? container.replaceThroughput(wanted)
                  : container.getDatabase().replaceThroughput(wanted)));
    } catch (CosmosException e) {
      if (e.getStatusCode() == BAD_REQUEST) {
        throw new ConfigurationException(
            "The throughput of container "
                + name
                + " cannot be changed to "
                + requestUnitsPerSecond
                + " request units per second (400/"
                + e.getSubStatusCode()
                + "). It is at least "
                + now.minimum()
                + " there, and goes in steps of "
                + (now.mode() == Mode.STANDARD ? "100." : "1,000."),
            e);
      }
      throw translate("changed", e);
    }
  }

  private static ProvisionedThroughput of(Level level, ThroughputResponse response) {
    ThroughputProperties properties = response.getProperties();
    int autoscale = properties.getAutoscaleMaxThroughput();
    return new ProvisionedThroughput(
        level,
        autoscale > 0 ? Mode.AUTOSCALE : Mode.STANDARD,
        autoscale > 0 ? autoscale : properties.getManualThroughput(),
        response.getMinThroughput(),
        response.isReplacePending());
  }

  private RuntimeException translate(String done, CosmosException e) {
    String answer = " (" + e.getStatusCode() + "/" + e.getSubStatusCode() + "). ";
    String what = "The throughput of container " + name + " cannot be " + done;
    return switch (e.getStatusCode()) {
      case 401, 403 ->
          new ConfigurationException(
              what
                  + ", as the credentials do not allow it"
                  + answer
                  + "Data-plane roles of Entra ID never do. Use the account's key; or an absolute"
                  + " rate, and the Azure CLI (az cosmosdb sql container throughput) for changes.",
              e);
      case 404 ->
          new ConfigurationException(
              what + ", as there is no such container" + answer + "Create it, or name another.", e);
      default ->
          new WriteException(
              what
                  + answer
                  + (e.getStatusCode() == 409 || e.getStatusCode() == 412
                      ? "Another change is under way; wait for its end, and run again."
                      : "See to the service's health, and run again.")
                  + " Activity id "
                  + e.getActivityId()
                  + ".",
              e.getStatusCode(),
              e);
    };
  }

  private <T> T wait(Mono<T> answer) {
    return Calls.wait(
        answer,
        e ->
            new WriteException(
                "The throughput of container " + name + " was not waited for. Run again.", e));
  }

  /** The container, for messages. */
  String name() {
    return name;
  }
}
