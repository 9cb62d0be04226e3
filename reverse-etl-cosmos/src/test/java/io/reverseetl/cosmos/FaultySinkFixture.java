package io.reverseetl.cosmos;

import static io.reverseetl.document.DocumentSinkContract.upsert;
import static org.assertj.core.api.Assertions.assertThat;

import com.azure.cosmos.CosmosAsyncContainer;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import io.reverseetl.cosmos.emulator.Faults;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.RecordingCallback;
import io.reverseetl.document.WriteSession;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** An emulated account with faults, a fresh container for each test, and a sink that is quick. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
abstract class FaultySinkFixture {
  static final int MANY = 300;

  TestAccount account;
  RecordingCallback callback;
  ExecutorService threads;
  CosmosAsyncContainer container;
  CosmosDocumentSink sink;

  @BeforeAll
  void openAccount() throws Exception {
    account = TestAccount.emulated(4);
    // The first request of a process takes long, which some tests would take for a stall.
    CosmosDocumentSink first = CosmosDocumentSink.of(account.container(List.of("/region")));
    try (WriteSession session = first.openSession()) {
      session.write(upsert("7", "eu", Map.of()), new RecordingCallback());
      session.flush();
    }
  }

  @AfterAll
  void closeAccount() {
    account.close();
  }

  @BeforeEach
  void createContainer() {
    callback = new RecordingCallback();
    threads = Executors.newCachedThreadPool();
    container = account.container(List.of("/region"));
    sink = builder().build();
  }

  @AfterEach
  void clearFaults() {
    faults().clear();
    threads.shutdownNow();
  }

  CosmosDocumentSink.Builder builder() {
    return CosmosDocumentSink.builder(container)
        .retryBackoff(Duration.ofMillis(1), Duration.ofMillis(10));
  }

  CosmosEmulator emulator() {
    return account.emulator().orElseThrow();
  }

  Faults faults() {
    return emulator().faults();
  }

  EmulatedContainer stored() {
    return emulator().database(account.database().getId()).container(container.getId());
  }

  void writeMany(WriteSession session) throws InterruptedException {
    for (int i = 0; i < MANY; i++) {
      session.write(upsert("d" + i, "r" + i % 20, Map.of("n", i)), callback);
    }
    session.flush();
  }

  void assertManyWrittenOnce() {
    assertThat(callback.rejections()).isEmpty();
    assertThat(callback.written().stream().map(DocumentOperation::key).distinct()).hasSize(MANY);
    assertThat(callback.count()).isEqualTo(MANY);
    assertThat(stored().documentCount()).isEqualTo(MANY);
  }
}
