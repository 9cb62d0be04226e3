package io.reverseetl.cosmos.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/**
 * The provisioned throughput of a database or container. Immutable; {@link AccountStore} replaces
 * the whole.
 *
 * @param number number behind the offer's rid
 * @param resourceRid rid of what the throughput belongs to
 * @param resourceSelf self link of what the throughput belongs to
 * @param manual request units per second, 0 for autoscale
 * @param autoscaleMax highest request units per second, 0 for manual
 * @param highest the highest value ever provisioned: it sets the floor
 * @param pending whether the change is still on its way, so that the old value holds
 * @param effective request units per second that hold now
 */
record Offer(
    int number,
    String resourceRid,
    String resourceSelf,
    int manual,
    int autoscaleMax,
    int highest,
    boolean pending,
    int effective) {
  private static final int MIN_MANUAL = 400;
  private static final int MIN_AUTOSCALE = 1_000;

  static Offer create(int number, String rid, String self, int manual, int autoscaleMax) {
    int value = Math.max(manual, autoscaleMax);
    return new Offer(number, rid, self, manual, autoscaleMax, value, false, value);
  }

  /** Returns manual and autoscale values from the headers of a create; null when there are none. */
  static int[] fromHeaders(HttpRequest request) {
    String autoscale = request.header("x-ms-cosmos-offer-autopilot-settings");
    if (autoscale != null) {
      JsonNode settings = Json.readObject(autoscale.getBytes(StandardCharsets.UTF_8));
      return checked(0, settings.path("maxThroughput").asInt());
    }
    String manual = request.header("x-ms-offer-throughput");
    try {
      return manual == null ? null : checked(Integer.parseInt(manual), 0);
    } catch (NumberFormatException e) {
      throw CosmosError.badRequest("x-ms-offer-throughput " + manual + " is not a number.");
    }
  }

  private static int[] checked(int manual, int autoscale) {
    if (manual != 0 ? manual < MIN_MANUAL || manual % 100 != 0 : autoscale < MIN_AUTOSCALE) {
      throw CosmosError.badRequest(
          "The offer should have valid throughput: manual from 400 in steps of 100, autoscale from"
              + " 1000; got "
              + Math.max(manual, autoscale)
              + ".");
    }
    if (manual == 0 && autoscale % 1_000 != 0) {
      throw CosmosError.badRequest("Autoscale throughput goes in steps of 1000.");
    }
    return new int[] {manual, autoscale};
  }

  /** Returns the offer that a client's replace body asks for. */
  Offer replacedBy(ObjectNode body, boolean stayPending) {
    JsonNode content = body.path("content");
    int newAutoscale = content.path("offerAutopilotSettings").path("maxThroughput").asInt();
    int newManual = newAutoscale > 0 ? 0 : content.path("offerThroughput").asInt();
    checked(newManual, newAutoscale);
    int value = Math.max(newManual, newAutoscale);
    if (value < minimum(newAutoscale > 0)) {
      throw CosmosError.badRequest(
          "The throughput cannot go below " + minimum(newAutoscale > 0) + " request units.");
    }
    return new Offer(
        number,
        resourceRid,
        resourceSelf,
        newManual,
        newAutoscale,
        Math.max(highest, value),
        stayPending,
        stayPending ? effective : value);
  }

  Offer completed() {
    return new Offer(
        number,
        resourceRid,
        resourceSelf,
        manual,
        autoscaleMax,
        highest,
        false,
        Math.max(manual, autoscaleMax));
  }

  String rid() {
    return ResourceIds.offer(number);
  }

  int minimum() {
    return minimum(autoscaleMax > 0);
  }

  private int minimum(boolean autoscale) {
    if (autoscale) {
      int floor = Math.max(MIN_AUTOSCALE, highest / 10);
      return (floor + 999) / 1_000 * 1_000;
    }
    int floor = Math.max(MIN_MANUAL, highest / 100);
    return (floor + 99) / 100 * 100;
  }

  ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("id", rid());
    json.put("_rid", rid());
    json.put("_self", "offers/" + rid() + "/");
    json.put("_etag", Etag.format(number));
    json.put("offerVersion", "V2");
    json.put("offerType", "Invalid");
    json.put("resource", resourceSelf);
    json.put("offerResourceId", resourceRid);
    ObjectNode content = json.putObject("content");
    if (autoscaleMax > 0) {
      // The service shows a tenth of the maximum while an autoscale container idles.
      content.put("offerThroughput", autoscaleMax / 10);
      content.putObject("offerAutopilotSettings").put("maxThroughput", autoscaleMax);
    } else {
      content.put("offerThroughput", manual);
    }
    return json;
  }
}
