package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The account document, databases, containers, partition ranges and offers. Thread-safe. */
final class AccountHandler {
  private final AccountStore account;

  AccountHandler(AccountStore account) {
    this.account = account;
  }

  HttpResponse readAccount(String endpoint) {
    ObjectNode json = Json.object();
    json.put("id", "emulator").put("_rid", "emulator.documents").put("_self", "");
    json.put("_dbs", "//dbs/").put("media", "//media/").put("addresses", "//addresses/");
    for (String locations : new String[] {"writableLocations", "readableLocations"}) {
      json.putArray(locations)
          .addObject()
          .put("name", "Emulator")
          .put("databaseAccountEndpoint", endpoint);
    }
    json.put("enableMultipleWriteLocations", false);
    json.putObject("userConsistencyPolicy").put("defaultConsistencyLevel", "Session");
    json.putObject("userReplicationPolicy").put("minReplicaSetSize", 1).put("maxReplicasetSize", 4);
    json.putObject("systemReplicationPolicy")
        .put("minReplicaSetSize", 1)
        .put("maxReplicasetSize", 4);
    json.putObject("readPolicy")
        .put("primaryReadCoefficient", 1)
        .put("secondaryReadCoefficient", 1);
    json.put("queryEngineConfiguration", "{\"maxSqlQueryInputLength\":262144}");
    return ok(200, json);
  }

  HttpResponse databases(EmulatorRequest request) {
    switch (request.operation()) {
      case CREATE_DATABASE -> {
        String name = Json.readObject(request.body()).path("id").asText("");
        return database(201, account.createDatabase(name, Offer.fromHeaders(request.http())));
      }
      case LIST_DATABASES -> {
        ObjectNode feed = Json.object().put("_rid", "");
        ArrayNode list = feed.putArray("Databases");
        account.databases().forEach(database -> list.add(database.json()));
        feed.put("_count", list.size());
        return ok(200, filtered(request, feed, list)).header("x-ms-item-count", "" + list.size());
      }
      case DELETE_DATABASE -> {
        account.deleteDatabase(request.resource().database());
        return charged(new HttpResponse(204));
      }
      default -> {
        return database(200, account.database(request.resource().database()));
      }
    }
  }

  private static HttpResponse database(int status, DatabaseStore database) {
    ObjectNode json = database.json();
    return ok(status, json)
        .header("etag", json.path("_etag").asText())
        .header("x-ms-content-path", database.rid());
  }

  HttpResponse containers(EmulatorRequest request) {
    ResourcePath path = request.resource();
    switch (request.operation()) {
      case CREATE_CONTAINER -> {
        DatabaseStore owner = account.database(path.database());
        int[] throughput = Offer.fromHeaders(request.http());
        return container(
            201, account.createContainer(owner, Json.readObject(request.body()), throughput, 0));
      }
      case LIST_CONTAINERS -> {
        DatabaseStore database = account.database(path.database());
        ObjectNode feed = Json.object().put("_rid", database.rid());
        ArrayNode list = feed.putArray("DocumentCollections");
        database.containers().values().forEach(container -> list.add(container.json()));
        feed.put("_count", list.size());
        return ok(200, filtered(request, feed, list))
            .header("x-ms-item-count", "" + list.size())
            .header("x-ms-alt-content-path", ResourcePath.encode("dbs/" + database.name()));
      }
      case REPLACE_CONTAINER -> {
        ContainerStore replaced = account.container(path.database(), path.container());
        String ifMatch = request.header("if-match");
        if (ifMatch != null && !Etag.matches(ifMatch, replaced.etag())) {
          throw CosmosError.preconditionFailed();
        }
        account.replaceContainer(replaced, Json.readObject(request.body()));
        return container(200, replaced);
      }
      case DELETE_CONTAINER -> {
        account.deleteContainer(account.container(path.database(), path.container()));
        return charged(new HttpResponse(204));
      }
      default -> {
        return container(200, account.container(path.database(), path.container()));
      }
    }
  }

  private static HttpResponse container(int status, ContainerStore container) {
    ObjectNode json = container.json();
    return ok(status, json)
        .header("etag", json.path("_etag").asText())
        .header("x-ms-content-path", container.database().rid())
        .header("x-ms-alt-content-path", ResourcePath.encode("dbs/" + container.database().name()));
  }

  /** Runs a query over databases or containers; a plain feed read passes unchanged. */
  private static ObjectNode filtered(EmulatorRequest request, ObjectNode feed, ArrayNode list) {
    if (request.method().equals("GET")) {
      return feed;
    }
    ObjectNode body = Json.readObject(request.body());
    SqlQuery query = SqlParser.parse(body.path("query").asText());
    SqlExpression.Scope scope = new SqlExpression.Scope(parameters(body));
    for (int i = list.size() - 1; i >= 0; i--) {
      scope.document = list.get(i);
      if (query.where() != null && !SqlExpression.isTrue(query.where().evaluate(scope))) {
        list.remove(i);
      }
    }
    return feed.put("_count", list.size());
  }

  private static Map<String, JsonNode> parameters(ObjectNode body) {
    Map<String, JsonNode> parameters = new HashMap<>();
    for (JsonNode parameter : body.path("parameters")) {
      parameters.put(parameter.path("name").asText(), parameter.path("value"));
    }
    return parameters;
  }

  HttpResponse partitionKeyRanges(EmulatorRequest request) {
    ResourcePath path = request.resource();
    ContainerStore container = account.container(path.database(), path.container());
    int version = container.rangesVersion();
    String etag = "\"" + version + "\"";
    if (etag.equals(request.header("if-none-match"))) {
      return charged(new HttpResponse(304)).header("etag", etag);
    }
    ObjectNode feed = container.rangesJson();
    return ok(200, feed)
        .header("etag", etag)
        .header("x-ms-item-count", feed.path("_count").asText())
        .header("x-ms-content-path", container.rid());
  }

  HttpResponse offers(EmulatorRequest request) {
    switch (request.operation()) {
      case QUERY_OFFERS -> {
        return queryOffers(request);
      }
      case REPLACE_OFFER -> {
        Offer replaced =
            account.replaceOffer(request.resource().id(), Json.readObject(request.body()));
        return offer(replaced);
      }
      default -> {
        return offer(account.offer(request.resource().id()));
      }
    }
  }

  private static HttpResponse offer(Offer offer) {
    return ok(200, offer.json())
        .header("x-ms-cosmos-min-throughput", Integer.toString(offer.minimum()))
        .header("x-ms-offer-replace-pending", offer.pending() ? "true" : "false");
  }

  private HttpResponse queryOffers(EmulatorRequest request) {
    ObjectNode feed = Json.object().put("_rid", "");
    ArrayNode list = feed.putArray("Offers");
    account.offers().forEach(offer -> list.add(offer.json()));
    feed.put("_count", list.size());
    return ok(200, filtered(request, feed, list)).header("x-ms-item-count", "" + list.size());
  }

  private static HttpResponse ok(int status, ObjectNode json) {
    return charged(new HttpResponse(status)).body(json.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static HttpResponse charged(HttpResponse response) {
    return response.header("x-ms-request-charge", RequestUnits.format(RequestUnits.METADATA));
  }
}
