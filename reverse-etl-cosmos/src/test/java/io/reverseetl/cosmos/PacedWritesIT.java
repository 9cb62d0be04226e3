package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncContainer;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.cosmos.emulator.RecordedCall;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.RecordingCallback;
import io.reverseetl.document.WriteSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a budget and the rank of requests do to what is sent. */
@Timeout(60)
class PacedWritesIT {
  private static final String BUCKET = "x-ms-cosmos-throughput-bucket";
  private static final String PRIORITY = "x-ms-cosmos-priority-level";

  private final ThroughputAccount account =
      new ThroughputAccount(CosmosEmulator.builder().partitions(4));
  private final CosmosAsyncContainer container = account.standard("c", 20_000);

  @AfterEach
  void close() {
    account.close();
  }

  private List<RecordedCall> batches() {
    return account.emulator.calls().calls(EmulatorOperation.BULK_BATCH);
  }

  private void write(WriteSession session, String prefix, int documents) throws Exception {
    write(session, prefix, documents, i -> "k" + i);
  }

  private void write(
      WriteSession session, String prefix, int documents, IntFunction<String> partitionKey)
      throws Exception {
    RecordingCallback callback = new RecordingCallback();
    for (int i = 0; i < documents; i++) {
      String value = partitionKey.apply(i);
      session.write(
          new DocumentOperation.Upsert(
              Document.of(DocumentKey.of(prefix + i, value), Map.of("pk", value)), 1),
          callback);
    }
    session.flush();
  }

  private List<Integer> batchSizes() throws Exception {
    List<Integer> sizes = new ArrayList<>();
    for (RecordedCall call : batches()) {
      sizes.add(new ObjectMapper().readTree(call.body()).size());
    }
    return sizes;
  }

  private void writeWith(DoubleSupplier budget, int documents) throws Exception {
    account.emulator.calls().recordBodies(true);
    try (WriteSession session = CosmosDocumentSink.of(container).openSession(budget)) {
      write(session, "d", documents);
    }
    assertThat(account.emulated("c").documentCount()).isEqualTo(documents);
  }

  @Test
  void sendsSmallBatchesUnderASmallBudget() throws Exception {
    writeWith(() -> 400, 100);

    assertThat(batchSizes()).hasSize(100).containsOnly(1);
  }

  @Test
  void sendsBatchesByTheBudget() throws Exception {
    // 8,000 RU/s over 4 partitions and 20 batches a second, at 10 RU until more is known: 10.
    writeWith(() -> 8_000, 1_000);

    assertThat(batchSizes()).allMatch(size -> size <= 20).anyMatch(size -> size >= 8);
  }

  @Test
  void sendsFullBatchesWithoutABudget() throws Exception {
    writeWith(() -> Double.POSITIVE_INFINITY, 2_000);

    assertThat(batchSizes()).contains(100);
  }

  @Test
  void sendsTheFirstOperationsOfASinkBeforeABatchIsFull() throws Exception {
    account.emulator.calls().recordBodies(true);
    CosmosDocumentSink sink = CosmosDocumentSink.of(container);

    try (WriteSession session = sink.openSession()) {
      write(session, "a", 400, i -> "one");
    }
    assertThat(batchSizes().get(0)).isLessThanOrEqualTo(16);

    // Once it has been answered, a sink's later sessions wait for full batches.
    account.emulator.calls().clear();
    try (WriteSession session = sink.openSession()) {
      write(session, "b", 400, i -> "one");
    }
    assertThat(batchSizes().get(0)).isEqualTo(100);
  }

  @Test
  void followsABudgetThatChanges() throws Exception {
    account.emulator.calls().recordBodies(true);
    double[] budget = {400};
    try (WriteSession session = CosmosDocumentSink.of(container).openSession(() -> budget[0])) {
      write(session, "a", 50);
      List<Integer> before = batchSizes();
      account.emulator.calls().clear();
      budget[0] = 100_000;
      write(session, "b", 2_000);

      assertThat(before).containsOnly(1);
      assertThat(batchSizes()).contains(100);
    }
  }

  @Test
  void saysBucketAndPriorityWithEveryRequest() throws Exception {
    CosmosDocumentSink sink =
        CosmosDocumentSink.builder(container).throughputBucket(3).lowPriority(true).build();

    // Too large for a shared batch to fail alone, so that a point write is seen too.
    account.emulator.faults().onBatch().status(413).times(1);
    try (WriteSession session = sink.openSession()) {
      write(session, "d", 5);
    }

    List<RecordedCall> writes = new ArrayList<>(batches());
    writes.addAll(account.emulator.calls().calls(EmulatorOperation.UPSERT));
    assertThat(writes).anyMatch(call -> call.operation() == EmulatorOperation.UPSERT);
    assertThat(writes)
        .allSatisfy(
            call -> {
              assertThat(call.headers()).containsEntry(BUCKET, "3");
              assertThat(call.headers()).containsEntry(PRIORITY, "Low");
            });
  }

  @Test
  void holdsSinksOfOneContainerApart() throws Exception {
    try (WriteSession session = CosmosDocumentSink.of(container).openSession()) {
      write(session, "plain", 1);
    }
    for (int bucket = 1; bucket <= 2; bucket++) {
      CosmosDocumentSink sink =
          CosmosDocumentSink.builder(container).throughputBucket(bucket).build();
      // A second sink with the same rank is no conflict.
      CosmosDocumentSink.builder(container).throughputBucket(bucket).build();
      try (WriteSession session = sink.openSession()) {
        write(session, "b" + bucket + "-", 1);
      }
    }

    assertThat(batches())
        .extracting(call -> String.valueOf(call.headers().get(BUCKET)))
        .containsExactly("null", "1", "2");
    assertThat(batches()).allMatch(call -> !call.headers().containsKey(PRIORITY));
  }

  @Test
  void refusesBucketsThatTheServiceHasNot() {
    CosmosDocumentSink.Builder sink = CosmosDocumentSink.builder(container);

    assertThatThrownBy(() -> sink.throughputBucket(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> sink.throughputBucket(6)).isInstanceOf(IllegalArgumentException.class);
  }
}
