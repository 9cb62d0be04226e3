package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosClientBuilder;
import io.reverseetl.cosmos.emulator.CallLog;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.document.WriteSession;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Looking at the container, and the client that it comes with. */
class CosmosContainerLookIT extends FaultySinkFixture {
  @Test
  void saysThatTheContainerIsMissing() {
    CosmosDocumentSink missing = CosmosDocumentSink.of(account.database().getContainer("nowhere"));

    assertThatThrownBy(missing::describe)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("nowhere")
        .hasMessageContaining(account.database().getId());
    assertThatThrownBy(missing::openSession).isInstanceOf(ConfigurationException.class);
  }

  @ParameterizedTest
  @CsvSource({"401", "403"})
  void saysThatTheCredentialsAreRefused(int status) {
    faults().on(EmulatorOperation.READ_CONTAINER).status(status);

    assertThatThrownBy(sink::describe)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("credentials");
  }

  @Test
  void keepsTheKeyOutOfItsMessages() {
    String wrong = Base64.getEncoder().encodeToString(new byte[64]);
    faults().clear();
    try (CosmosAsyncClient client = TestAccount.connect(emulator())) {
      client.getDatabase(account.database().getId()).read().block();
      emulator().key(wrong);

      Throwable thrown =
          catchThrowable(
              () ->
                  CosmosDocumentSink.of(
                          client.getDatabase(account.database().getId()).getContainer("other"))
                      .describe());

      assertThat(thrown).isInstanceOf(ConfigurationException.class);
      assertThat(thrown.getMessage())
          .doesNotContain(wrong)
          .doesNotContain(CosmosEmulator.DEFAULT_KEY);
    } finally {
      emulator().key(CosmosEmulator.DEFAULT_KEY);
    }
  }

  @Test
  void saysThatTheServiceDoesNotAnswer() {
    faults().on(EmulatorOperation.READ_CONTAINER).status(500);

    assertThatThrownBy(sink::describe)
        .isInstanceOf(WriteException.class)
        .hasMessageContaining("500");
  }

  @Test
  void readsTheContainerAtEachLookAndCountsItsRangesOnce() {
    sink.describe();
    CallLog calls = emulator().calls().enabled(true);
    long reads = calls.count(EmulatorOperation.READ_CONTAINER);
    long counts = calls.count(EmulatorOperation.READ_PARTITION_KEY_RANGES);

    sink.describe();
    sink.describe();

    assertThat(calls.count(EmulatorOperation.READ_CONTAINER)).isEqualTo(reads + 2);
    assertThat(calls.count(EmulatorOperation.READ_PARTITION_KEY_RANGES)).isEqualTo(counts);
  }

  @Test
  void worksWithAClientThatHasASerializerOfItsOwn() throws Exception {
    try (CosmosAsyncClient client =
        new CosmosClientBuilder()
            .endpoint(emulator().endpoint().toString())
            .key(emulator().key())
            .gatewayMode()
            .contentResponseOnWriteEnabled(true)
            .customItemSerializer(new RefusingSerializer())
            .buildAsyncClient()) {
      CosmosAsyncContainer same =
          client.getDatabase(account.database().getId()).getContainer(container.getId());
      try (WriteSession session = CosmosDocumentSink.of(same).openSession()) {
        writeMany(session);
      }
    }
    assertManyWrittenOnce();
  }

  private static final class RefusingSerializer extends com.azure.cosmos.CosmosItemSerializer {
    @Override
    public <T> Map<String, Object> serialize(T item) {
      throw new IllegalStateException("The sink must not use the user's serializer.");
    }

    @Override
    public <T> T deserialize(Map<String, Object> json, Class<T> type) {
      throw new IllegalStateException("The sink must not use the user's serializer.");
    }
  }
}
