package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosDiagnosticsContext;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.CosmosContainerResponse;
import com.azure.cosmos.models.UniqueKeyPolicy;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import java.util.Objects;
import java.util.function.BiFunction;
import reactor.core.publisher.Mono;

/** Looks at a container, and says what a person can do when it cannot. */
final class ContainerReader {
  private final CosmosAsyncContainer container;

  ContainerReader(CosmosAsyncContainer container) {
    this.container = container;
  }

  /**
   * What a container is.
   *
   * @param uniqueKeys whether it has a unique key policy
   */
  record Facts(TargetDescription target, boolean uniqueKeys) {}

  TargetDescription describe() {
    return look().target();
  }

  Facts look() {
    CosmosContainerResponse response = ask(container.read(), WriteException::new);
    CosmosContainerProperties properties = response.getProperties();
    CosmosDiagnosticsContext context = response.getDiagnostics().getDiagnosticsContext();
    UniqueKeyPolicy unique = properties.getUniqueKeyPolicy();
    TargetDescription target =
        new TargetDescription(
            String.join(
                "/",
                context == null ? "" : context.getAccountName(),
                container.getDatabase().getId(),
                container.getId(),
                properties.getResourceId()),
            properties.getPartitionKeyDefinition().getPaths());
    return new Facts(
        target,
        unique != null && unique.getUniqueKeys() != null && !unique.getUniqueKeys().isEmpty());
  }

  int ranges() {
    return ask(container.getFeedRanges(), WriteException::new).size();
  }

  /** Waits for an answer about the container, and translates what goes wrong. */
  <T> T ask(Mono<T> question, BiFunction<String, Throwable, RuntimeException> unavailable) {
    try {
      return Objects.requireNonNull(question.block());
    } catch (CosmosException e) {
      throw translate(e, unavailable);
    } catch (RuntimeException e) {
      throw unavailable.apply(
          "Container " + name() + " cannot be read. See the cause, and run again.", e);
    }
  }

  private RuntimeException translate(
      CosmosException e, BiFunction<String, Throwable, RuntimeException> unavailable) {
    String answer = " (" + e.getStatusCode() + "/" + e.getSubStatusCode() + "). ";
    switch (e.getStatusCode()) {
      case 404:
        return new ConfigurationException(
            "There is no container " + name() + answer + "Create it, or name another one.", e);
      case 401, 403:
        return new ConfigurationException(
            "Container "
                + name()
                + " cannot be read, as the credentials or the network were refused"
                + answer
                + "See to the key or the role assignment (reading the container's metadata is"
                + " needed too), and to the account's firewall.",
            e);
      default:
        return unavailable.apply(
            "Container "
                + name()
                + " cannot be read"
                + answer
                + "See to the service's health, and run again. Activity id "
                + e.getActivityId()
                + ".",
            e);
    }
  }

  String name() {
    return "\"" + container.getId() + "\" of database \"" + container.getDatabase().getId() + "\"";
  }
}
