package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.cosmos.emulator.FaultRule;
import io.reverseetl.cosmos.emulator.Faults;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.document.DeadLetterSinkContract;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.ReadableDeadLetterSink;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Dead letters in the emulator, also when answers fail or get lost. */
class CosmosDeadLetterSinkIT extends DeadLetterSinkContract {
  private static TestAccount account;

  private CosmosAsyncContainer container;

  @BeforeAll
  static void openAccount() {
    account = TestAccount.emulated(2);
  }

  @AfterAll
  static void closeAccount() {
    account.close();
  }

  @BeforeEach
  void createContainer() {
    container = account.container(List.of("/pipeline"));
  }

  @AfterEach
  void clearFaults() {
    faults().clear();
  }

  @Override
  protected ReadableDeadLetterSink sink() {
    return builder().build();
  }

  private CosmosDeadLetterSink.Builder builder() {
    return CosmosDeadLetterSink.builder(container)
        .maxAttempts(3)
        .retryBackoff(Duration.ofMillis(1), Duration.ofMillis(10));
  }

  private static Faults faults() {
    return account.emulator().orElseThrow().faults();
  }

  private List<ObjectNode> documents() {
    return account
        .emulator()
        .orElseThrow()
        .database(account.database().getId())
        .container(container.getId())
        .documents();
  }

  @Test
  void doesNotDoubleALetterWhoseAnswerWasLost() {
    FaultRule lost = faults().onUpsert().times(1).afterApply().dropConnection();
    try (ReadableDeadLetterSink sink = sink()) {
      sink.write(letter("orders", 1, 1));
    }

    assertThat(lost.hits()).isEqualTo(1);
    assertThat(documents()).hasSize(1);
  }

  @Test
  void triesAgainWhatMayPass() {
    FaultRule throttled = faults().onUpsert().times(1).status(429, 3200);
    FaultRule broken = faults().onUpsert().times(1).status(500);
    try (ReadableDeadLetterSink sink = sink()) {
      sink.write(letter("orders", 1, 1));
      sink.flush();
    }

    assertThat(throttled.hits() + broken.hits()).isEqualTo(2);
    assertThat(documents()).hasSize(1);
  }

  @Test
  void saysAtTheFlushWhatCouldNotBeKeptAndKeepsItForTheNext() {
    FaultRule broken = faults().onUpsert().status(500);
    ReadableDeadLetterSink sink = sink();
    sink.write(letter("orders", 1, 1));

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(sink::flush)
          .isInstanceOfSatisfying(
              WriteException.class, e -> assertThat(e.statusCode()).contains(500))
          .hasMessageContaining(container.getId());
    }
    assertThat(documents()).isEmpty();
    broken.disable();
    sink.write(letter("orders", 2, 2));
    sink.flush();

    assertThat(documents()).hasSize(2);
  }

  @Test
  void holdsNoMoreThanIsAllowedInMemory() {
    FaultRule broken = faults().onUpsert().status(500);
    ReadableDeadLetterSink sink = builder().maxInFlight(2).build();
    int taken = 0;
    try {
      for (; taken < 50; taken++) {
        sink.write(letter("orders", taken, taken));
      }
    } catch (WriteException e) {
      assertThat(e.statusCode()).contains(500);
    }
    assertThat(taken).isBetween(2, 8);
    broken.disable();

    sink.flush();

    assertThat(documents()).hasSize(taken);
  }

  @Test
  void blocksWhileAsManyAsAllowedAreOnTheirWay() throws Exception {
    FaultRule held = faults().onUpsert().hold();
    ReadableDeadLetterSink sink = builder().maxInFlight(3).build();
    Thread writer =
        new Thread(
            () -> IntStream.range(0, 5).forEach(i -> sink.write(letter("orders", i, i))),
            "dead-letter-writer");
    writer.start();
    while (writer.getState() != Thread.State.WAITING || held.hits() < 3) {
      Thread.onSpinWait();
    }
    assertThat(held.hits()).isEqualTo(3);

    held.release();
    writer.join();
    sink.flush();

    assertThat(documents()).hasSize(5);
  }

  @Test
  void leavesOutADocumentThatIsTooLargeAndKeepsItsKey() {
    DocumentKey key = DocumentKey.of("7", "eu");
    try (ReadableDeadLetterSink sink = sink()) {
      sink.write(letter(key, Map.of("region", "eu", "text", "x".repeat(2_200_000))));
      sink.flush();

      assertThat(read(sink, "orders"))
          .singleElement()
          .satisfies(
              letter -> {
                assertThat(letter.key()).contains(key);
                assertThat(letter.document()).isEmpty();
                assertThat(letter.reason()).isEqualTo("TOO_LARGE");
              });
    }
  }

  @Test
  void leavesOutADocumentThatTheServiceRefuses() {
    FaultRule refused = faults().onUpsert().times(1).status(400);
    DocumentKey key = DocumentKey.of("7", "eu");
    try (ReadableDeadLetterSink sink = sink()) {
      sink.write(letter(key, Map.of("region", "eu")));
      sink.flush();

      assertThat(refused.hits()).isEqualTo(1);
      assertThat(read(sink, "orders"))
          .extracting(DeadLetter::key)
          .containsExactly(Optional.of(key));
      assertThat(read(sink, "orders").get(0).document()).isEmpty();
    }
  }

  @Test
  void takesAnotherPartitionKey() {
    for (String path : List.of("/id", "/tenant")) {
      container = account.container(List.of(path));
      CosmosDeadLetterSink sink = builder().partitionKeyPath(path).build();
      sink.write(letter("orders", 1, 1));
      sink.write(letter("orders", 2, 1));
      sink.write(letter("customers", 2, 1));
      sink.flush();
      assertThat(read(sink, "orders")).hasSize(2);

      sink.read("orders", stored -> {});
      sink.remove("orders", List.of(letter("orders", 1, 1).id()));

      assertThat(read(sink, "orders")).containsExactly(letter("orders", 2, 1));
      assertThat(documents()).hasSize(2);
    }
  }

  @Test
  void refusesAPartitionKeyThatIsALettersOwn() {
    for (String path : List.of("pipeline", "/a/b", "/reason", "/document", "/")) {
      assertThatThrownBy(() -> builder().partitionKeyPath(path))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void refusesAContainerWithAnotherPartitionKey() {
    container = account.container(List.of("/region"));
    ReadableDeadLetterSink sink = sink();
    sink.write(letter("orders", 1, 1));

    assertThatThrownBy(sink::flush)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("/region")
        .hasMessageContaining("/pipeline");
    assertThatThrownBy(() -> sink.read("orders", stored -> {}))
        .isInstanceOf(ConfigurationException.class);
  }

  @Test
  void saysThatTheContainerIsMissing() {
    container = account.database().getContainer("missing");

    assertThatThrownBy(() -> sink().read("orders", stored -> {}))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("missing");
  }

  @Test
  void letsLettersExpireWhereAsked() {
    CosmosContainerProperties properties =
        new CosmosContainerProperties(account.newName(), "/pipeline");
    properties.setDefaultTimeToLiveInSeconds(-1);
    container = account.container(properties);
    try (ReadableDeadLetterSink sink = builder().timeToLive(Duration.ofDays(30)).build()) {
      sink.write(letter("orders", 1, 1));
    }

    assertThat(documents())
        .singleElement()
        .satisfies(letter -> assertThat(letter.get("ttl").asInt()).isEqualTo(30 * 24 * 3600));
  }

  @Test
  void refusesATimeToLiveThatTheContainerWouldIgnore() {
    ReadableDeadLetterSink sink = builder().timeToLive(Duration.ofDays(30)).build();
    sink.write(letter("orders", 1, 1));

    assertThatThrownBy(sink::flush)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("Switch it on");
    assertThatThrownBy(() -> builder().timeToLive(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void saysWhichDocumentIsNoDeadLetter() {
    ObjectNode foreign =
        JsonNodeFactory.instance.objectNode().put("id", "x").put("pipeline", "orders");
    container.createItem(foreign, new PartitionKey("orders"), null).block();

    assertThatThrownBy(() -> sink().read("orders", stored -> {}))
        .isInstanceOf(WriteException.class)
        .hasMessageContaining("\"x\"")
        .hasMessageContaining(container.getId());
  }

  @Test
  void goesOnRemovingAfterALostAnswer() {
    ReadableDeadLetterSink sink = sink();
    IntStream.range(0, 20).forEach(i -> sink.write(letter("orders", i, i)));
    sink.flush();
    FaultRule lost = faults().onDelete().times(2).afterApply().dropConnection();

    sink.remove(
        "orders", IntStream.range(0, 20).mapToObj(i -> letter("orders", i, i).id()).toList());

    assertThat(lost.hits()).isEqualTo(2);
    assertThat(documents()).isEmpty();
  }
}
