package io.reverseetl.cosmos;

import static io.reverseetl.document.DocumentSinkContract.upsert;
import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.RecordingCallback;
import io.reverseetl.document.WriteSession;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The order of the writes of one document. */
class CosmosSinkOrderIT extends FaultySinkFixture {
  @Test
  void keepsTheOrderOfOneDocumentThroughFailures() throws Exception {
    faults().onBatchedOperation().probability(0.2, 1).status(503, 0);
    faults()
        .onBatchedOperation()
        .probability(0.2, 2)
        .status(429, 3200)
        .retryAfter(Duration.ofMillis(1));
    faults().onBatch().probability(0.1, 3).afterApply().dropConnection();
    int versions = 40;
    try (WriteSession session = builder().maxAttempts(1_000).build().openSession()) {
      for (int version = 1; version <= versions; version++) {
        session.write(upsert("hot", "eu", Map.of("version", version)), callback);
        session.write(upsert("c" + version, "eu", Map.of()), new RecordingCallback());
      }
      session.flush();
    }

    assertThat(stored().document("hot", "eu").orElseThrow().get("version").intValue())
        .isEqualTo(versions);
    assertThat(callback.written().stream().map(DocumentOperation::sourceVersion))
        .hasSize(versions)
        .isSorted();
  }
}
