package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.exceptions.WriteException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * One runner's part of a budget that several processes share. Every change is a compare-and-set of
 * one document. Not thread-safe.
 */
final class BudgetLease {
  /** Each attempt lost means that another runner's succeeded. */
  private static final int ATTEMPTS = 50;

  private final StateDocument document;
  private final String budget;
  private final Duration length;
  private final String runner = UUID.randomUUID().toString();

  BudgetLease(CosmosAsyncContainer container, String budget, Duration length) {
    this.document =
        new StateDocument(
            container, "request-unit-budget-" + budget, "The shared budget \"" + budget + "\"");
    this.budget = budget;
    this.length = length;
  }

  Duration length() {
    return length;
  }

  /** Takes part, or goes on taking part. */
  BudgetShares.Share renew(Instant now) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      StateDocument.Seen seen = document.read();
      ObjectNode content = seen.content().deepCopy();
      BudgetShares.Share share = BudgetShares.renew(content, runner, now, length);
      if (document.save(seen, content) != null) {
        return share;
      }
    }
    throw new WriteException(
        "The shared budget \""
            + budget
            + "\" was changed by others "
            + ATTEMPTS
            + " times in a row. Let fewer processes share it.",
        null);
  }

  /** Gives the part back. */
  void leave() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      StateDocument.Seen seen = document.read();
      if (!seen.exists()) {
        return;
      }
      ObjectNode content = seen.content().deepCopy();
      BudgetShares.leave(content, runner);
      if (document.save(seen, content) != null) {
        return;
      }
    }
  }
}
