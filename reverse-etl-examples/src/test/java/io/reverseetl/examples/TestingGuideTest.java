package io.reverseetl.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosClientBuilder;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.JsonNode;
import io.reverseetl.Deletes;
import io.reverseetl.InitialLoader;
import io.reverseetl.LoadReport;
import io.reverseetl.LoadState;
import io.reverseetl.Pipeline;
import io.reverseetl.PipelineListener;
import io.reverseetl.PollReport;
import io.reverseetl.cosmos.CosmosCheckpointStore;
import io.reverseetl.cosmos.CosmosDocumentSink;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.cosmos.junit.CosmosEmulatorExtension;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.FileDeadLetterSink;
import io.reverseetl.document.Rejection;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.ratelimit.Resilience4jRateLimiter;
import io.reverseetl.ratelimit.WriteRateLimiter;
import io.reverseetl.ratelimit.WriteRateLimiterContract;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.ChangeType;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import io.reverseetl.table.TableVersion;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemoryTableSource;
import io.reverseetl.testing.ManualClock;
import io.reverseetl.testing.PipelineTester;
import io.reverseetl.testing.RecoveryProof;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The tests that docs/testing.md shows. */
@Timeout(60)
class TestingGuideTest {
  private static final StructType ORDERS =
      StructType.of(
          Column.required("order_id", Primitive.STRING),
          Column.required("region", Primitive.STRING),
          Column.nullable("state", Primitive.STRING));

  private static final DocumentMapper MAPPER =
      ColumnMapper.builder().id("order_id").partitionKey("region").build();

  private final ManualClock clock = new ManualClock();
  private final InMemoryTableSource table = InMemoryTableSource.of(ORDERS, clock, 10);
  private final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/region");
  private final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();

  private Pipeline.Builder orders() {
    return Pipeline.builder("orders")
        .source(table)
        .mapper(MAPPER)
        .sink(sink)
        .checkpoints(checkpoints)
        .clock(clock);
  }

  @SuppressWarnings("unchecked")
  private long commitOrders(int count) {
    return table.commit(
        IntStream.range(0, count)
            .mapToObj(i -> table.insert("o" + i, "eu", "placed"))
            .toArray(List[]::new));
  }

  @Test
  void writesADocumentForEveryOrder() {
    long version = table.commit(table.insert("7", "eu", "placed"), table.insert("8", "us", null));

    LoadReport report = InitialLoader.of(orders().build()).load();

    assertThat(sink.documents())
        .containsOnlyKeys(DocumentKey.of("7", "eu"), DocumentKey.of("8", "us"));
    assertThat(sink.document(DocumentKey.of("7", "eu")).orElseThrow())
        .containsEntry("state", "placed");
    assertThat(report.isLoaded()).isTrue();
    assertThat(checkpoints.checkpoint("orders").orElseThrow().version()).isEqualTo(version);
  }

  @Test
  void followsAnOrder() throws Exception {
    PipelineTester tester = PipelineTester.of(ORDERS, MAPPER);
    tester.commit(tester.insert("7", "eu", "placed"), tester.insert("8", "us", "placed"));
    tester.load();
    tester.commit(
        tester.update(tester.row("7", "eu", "placed"), tester.row("7", "eu", "sent")),
        tester.delete("8", "us", "placed"));

    PollReport report = tester.poll();

    assertThat(tester.documents()).containsOnlyKeys(DocumentKey.of("7", "eu"));
    assertThat(tester.document("7", "eu").orElseThrow()).containsEntry("state", "sent");
    assertThat(report.documentsDeleted()).isEqualTo(1);
    assertThat(tester.verify().isEqual()).isTrue();
  }

  @Test
  void keepsTheDocumentOfADeletedOrder() {
    PipelineTester tester =
        PipelineTester.builder(ORDERS, MAPPER)
            .pipeline(pipeline -> pipeline.deletes(Deletes.soft("gone")))
            .build();
    tester.commit(tester.insert("7", "eu", "placed"));
    tester.load();
    tester.commit(tester.delete("7", "eu", "placed"));

    tester.poll();

    assertThat(tester.document("7", "eu").orElseThrow()).containsEntry("gone", true);
  }

  @Test
  void recoversFromEveryFailure() {
    RecoveryProof proof =
        PipelineTester.builder(ORDERS, MAPPER)
            .proveRecovery(
                tester -> {
                  tester.commit(
                      tester.insert("7", "eu", "placed"), tester.insert("8", "us", "placed"));
                  tester.load();
                  tester.commit(
                      tester.update(tester.row("7", "eu", "placed"), tester.row("7", "us", "sent")),
                      tester.delete("8", "us", "placed"));
                  tester.poll();
                });

    assertThat(proof.writes()).isEqualTo(5);
    assertThat(proof.saves()).isPositive();
  }

  @Test
  void goesOnAtTheFailedWrite() {
    PipelineTester tester = PipelineTester.of(ORDERS, MAPPER);
    tester.commit(tester.insert("7", "eu", "placed"), tester.insert("8", "us", "placed"));
    tester.failWrite(2);

    assertThatThrownBy(tester::load).isInstanceOf(WriteException.class);
    assertThat(tester.documents()).hasSize(1);

    assertThat(tester.load().isLoaded()).isTrue();
    assertThat(tester.documents()).hasSize(2);
  }

  @Test
  void mapsAnOrder() {
    List<Document> documents = new ArrayList<>();

    MAPPER.map(table.row("7", "eu", "placed"), documents::add);

    assertThat(documents).hasSize(1);
    assertThat(documents.get(0).key()).isEqualTo(DocumentKey.of("7", "eu"));
    assertThat(documents.get(0).text())
        .isEqualTo("{\"id\":\"7\",\"order_id\":\"7\",\"region\":\"eu\",\"state\":\"placed\"}");
  }

  @Test
  void readsTheChangesOfACommit() {
    table.commit(table.insert("7", "eu", "placed"));
    long second =
        table.commit(
            table.update(table.row("7", "eu", "placed"), table.row("7", "eu", "sent")),
            table.insert("8", "us", "placed"));

    List<ChangeType> types = new ArrayList<>();
    try (ChangeCursor changes = table.openChanges(ChangeQuery.from(second))) {
      while (changes.advance()) {
        types.add(changes.current().type());
      }
    }

    assertThat(types)
        .containsExactlyInAnyOrder(
            ChangeType.UPDATE_PREIMAGE, ChangeType.UPDATE_POSTIMAGE, ChangeType.INSERT);
  }

  @Test
  void setsARefusedDocumentAside(@TempDir Path folder) {
    commitOrders(10);
    sink.reject(
        operation -> operation.key().id().equals("o3"),
        new Rejection(Rejection.Reason.TOO_LARGE, 413, "Too large."));
    Path file = folder.resolve("dead-letters.jsonl");

    LoadReport report;
    try (FileDeadLetterSink deadLetters = FileDeadLetterSink.of(file)) {
      report = InitialLoader.of(orders().deadLetters(deadLetters).build()).load();
    }

    assertThat(report.isLoaded()).isTrue();
    assertThat(report.documentsWritten()).isEqualTo(9);
    assertThat(report.deadLetters()).isEqualTo(1);
    assertThat(file).content().contains("\"reason\":\"TOO_LARGE\"", "\"id\":\"o3\"");
  }

  @Test
  void goesOnAfterACrash() {
    commitOrders(35);
    sink.crashAfter(25);
    Pipeline pipeline = orders().readThreads(1).build();
    assertThatThrownBy(() -> InitialLoader.of(pipeline).load()).isInstanceOf(WriteException.class);

    LoadReport report = InitialLoader.of(pipeline).load();

    assertThat(report.resumed()).isTrue();
    assertThat(report.rowsRead()).isLessThan(35);
    assertThat(sink.documents()).hasSize(35);
  }

  @Test
  void countsThrottlingAndCost() {
    commitOrders(10);
    sink.requestUnits(operation -> 7).throttle(3);

    LoadReport report = InitialLoader.of(orders().build()).load();

    assertThat(report.throttled()).isEqualTo(3);
    assertThat(report.requestUnits()).isEqualTo(70);
  }

  @Test
  void readsNoFasterThanTheTargetTakes() throws Exception {
    commitOrders(35);
    sink.completeManually().maxInFlightOperations(4);
    InitialLoader loader = InitialLoader.of(orders().build());
    CompletableFuture<LoadReport> load = CompletableFuture.supplyAsync(loader::load);
    sink.awaitInFlight(4);

    sink.completeAutomatically();

    assertThat(load.get().documentsWritten()).isEqualTo(35);
    assertThat(sink.mostInFlight()).isEqualTo(4);
  }

  @Test
  void findsOutWhetherASaveTookEffect() {
    commitOrders(10);
    Pipeline pipeline = orders().build();
    checkpoints.failNextSaveAfterItTookEffect();
    assertThatThrownBy(() -> InitialLoader.of(pipeline).load())
        .isInstanceOf(CheckpointException.class);
    clock.advance(Duration.ofMinutes(2)); // until the lease has ended that the failed run took

    LoadReport report = InitialLoader.of(pipeline).load();

    assertThat(report.isLoaded()).isTrue();
    assertThat(sink.documents()).hasSize(10);
  }

  @Test
  void stopsWhenAnotherRunnerMovedTheCheckpoint() {
    commitOrders(10);
    PipelineListener anotherRunner =
        new PipelineListener() {
          @Override
          public void onLoadStarted(TableVersion version, LoadState progress) {
            checkpoints.put(checkpoints.checkpoint("orders").orElseThrow());
          }
        };

    assertThatThrownBy(() -> InitialLoader.of(orders().listener(anotherRunner).build()).load())
        .isInstanceOf(CheckpointConflictException.class);
  }

  @Test
  void stopsAtTheDeadlineAndGoesOnLater() {
    commitOrders(35);
    DocumentMapper slow =
        (row, documents) -> {
          clock.advance(Duration.ofSeconds(30));
          MAPPER.map(row, documents);
        };

    LoadReport first =
        InitialLoader.of(orders().mapper(slow).readThreads(1).build()).load(Duration.ofMinutes(8));
    LoadReport second = InitialLoader.of(orders().build()).load(Duration.ofMinutes(8));

    assertThat(first.outcome()).isEqualTo(LoadReport.Outcome.DEADLINE_REACHED);
    assertThat(first.rowsRead()).isEqualTo(16);
    assertThat(second.outcome()).isEqualTo(LoadReport.Outcome.COMPLETED);
    assertThat(sink.documents()).hasSize(35);
  }

  /** Spends more at night than by day, in UTC. */
  static final class NightRateLimiter implements WriteRateLimiter {
    private final WriteRateLimiter day;
    private final WriteRateLimiter night;
    private final InstantSource clock;

    NightRateLimiter(WriteRateLimiter day, WriteRateLimiter night, InstantSource clock) {
      this.day = day;
      this.night = night;
      this.clock = clock;
    }

    private WriteRateLimiter now() {
      return LocalTime.ofInstant(clock.instant(), ZoneOffset.UTC).getHour() < 6 ? night : day;
    }

    @Override
    public void acquire(double requestUnits) throws InterruptedException {
      now().acquire(requestUnits);
    }

    @Override
    public void settle(double difference) {
      now().settle(difference);
    }

    @Override
    public void throttled(Duration pause) {
      day.throttled(pause);
      night.throttled(pause);
    }
  }

  @Nested
  class NightRateLimiterTest extends WriteRateLimiterContract {
    @Override
    protected WriteRateLimiter limiter(double requestUnitsPerSecond) {
      return new NightRateLimiter(
          Resilience4jRateLimiter.requestUnitsPerSecond(requestUnitsPerSecond),
          Resilience4jRateLimiter.requestUnitsPerSecond(requestUnitsPerSecond),
          clock);
    }
  }

  private static CosmosAsyncClient connect(CosmosEmulator emulator) {
    return new CosmosClientBuilder()
        .endpoint(emulator.endpoint().toString())
        .key(emulator.key())
        .gatewayMode()
        .buildAsyncClient();
  }

  @Test
  void writesToTheEmulatorThroughTheRealClient() {
    commitOrders(35);
    try (CosmosEmulator emulator = CosmosEmulator.start();
        CosmosAsyncClient client = connect(emulator)) {
      EmulatedContainer stored =
          emulator.createDatabase("shop").createContainer("orders", 4, "/region");
      CosmosAsyncContainer container = client.getDatabase("shop").getContainer("orders");

      LoadReport report =
          InitialLoader.of(orders().sink(CosmosDocumentSink.of(container)).build()).load();

      assertThat(report.documentsWritten()).isEqualTo(35);
      assertThat(stored.documentCount()).isEqualTo(35);
      assertThat(stored.document("o3", "eu").orElseThrow().get("state").asText())
          .isEqualTo("placed");
      assertThat(emulator.calls().count(EmulatorOperation.BULK_BATCH)).isPositive();
    }
  }

  @Test
  void survivesALostAnswer() {
    commitOrders(35);
    try (CosmosEmulator emulator = CosmosEmulator.start();
        CosmosAsyncClient client = connect(emulator)) {
      EmulatedContainer stored =
          emulator.createDatabase("shop").createContainer("orders", 1, "/region");
      CosmosAsyncContainer container = client.getDatabase("shop").getContainer("orders");
      emulator.faults().onBatch().times(1).afterApply().dropConnection();

      LoadReport report =
          InitialLoader.of(orders().sink(CosmosDocumentSink.of(container)).build()).load();

      assertThat(report.isLoaded()).isTrue();
      assertThat(report.retried()).isPositive();
      assertThat(stored.documentCount()).isEqualTo(35);
    }
  }

  void loadOrdersThrough(CosmosAsyncClient client) {
    client.createDatabase("guide").block();
    client.getDatabase("guide").createContainer("orders", "/region").block();
    CosmosAsyncContainer container = client.getDatabase("guide").getContainer("orders");
    commitOrders(35);

    LoadReport report =
        InitialLoader.of(orders().sink(CosmosDocumentSink.of(container)).build()).load();

    assertThat(report.documentsWritten()).isEqualTo(35);
    JsonNode stored =
        container.readItem("o3", new PartitionKey("eu"), JsonNode.class).block().getItem();
    assertThat(stored.get("state").asText()).isEqualTo("placed");
  }

  /** What {@code VendorEmulatorIT} does where there is Docker. */
  @Test
  void writesToWhateverTheClientIsConnectedTo() {
    try (CosmosEmulator emulator = CosmosEmulator.start();
        CosmosAsyncClient client = connect(emulator)) {
      loadOrdersThrough(client);

      assertThat(emulator.calls().count(EmulatorOperation.CREATE_CONTAINER)).isEqualTo(1);
    }
  }

  @Nested
  class WithTheExtension {
    @RegisterExtension
    static final CosmosEmulatorExtension COSMOS =
        CosmosEmulatorExtension.builder("/region").partitions(4).build();

    @Test
    void writesToAContainerOfItsOwn(
        CosmosAsyncContainer container, CosmosCheckpointStore store, EmulatedContainer stored) {
      commitOrders(35);

      InitialLoader.of(orders().sink(CosmosDocumentSink.of(container)).checkpoints(store).build())
          .load();

      assertThat(stored.documentCount()).isEqualTo(35);
    }

    @Test
    void retriesAThrottledBatch(
        CosmosAsyncContainer container, EmulatedContainer stored, CosmosEmulator emulator) {
      commitOrders(35);
      emulator.faults().onBatch().container(stored.name()).times(1).status(429);

      InitialLoader.of(orders().sink(CosmosDocumentSink.of(container)).build()).load();

      assertThat(stored.documentCount()).isEqualTo(35);
    }
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "COSMOS_ENDPOINT", matches = "https://.+")
  void writesToARealAccount() {
    commitOrders(35);
    try (CosmosAsyncClient client =
        new CosmosClientBuilder()
            .endpoint(System.getenv("COSMOS_ENDPOINT"))
            .key(System.getenv("COSMOS_KEY"))
            .gatewayMode()
            .buildAsyncClient()) {
      String name = "testing-guide-" + UUID.randomUUID();
      client.createDatabase(name).block();
      try {
        client.getDatabase(name).createContainer("orders", "/region").block();
        CosmosAsyncContainer container = client.getDatabase(name).getContainer("orders");

        LoadReport report =
            InitialLoader.of(orders().sink(CosmosDocumentSink.of(container)).build()).load();

        assertThat(report.documentsWritten()).isEqualTo(35);
      } finally {
        client.getDatabase(name).delete().block();
      }
    }
  }

  /** What the guide shows stands here, so that it compiles and runs. */
  @Test
  void theGuideShowsTheseTests() throws IOException {
    String guide = Files.readString(Path.of("..", "docs", "testing.md"));
    String source = "";
    for (String file :
        List.of("test/%s/TestingGuideTest.java", "docker/%s/VendorEmulatorIT.java")) {
      source +=
          squeezed(Files.readString(Path.of("src", file.formatted("java/io/reverseetl/examples"))));
    }
    Matcher blocks = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(guide);

    List<String> missing = new ArrayList<>();
    int found = 0;
    while (blocks.find()) {
      String block = blocks.group(1);
      found++;
      if (!source.contains(squeezed(block))) {
        missing.add(block);
      }
    }

    assertThat(missing).isEmpty();
    assertThat(found).isGreaterThan(20);
  }

  /** Without the spaces that the formatter chooses by a line's length. */
  private static String squeezed(String code) {
    return code.replaceAll("\\s+", "");
  }
}
