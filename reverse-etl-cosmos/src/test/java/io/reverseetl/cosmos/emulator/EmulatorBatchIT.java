package io.reverseetl.cosmos.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosBatch;
import com.azure.cosmos.models.CosmosBatchResponse;
import com.azure.cosmos.models.CosmosBulkItemRequestOptions;
import com.azure.cosmos.models.CosmosBulkOperationResponse;
import com.azure.cosmos.models.CosmosBulkOperations;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.CosmosItemOperation;
import com.azure.cosmos.models.PartitionKey;
import com.azure.cosmos.models.PartitionKeyBuilder;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

class EmulatorBatchIT {
  private CosmosEmulator emulator;
  private EmulatorClient client;

  @BeforeEach
  void start() {
    emulator = CosmosEmulator.builder().partitions(4).start();
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

  private static CosmosItemOperation upsert(int number) {
    String key = "key-" + number;
    return CosmosBulkOperations.getUpsertItemOperation(
        EmulatorClient.item("id-" + number, key), new PartitionKey(key));
  }

  private static List<Integer> statuses(List<CosmosBulkOperationResponse<Object>> responses) {
    List<Integer> statuses = new ArrayList<>();
    for (CosmosBulkOperationResponse<Object> response : responses) {
      statuses.add(response.getResponse().getStatusCode());
    }
    return statuses;
  }

  @ParameterizedTest
  @ValueSource(strings = {"one", "two"})
  void bulkReachesEveryPartition(String version) {
    CosmosContainerProperties properties =
        version.equals("one")
            ? EmulatorClient.versionOne("c", "/pk")
            : EmulatorClient.versionTwo("c", "/pk");
    CosmosAsyncContainer container = client.create(properties);

    List<CosmosBulkOperationResponse<Object>> responses =
        EmulatorClient.bulk(container, Flux.range(0, 1_000).map(EmulatorBatchIT::upsert));

    assertThat(statuses(responses)).hasSize(1_000).containsOnly(201);
    assertThat(stored("c").documentCount()).isEqualTo(1_000);
    assertThat(stored("c").documentCountByRange()).hasSize(4).allMatch(count -> count > 100);
  }

  @Test
  void bulkReachesEveryPartitionOfAHierarchicalKey() {
    CosmosAsyncContainer container =
        client.create(EmulatorClient.hierarchical("c", "/tenant", "/user/name", "/n"));
    Flux<CosmosItemOperation> operations =
        Flux.range(0, 500)
            .map(
                i -> {
                  ObjectNode item = Json.object().put("id", "" + i).put("tenant", "t" + i);
                  item.putObject("user").put("name", "u");
                  item.put("n", i);
                  return CosmosBulkOperations.getUpsertItemOperation(
                      item, new PartitionKeyBuilder().add("t" + i).add("u").add(i).build());
                });

    List<CosmosBulkOperationResponse<Object>> responses =
        EmulatorClient.bulk(container, operations);

    assertThat(statuses(responses)).hasSize(500).containsOnly(201);
    assertThat(stored("c").documentCountByRange()).allMatch(count -> count > 50);
  }

  @Test
  void bulkReportsEveryOperationOnItsOwn() {
    CosmosAsyncContainer container = client.create(EmulatorClient.versionTwo("c", "/pk"));
    stored("c").put("{\"id\":\"1\",\"pk\":\"a\",\"n\":1}");
    PartitionKey key = new PartitionKey("a");
    CosmosBulkItemRequestOptions outdated =
        new CosmosBulkItemRequestOptions().setIfMatchETag("\"no\"");

    List<CosmosBulkOperationResponse<Object>> responses =
        EmulatorClient.bulk(
            container,
            Flux.just(
                CosmosBulkOperations.getCreateItemOperation(EmulatorClient.item("1", "a"), key),
                CosmosBulkOperations.getDeleteItemOperation("none", key),
                CosmosBulkOperations.getReplaceItemOperation(
                    "1", EmulatorClient.item("1", "a"), key, outdated),
                CosmosBulkOperations.getCreateItemOperation(EmulatorClient.item("x/y", "a"), key),
                CosmosBulkOperations.getReadItemOperation("1", key),
                CosmosBulkOperations.getCreateItemOperation(EmulatorClient.item("2", "a"), key)));

    assertThat(statuses(responses)).containsExactlyInAnyOrder(409, 404, 412, 400, 200, 201);
    assertThat(stored("c").documentCount()).isEqualTo(2);
  }

  @Test
  void bulkFollowsASplit() {
    CosmosAsyncContainer container = client.create(EmulatorClient.versionTwo("c", "/pk"));
    EmulatorClient.bulk(container, Flux.range(0, 200).map(EmulatorBatchIT::upsert));

    List<String> children = stored("c").split("1");
    List<CosmosBulkOperationResponse<Object>> responses =
        EmulatorClient.bulk(container, Flux.range(0, 400).map(EmulatorBatchIT::upsert));

    assertThat(children).containsExactly("4", "5");
    assertThat(statuses(responses)).hasSize(400).containsOnly(200, 201);
    assertThat(stored("c").documentCount()).isEqualTo(400);
    assertThat(stored("c").documentCountByRange()).hasSize(5).allMatch(count -> count > 10);
  }

  @Test
  void bulkSurvivesSplitsWhileItRuns() {
    CosmosAsyncContainer container = client.create(EmulatorClient.versionOne("c", "/pk"));
    EmulatorClient.bulk(container, Flux.range(0, 50).map(EmulatorBatchIT::upsert));
    // Once: a split per request would outrun the two retries that the client allows itself.
    FaultRule once =
        emulator
            .faults()
            .onBatch()
            .times(1)
            .matching(
                request -> {
                  stored("c").split(stored("c").rangeIds().get(0));
                  return true;
                })
            .delay(Duration.ofNanos(1));

    List<CosmosBulkOperationResponse<Object>> responses =
        EmulatorClient.bulk(container, Flux.range(0, 2_000).map(EmulatorBatchIT::upsert));

    assertThat(once.hits()).isEqualTo(1);
    assertThat(statuses(responses)).hasSize(2_000).containsOnly(200, 201);
    assertThat(stored("c").documentCount()).isEqualTo(2_000);
  }

  @Test
  void refusesABatchForARangeThatItsKeysDoNotBelongTo() {
    client.create(EmulatorClient.versionTwo("c", "/pk"));
    String right = stored("c").rangeIdOf("a");
    String wrong = right.equals("0") ? "1" : "0";

    RawClient raw = new RawClient(emulator);
    String body =
        "[{\"operationType\":\"Upsert\",\"partitionKey\":\"[\\\"a\\\"]\","
            + "\"resourceBody\":{\"id\":\"1\",\"pk\":\"a\"}}]";

    assertThat(raw.bulk("c", right, body).statusCode()).isEqualTo(200);
    assertThat(raw.bulk("c", wrong, body).statusCode()).isEqualTo(410);
    assertThat(raw.bulk("c", wrong, body).headers().firstValue("x-ms-substatus")).contains("1002");
    assertThat(raw.bulk("c", "77", body).statusCode()).isEqualTo(410);
  }

  @Test
  void refusesBatchesThatAreTooLong() {
    client.create(EmulatorClient.versionTwo("c", "/pk"));
    RawClient raw = new RawClient(emulator);
    String range = stored("c").rangeIdOf("a");
    String operation =
        "{\"operationType\":\"Upsert\",\"partitionKey\":\"[\\\"a\\\"]\","
            + "\"resourceBody\":{\"id\":\"1\",\"pk\":\"a\",\"x\":\"%s\"}}";
    String hundredAndOne =
        "[" + (operation.formatted("") + ",").repeat(100) + operation.formatted("") + "]";
    String large = "[" + operation.formatted("y".repeat(2 * 1024 * 1024)) + "]";

    assertThat(raw.bulk("c", range, hundredAndOne).statusCode()).isEqualTo(400);
    assertThat(raw.bulk("c", range, large).statusCode()).isEqualTo(413);
    assertThat(raw.bulk("c", range, "[{\"oops\"").statusCode()).isEqualTo(400);
    assertThat(
            raw.bulk("c", range, "[" + operation.formatted("\", \"y\":NaN, \"z\":\"") + "]")
                .statusCode())
        .isEqualTo(400);
  }

  @Test
  void transactionalBatchAppliesEverything() {
    CosmosAsyncContainer container = client.create(EmulatorClient.versionTwo("c", "/pk"));
    CosmosBatch batch = CosmosBatch.createCosmosBatch(new PartitionKey("a"));
    batch.createItemOperation(EmulatorClient.item("1", "a"));
    batch.upsertItemOperation(EmulatorClient.item("2", "a"));
    batch.deleteItemOperation("1");

    CosmosBatchResponse response = container.executeCosmosBatch(batch).block();

    assertThat(response.isSuccessStatusCode()).isTrue();
    assertThat(response.getResults())
        .extracting(r -> r.getStatusCode())
        .containsExactly(201, 201, 204);
    assertThat(stored("c").documents()).hasSize(1);
  }

  @Test
  void transactionalBatchRollsBackWhenOneOperationFails() {
    CosmosAsyncContainer container = client.create(EmulatorClient.versionTwo("c", "/pk"));
    stored("c").put("{\"id\":\"1\",\"pk\":\"a\",\"n\":1}");
    stored("c").put("{\"id\":\"2\",\"pk\":\"a\",\"n\":2}");
    List<ObjectNode> before = stored("c").documents();
    CosmosBatch batch = CosmosBatch.createCosmosBatch(new PartitionKey("a"));
    batch.upsertItemOperation(EmulatorClient.item("1", "a").put("n", 5));
    batch.deleteItemOperation("2");
    batch.createItemOperation(EmulatorClient.item("2", "a").put("n", 6));
    batch.createItemOperation(EmulatorClient.item("3", "a"));
    batch.createItemOperation(EmulatorClient.item("1", "a"));

    CosmosBatchResponse response = container.executeCosmosBatch(batch).block();

    assertThat(response.getStatusCode()).isEqualTo(409);
    assertThat(response.getResults())
        .extracting(r -> r.getStatusCode())
        .containsExactly(424, 424, 424, 424, 409);
    assertThat(stored("c").documents()).isEqualTo(before);
  }

  @Test
  void refusesATransactionalBatchOverAHundredOperations() {
    CosmosAsyncContainer container = client.create(EmulatorClient.versionTwo("c", "/pk"));
    CosmosBatch batch = CosmosBatch.createCosmosBatch(new PartitionKey("a"));
    for (int i = 0; i < 101; i++) {
      batch.createItemOperation(EmulatorClient.item("" + i, "a"));
    }

    assertThatThrownBy(() -> container.executeCosmosBatch(batch).block())
        .isInstanceOfSatisfying(
            CosmosException.class, e -> assertThat(e.getStatusCode()).isEqualTo(400));
    assertThat(stored("c").documentCount()).isZero();
  }
}
