package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Direct access to one database, past the wire. Thread-safe. */
public final class EmulatedDatabase {
  private final AccountStore account;
  private final ItemHandler items;
  private final DatabaseStore store;

  EmulatedDatabase(AccountStore account, ItemHandler items, DatabaseStore store) {
    this.account = account;
    this.items = items;
    this.store = store;
  }

  /** Name of the database. */
  public String name() {
    return store.name();
  }

  /** Names of the containers, sorted. */
  public List<String> containerNames() {
    return List.copyOf(store.containers().keySet());
  }

  /** Whether there is a container of that name. */
  public boolean hasContainer(String name) {
    return store.containers().containsKey(name);
  }

  /** The container of that name, which has to exist. */
  public EmulatedContainer container(String name) {
    return new EmulatedContainer(account, items, account.container(store.name(), name));
  }

  /**
   * Creates a container with a version 2 key.
   *
   * @param partitions number of partition ranges
   * @param keyPaths one path, or up to three of a hierarchical key
   */
  public EmulatedContainer createContainer(String name, int partitions, String... keyPaths) {
    ObjectNode body = Json.object().put("id", name);
    ObjectNode key = body.putObject("partitionKey");
    key.put("kind", keyPaths.length > 1 ? "MultiHash" : "Hash").put("version", 2);
    for (String path : keyPaths) {
      key.withArray("paths").add(path);
    }
    return createContainer(body, partitions);
  }

  /** Creates a container from the properties that a client would send. */
  public EmulatedContainer createContainer(ObjectNode properties, int partitions) {
    ContainerStore created = account.createContainer(store, properties, null, partitions);
    return new EmulatedContainer(account, items, created);
  }

  /** Deletes a container with everything in it. */
  public void deleteContainer(String name) {
    account.deleteContainer(account.container(store.name(), name));
  }
}
