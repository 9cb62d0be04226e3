package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.exceptions.WriteException;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The container of a sink: one that the user gave, or one behind a client that is built when it is
 * first asked for, and closed with the connection. Thread-safe.
 */
final class Connection implements AutoCloseable {
  private final Supplier<CosmosAsyncClient> clients;
  private final String database;
  private final String name;
  private @Nullable CosmosAsyncContainer container;

  /** The client to close; null as long as none was built here. */
  private @Nullable CosmosAsyncClient built;

  private boolean closed;

  private Connection(
      Supplier<CosmosAsyncClient> clients,
      String database,
      String name,
      @Nullable CosmosAsyncContainer container) {
    this.clients = clients;
    this.database = Objects.requireNonNull(database, "database");
    this.name = Objects.requireNonNull(name, "container");
    this.container = container;
  }

  /** To a container whose client belongs to the user. */
  static Connection of(CosmosAsyncContainer container) {
    return new Connection(
        () -> {
          throw new IllegalStateException("The container is there already.");
        },
        container.getDatabase().getId(),
        container.getId(),
        container);
  }

  /** To a container whose client is built when it is needed. */
  static Connection lazily(Supplier<CosmosAsyncClient> clients, String database, String container) {
    return new Connection(Objects.requireNonNull(clients, "client"), database, container, null);
  }

  /**
   * The container; builds the client if nobody did before. A client that cannot be built is tried
   * again at the next call.
   */
  synchronized CosmosAsyncContainer container() {
    CosmosAsyncContainer known = container;
    if (known == null) {
      if (closed) {
        throw new IllegalStateException("The sink is closed.");
      }
      CosmosAsyncClient client = build();
      built = client;
      known = client.getDatabase(database).getContainer(name);
      container = known;
    }
    return known;
  }

  private CosmosAsyncClient build() {
    try {
      return Objects.requireNonNull(clients.get(), "client");
    } catch (ReverseEtlException e) {
      throw e;
    } catch (RuntimeException e) {
      throw translated(e);
    }
  }

  /** Building a client reads the account, which is where a wrong endpoint or key shows. */
  private RuntimeException translated(RuntimeException failure) {
    CosmosException answer = null;
    for (Throwable e = failure; e != null && answer == null; e = e.getCause()) {
      answer = e instanceof CosmosException found ? found : null;
    }
    if (answer != null && (answer.getStatusCode() == 401 || answer.getStatusCode() == 403)) {
      return new ConfigurationException(
          "The account of container "
              + name()
              + " refuses the credentials ("
              + answer.getStatusCode()
              + "). See to the key or to the identity's roles, and to the account's firewall.",
          failure);
    }
    return new WriteException(
        "The client for container "
            + name()
            + " cannot be built"
            + (answer == null ? "" : " (" + answer.getStatusCode() + ")")
            + ". See to the endpoint, the network and the cause, and run again.",
        failure);
  }

  /** The container's name and its database's, for messages. */
  String name() {
    return "\"" + name + "\" of database \"" + database + "\"";
  }

  /** Closes the client if it was built here. May be called twice. */
  @Override
  public synchronized void close() {
    closed = true;
    if (built != null) {
      built.close();
      built = null;
      container = null;
    }
  }
}
