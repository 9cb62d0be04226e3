package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.spy;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosClientBuilder;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** A sink that builds its client itself. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConnectingSinkIT {
  private CosmosEmulator emulator;

  @BeforeAll
  void startEmulator() {
    emulator = CosmosEmulator.builder().start();
    emulator.createDatabase("shop").createContainer("products", 1, "/region");
  }

  @AfterAll
  void stopEmulator() {
    emulator.close();
  }

  private CosmosAsyncClient client(String endpoint, String key) {
    return new CosmosClientBuilder()
        .endpoint(endpoint)
        .key(key)
        .gatewayMode()
        .endpointDiscoveryEnabled(false)
        .buildAsyncClient();
  }

  private CosmosDocumentSink sink(Supplier<CosmosAsyncClient> client) {
    return CosmosDocumentSink.connecting(client, "shop", "products").build();
  }

  @Test
  void buildsOneClientWhenItIsUsedAndClosesIt() {
    List<CosmosAsyncClient> built = new ArrayList<>();
    CosmosDocumentSink sink =
        sink(
            () -> {
              built.add(spy(client(emulator.endpoint().toString(), emulator.key())));
              return built.get(0);
            });
    assertThat(built).isEmpty();

    assertThat(sink.describe().partitionKeyPaths()).containsExactly("/region");
    sink.openSession().close();
    assertThat(built).hasSize(1);
    verify(built.get(0), never()).close();

    sink.close();
    sink.close();
    verify(built.get(0), times(1)).close();
    assertThatThrownBy(sink::describe).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void saysThatTheKeyIsWrong() {
    String wrong = Base64.getEncoder().encodeToString(new byte[64]);

    try (CosmosDocumentSink sink = sink(() -> client(emulator.endpoint().toString(), wrong))) {
      assertThatThrownBy(sink::describe)
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("401")
          .hasMessageNotContaining(wrong);
    }
  }

  @Test
  void triesAgainAfterItCouldNotConnect() {
    List<RuntimeException> failures = new ArrayList<>(List.of(new RuntimeException("no network")));

    try (CosmosDocumentSink sink =
        sink(
            () -> {
              if (!failures.isEmpty()) {
                throw failures.remove(0);
              }
              return client(emulator.endpoint().toString(), emulator.key());
            })) {
      assertThatThrownBy(sink::describe)
          .isInstanceOf(WriteException.class)
          .hasMessageContaining("products")
          .hasRootCauseMessage("no network");
      assertThat(sink.describe().partitionKeyPaths()).containsExactly("/region");
    }
  }
}
