package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosItemSerializer;
import com.azure.cosmos.models.CosmosBulkExecutionOptions;
import com.azure.cosmos.models.CosmosBulkExecutionThresholdsState;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import java.time.Duration;

/**
 * How a sink writes; {@link CosmosDocumentSink.Builder} says what each means.
 *
 * @param maxInFlightOperations 0 to compute it from the number of partition ranges
 * @param maxMicroBatchConcurrency requests at a time for each partition range
 * @param maxMicroBatchSize operations in a request at most
 * @param control what each request tells the service about its rank
 * @param thresholds what the client has learned about batch sizes, shared by all sessions
 */
record SinkOptions(
    int maxInFlightOperations,
    long maxInFlightBytes,
    int maxMicroBatchConcurrency,
    int maxMicroBatchSize,
    int maxAttempts,
    Backoff backoff,
    Duration stallTimeout,
    ServerThroughputControl control,
    CosmosBulkExecutionThresholdsState thresholds) {
  private static final int MICRO_BATCH = 100;
  private static final int MIN_OPERATIONS = 2_000;
  private static final int MAX_OPERATIONS = 100_000;

  /**
   * How much may be in flight: two full batches for each request that may be under way, so that
   * each range fills one while another travels, and half as much again for uneven keys.
   */
  int maxInFlightOperations(int ranges) {
    if (maxInFlightOperations > 0) {
      return maxInFlightOperations;
    }
    long wanted = 3L * ranges * maxMicroBatchConcurrency * MICRO_BATCH;
    return (int) Math.max(MIN_OPERATIONS, Math.min(wanted, MAX_OPERATIONS));
  }

  /** The same with batches of another size, and with what is learned about those. */
  SinkOptions paced(int batchSize) {
    return new SinkOptions(
        maxInFlightOperations,
        maxInFlightBytes,
        Math.max(maxMicroBatchConcurrency, BatchPace.PACED_CONCURRENCY),
        batchSize,
        maxAttempts,
        backoff,
        stallTimeout,
        control,
        new CosmosBulkExecutionThresholdsState());
  }

  /** Options for one call of the bulk executor. */
  CosmosBulkExecutionOptions bulk() {
    CosmosBulkExecutionOptions bulk = new CosmosBulkExecutionOptions(thresholds);
    String controlGroup = control.groupName();
    if (controlGroup != null) {
      bulk.setThroughputControlGroupName(controlGroup);
    }
    return bulk.setMaxMicroBatchConcurrency(maxMicroBatchConcurrency)
        .setMaxMicroBatchSize(maxMicroBatchSize)
        // The client may have a serializer of the user's, which does not know raw text.
        .setCustomItemSerializer(CosmosItemSerializer.DEFAULT_SERIALIZER);
  }

  /** The same options of a request that goes alone, with what ranks it. */
  <T extends CosmosItemRequestOptions> T ranked(T item) {
    String controlGroup = control.groupName();
    if (controlGroup != null) {
      item.setThroughputControlGroupName(controlGroup);
    }
    return item;
  }
}
