package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosClientBuilder;
import com.azure.cosmos.models.CosmosClientTelemetryConfig;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.RecordingCallback;
import io.reverseetl.document.WriteSession;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ThrottledRequestsIT {
  private final CosmosEmulator emulator = CosmosEmulator.start();
  private final ThrottledRequests throttled = new ThrottledRequests();
  private final CosmosAsyncClient client =
      new CosmosClientBuilder()
          .endpoint(emulator.endpoint().toString())
          .key(emulator.key())
          .gatewayMode()
          .clientTelemetryConfig(new CosmosClientTelemetryConfig().diagnosticsHandler(throttled))
          .buildAsyncClient();

  ThrottledRequestsIT() {
    emulator.createDatabase("d").createContainer("c", 1, "/pk");
  }

  @AfterEach
  void close() {
    client.close();
    emulator.close();
  }

  private CosmosAsyncContainer container() {
    return client.getDatabase("d").getContainer("c");
  }

  /** What the session itself saw of throttling. */
  private long write() throws Exception {
    try (WriteSession session = CosmosDocumentSink.of(container()).openSession()) {
      for (int i = 0; i < 10; i++) {
        session.write(
            new DocumentOperation.Upsert(
                Document.of(DocumentKey.of("d" + i, "k"), Map.of("pk", "k")), 1),
            new RecordingCallback());
      }
      session.flush();
      return session.statistics().throttled();
    }
  }

  @Test
  void countsNothingWhenNothingIsThrottled() throws Exception {
    write();

    assertThat(throttled.count()).isZero();
  }

  @Test
  void countsBulkRequestsThatTheClientTriesAgain() throws Exception {
    emulator.faults().onBatch().status(429, 3200).retryAfter(Duration.ofMillis(1)).times(2);

    long seen = write();

    assertThat(seen).isZero();
    assertThat(throttled.count()).isEqualTo(2);
  }

  @Test
  void countsABulkRequestWithAThrottledOperation() throws Exception {
    emulator
        .faults()
        .onBatchedOperation(EmulatorOperation.UPSERT)
        .status(429, 3200)
        .retryAfter(Duration.ofMillis(1))
        .times(1);

    long seen = write();

    assertThat(seen).isZero();
    assertThat(throttled.count()).isEqualTo(1);
  }
}
