package io.reverseetl.cosmos;

import com.azure.core.util.Context;
import com.azure.cosmos.CosmosDiagnosticsContext;
import com.azure.cosmos.CosmosDiagnosticsHandler;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the bulk requests of a client that the service throttled, also those whose operations the
 * client tried again by itself and told nobody about. Give it to the client when that is built:
 *
 * <pre>{@code
 * ThrottledRequests throttled = new ThrottledRequests();
 * new CosmosClientBuilder()
 *     .clientTelemetryConfig(new CosmosClientTelemetryConfig().diagnosticsHandler(throttled))
 * }</pre>
 *
 * <p>It counts requests: one with a hundred operations of which one was throttled counts once. So
 * the number cannot be compared with the throttled operations of a report; that it stays at zero
 * says that nothing that a sink wrote was throttled. Of single reads and writes only those count
 * that the client gave up, as it does not tell of its retries. Costs next to nothing.
 *
 * <p>Thread-safe.
 */
public final class ThrottledRequests implements CosmosDiagnosticsHandler {
  private static final int THROTTLED = 429;

  private final LongAdder count = new LongAdder();

  /**
   * The count so far.
   *
   * @return how many requests were answered 429
   */
  public long count() {
    return count.sum();
  }

  @Override
  public void handleDiagnostics(CosmosDiagnosticsContext diagnostics, Context trace) {
    if (diagnostics.getStatusCode() == THROTTLED) {
      count.increment();
    }
  }
}
