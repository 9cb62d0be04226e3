package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** One database and its containers by name. Thread-safe; {@link AccountStore} does the changes. */
final class DatabaseStore {
  private final String name;
  private final int number;
  private final long etag;
  private final long timestamp;
  private final Map<String, ContainerStore> containers = new ConcurrentSkipListMap<>();

  DatabaseStore(String name, int number, long etag, long timestamp) {
    this.name = name;
    this.number = number;
    this.etag = etag;
    this.timestamp = timestamp;
  }

  String name() {
    return name;
  }

  int number() {
    return number;
  }

  String rid() {
    return ResourceIds.database(number);
  }

  String self() {
    return "dbs/" + rid() + "/";
  }

  Map<String, ContainerStore> containers() {
    return containers;
  }

  ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("id", name);
    json.put("_rid", rid());
    json.put("_self", self());
    json.put("_etag", Etag.format(etag));
    json.put("_ts", timestamp);
    json.put("_colls", "colls/");
    json.put("_users", "users/");
    return json;
  }
}
