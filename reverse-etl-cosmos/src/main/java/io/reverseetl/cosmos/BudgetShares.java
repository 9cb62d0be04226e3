package io.reverseetl.cosmos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.Map;

/**
 * Who takes which part of a budget: the arithmetic of {@link BudgetLease}, on the document that the
 * runners share.
 *
 * <p>A runner takes an equal part of the whole, but never more than what the others have not taken.
 * So the parts never add up to more than the whole: a newcomer gets nothing until the others have
 * renewed and made room, and what an ended runner had is divided when its entry has expired.
 */
final class BudgetShares {
  private static final String RUNNERS = "runners";
  private static final String SHARE = "share";
  private static final String EXPIRES = "expiresMillis";

  /** Shares are sums of fractions; this much may be lost to rounding. */
  private static final double ROUNDING = 1e-9;

  /**
   * A runner's part.
   *
   * @param part of the whole, 0 to 1
   * @param isFair whether it is as much as everybody's; else it is worth to renew soon
   * @param runners how many runners are alive, this one included
   */
  record Share(double part, boolean isFair, int runners) {}

  private BudgetShares() {}

  /** Renews or adds a runner's entry, and removes those that have expired. */
  static Share renew(ObjectNode document, String runner, Instant now, Duration lease) {
    ObjectNode runners = runners(document);
    removeExpired(runners, now);
    runners.remove(runner);
    double taken = 0;
    for (JsonNode other : runners) {
      taken += other.path(SHARE).asDouble();
    }
    int alive = runners.size() + 1;
    double fair = 1.0 / alive;
    double part = Math.max(0, Math.min(fair, 1 - taken));
    runners.putObject(runner).put(SHARE, part).put(EXPIRES, now.plus(lease).toEpochMilli());
    return new Share(part, part >= fair - ROUNDING, alive);
  }

  /** Removes a runner that has ended. */
  static void leave(ObjectNode document, String runner) {
    runners(document).remove(runner);
  }

  private static void removeExpired(ObjectNode runners, Instant now) {
    Iterator<Map.Entry<String, JsonNode>> each = runners.fields();
    while (each.hasNext()) {
      if (each.next().getValue().path(EXPIRES).asLong() <= now.toEpochMilli()) {
        each.remove();
      }
    }
  }

  private static ObjectNode runners(ObjectNode document) {
    return document.get(RUNNERS) instanceof ObjectNode runners
        ? runners
        : document.putObject(RUNNERS);
  }
}
