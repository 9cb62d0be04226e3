package io.reverseetl.cosmos.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosAsyncDatabase;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.CosmosItemResponse;
import com.azure.cosmos.models.IncludedPath;
import com.azure.cosmos.models.IndexingPolicy;
import com.azure.cosmos.models.PartitionKey;
import com.azure.cosmos.models.PartitionKeyDefinitionVersion;
import com.azure.cosmos.models.UniqueKey;
import com.azure.cosmos.models.UniqueKeyPolicy;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EmulatorContainersIT {
  private SteppedClock clock;
  private CosmosEmulator emulator;
  private EmulatorClient client;

  @BeforeEach
  void start() {
    clock = new SteppedClock();
    emulator = CosmosEmulator.builder().clock(clock).start();
    client = new EmulatorClient(emulator);
  }

  @AfterEach
  void stop() {
    client.close();
    emulator.close();
  }

  private EmulatedContainer stored(String name) {
    return emulator.database(EmulatorClient.DATABASE).container(name);
  }

  private static void assertStatus(Runnable call, int status) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            CosmosException.class, e -> assertThat(e.getStatusCode()).isEqualTo(status));
  }

  @Test
  void createsWhatDoesNotExistYet() {
    client.azure.createDatabaseIfNotExists("other").block();
    client.azure.createDatabaseIfNotExists("other").block();
    CosmosAsyncDatabase database = client.azure.getDatabase("other");
    database.createContainerIfNotExists("c", "/pk").block();
    database.createContainerIfNotExists("c", "/pk").block();

    assertThat(emulator.databaseNames()).containsExactly("db", "other");
    assertThat(database.readAllContainers().collectList().block()).hasSize(1);
    assertThat(client.azure.readAllDatabases().collectList().block()).hasSize(2);
    assertThat(
            client
                .azure
                .queryDatabases("SELECT * FROM c WHERE c.id = 'other'", null)
                .collectList()
                .block())
        .hasSize(1);
    assertStatus(() -> database.createContainer("c", "/pk").block(), 409);
    database.delete().block();
    assertThat(emulator.databaseNames()).containsExactly("db");
  }

  @Test
  void returnsTheDefinitionThatWasGiven() {
    CosmosContainerProperties properties = EmulatorClient.versionTwo("c", "/a/b");
    properties.setDefaultTimeToLiveInSeconds(60);
    IndexingPolicy policy = new IndexingPolicy();
    policy.setIncludedPaths(List.of(new IncludedPath("/x/?"), new IncludedPath("/*")));
    properties.setIndexingPolicy(policy);
    UniqueKeyPolicy unique = new UniqueKeyPolicy();
    unique.setUniqueKeys(List.of(new UniqueKey(List.of("/mail"))));
    properties.setUniqueKeyPolicy(unique);

    CosmosContainerProperties read = client.create(properties).read().block().getProperties();

    assertThat(read.getPartitionKeyDefinition().getVersion())
        .isEqualTo(PartitionKeyDefinitionVersion.V2);
    assertThat(read.getPartitionKeyDefinition().getPaths()).containsExactly("/a/b");
    assertThat(read.getDefaultTimeToLiveInSeconds()).isEqualTo(60);
    assertThat(read.getIndexingPolicy().getIncludedPaths())
        .extracting(IncludedPath::getPath)
        .containsExactly("/x/?", "/*");
    assertThat(read.getUniqueKeyPolicy().getUniqueKeys()).hasSize(1);
  }

  @Test
  void replacesAContainersSettings() {
    CosmosAsyncContainer container = client.create(EmulatorClient.versionTwo("c", "/pk"));
    CosmosContainerProperties properties = container.read().block().getProperties();
    properties.setDefaultTimeToLiveInSeconds(-1);

    container.replace(properties).block();

    assertThat(stored("c").metadata().path("defaultTtl").asInt()).isEqualTo(-1);
  }

  @Test
  void forgetsADeletedContainer() {
    CosmosAsyncContainer container = client.create(EmulatorClient.versionTwo("c", "/pk"));
    container.createItem(EmulatorClient.item("1", "a")).block();

    container.delete().block();

    assertThat(emulator.database(EmulatorClient.DATABASE).containerNames()).isEmpty();
    assertStatus(() -> container.read().block(), 404);
  }

  @Test
  void clientNoticesAContainerThatWasMadeAnew() {
    CosmosAsyncContainer container = client.create(EmulatorClient.versionTwo("c", "/pk"));
    container.createItem(EmulatorClient.item("1", "a")).block();
    emulator.database(EmulatorClient.DATABASE).deleteContainer("c");
    emulator.database(EmulatorClient.DATABASE).createContainer("c", 2, "/pk");

    container.createItem(EmulatorClient.item("2", "a")).block();

    assertThat(stored("c").documents()).extracting(d -> d.path("id").asText()).containsExactly("2");
  }

  @Test
  void keepsValuesUniqueWithinAKey() {
    CosmosContainerProperties properties = EmulatorClient.versionTwo("c", "/pk");
    UniqueKeyPolicy unique = new UniqueKeyPolicy();
    unique.setUniqueKeys(List.of(new UniqueKey(List.of("/mail", "/box/n"))));
    properties.setUniqueKeyPolicy(unique);
    CosmosAsyncContainer container = client.create(properties);
    container.createItem(EmulatorClient.item("1", "a").put("mail", "x")).block();

    assertStatus(
        () -> container.upsertItem(EmulatorClient.item("2", "a").put("mail", "x")).block(), 409);
    container.upsertItem(EmulatorClient.item("2", "b").put("mail", "x")).block();
    container.upsertItem(EmulatorClient.item("1", "a").put("mail", "y")).block();
    container.upsertItem(EmulatorClient.item("3", "a").put("mail", "x")).block();
    container.deleteItem("3", new PartitionKey("a")).block();
    container.upsertItem(EmulatorClient.item("4", "a").put("mail", "x")).block();

    assertThat(stored("c").documentCount()).isEqualTo(3);
  }

  @Test
  void expiresDocumentsByTheContainersAndTheirOwnTimeToLive() {
    CosmosContainerProperties properties = EmulatorClient.versionTwo("c", "/pk");
    properties.setDefaultTimeToLiveInSeconds(100);
    CosmosAsyncContainer container = client.create(properties);
    container.createItem(EmulatorClient.item("default", "a")).block();
    container.createItem(EmulatorClient.item("short", "a").put("ttl", 10)).block();
    container.createItem(EmulatorClient.item("never", "a").put("ttl", -1)).block();

    clock.advance(Duration.ofSeconds(10));
    assertThat(stored("c").documentCount()).isEqualTo(2);
    assertStatus(
        () -> container.readItem("short", new PartitionKey("a"), JsonNode.class).block(), 404);
    container.createItem(EmulatorClient.item("short", "a")).block();

    clock.advance(Duration.ofSeconds(90));
    assertThat(stored("c").documents())
        .extracting(d -> d.path("id").asText())
        .containsExactly("never", "short");
  }

  @Test
  void ignoresTimeToLiveWhileTheContainerHasNone() {
    CosmosAsyncContainer container = client.create(EmulatorClient.versionTwo("c", "/pk"));
    container.createItem(EmulatorClient.item("1", "a").put("ttl", 1)).block();

    clock.advance(Duration.ofDays(1));

    assertThat(stored("c").documentCount()).isEqualTo(1);
    assertStatus(
        () -> container.createItem(EmulatorClient.item("2", "a").put("ttl", 0)).block(), 400);
  }

  @Test
  void acceptsOnlyTheCurrentKey() {
    CosmosAsyncContainer container = client.create(EmulatorClient.versionTwo("c", "/pk"));
    container.createItem(EmulatorClient.item("1", "a")).block();

    emulator.key("YW5vdGhlciBrZXk=");

    assertStatus(() -> container.createItem(EmulatorClient.item("2", "a")).block(), 401);
    try (EmulatorClient renewed = new EmulatorClient(emulator)) {
      CosmosItemResponse<?> response =
          renewed.container("c").createItem(EmulatorClient.item("2", "a")).block();
      assertThat(response.getStatusCode()).isEqualTo(201);
    }
    assertThat(new RawClient(emulator).statusOf(emulator.endpoint())).isEqualTo(401);
  }

  @Test
  void severalEmulatorsShareNothing() {
    try (CosmosEmulator second = CosmosEmulator.start()) {
      second.createDatabase("mine");

      assertThat(second.port()).isNotEqualTo(emulator.port());
      assertThat(emulator.databaseNames()).containsExactly("db");
    }
  }

  @Test
  void closesTwiceAndStopsItsThreads() {
    CosmosEmulator second = CosmosEmulator.start();
    String threadName = "cosmos-emulator-" + second.port();
    assertThat(new RawClient(second).statusOf(second.endpoint())).isEqualTo(401);

    second.close();
    second.close();

    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith(threadName));
  }
}
