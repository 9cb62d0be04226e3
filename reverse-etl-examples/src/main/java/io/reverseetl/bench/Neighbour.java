package io.reverseetl.bench;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.CosmosItemResponse;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * An application that reads documents of a container at an even pace, and notes how long it takes.
 */
final class Neighbour {
  private static final int PER_SECOND = 20;
  private static final int DOCUMENTS = 50;

  private final CosmosAsyncContainer container;

  Neighbour(CosmosAsyncContainer container) {
    this.container = container;
    for (int i = 0; i < DOCUMENTS; i++) {
      ObjectNode document = JsonNodeFactory.instance.objectNode();
      document.put("id", "n" + i).put("tenant", "neighbour-" + i);
      container.upsertItem(document, key(i), new CosmosItemRequestOptions()).block();
    }
    for (int i = 0; i < 1_000; i++) {
      readOne(i % DOCUMENTS); // Until its own code is compiled.
    }
  }

  /** How long reads took, and how many of them its client had to repeat. */
  record Latencies(long[] nanos, long repeated) {
    private double millis(double quantile) {
      long[] sorted = nanos.clone();
      Arrays.sort(sorted);
      return sorted[(int) Math.min(sorted.length - 1, quantile * sorted.length)] / 1e6;
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%.1f | %.1f | %.1f | %,d of %,d",
          millis(0.5),
          millis(0.95),
          millis(0.99),
          repeated,
          nanos.length);
    }
  }

  /** Begins to read on another thread. */
  Future<Latencies> read(int seconds) {
    return CompletableFuture.supplyAsync(
        () -> {
          long[] nanos = new long[seconds * PER_SECOND];
          long repeated = 0;
          long next = System.nanoTime();
          for (int i = 0; i < nanos.length; i++) {
            next += 1_000_000_000L / PER_SECOND;
            LockSupport.parkNanos(next - System.nanoTime());
            // From when the read was due, so that a slow one counts for those that it holds up.
            repeated += readOne(i % DOCUMENTS);
            nanos[i] = System.nanoTime() - next;
          }
          return new Latencies(nanos, repeated);
        });
  }

  private int readOne(int number) {
    CosmosItemResponse<ObjectNode> response =
        Objects.requireNonNull(
            container.readItem("n" + number, key(number), ObjectNode.class).block());
    var context = response.getDiagnostics().getDiagnosticsContext();
    return context != null && context.getRetryCount() > 0 ? 1 : 0;
  }

  private static PartitionKey key(int number) {
    return new PartitionKey("neighbour-" + number);
  }
}
