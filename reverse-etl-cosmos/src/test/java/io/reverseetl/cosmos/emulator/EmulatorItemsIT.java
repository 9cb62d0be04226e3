package io.reverseetl.cosmos.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.CosmosItemResponse;
import com.azure.cosmos.models.CosmosPatchItemRequestOptions;
import com.azure.cosmos.models.CosmosPatchOperations;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class EmulatorItemsIT {
  private static CosmosEmulator emulator;
  private static EmulatorClient client;

  private CosmosAsyncContainer items;
  private EmulatedContainer stored;

  @BeforeAll
  static void start() {
    emulator = CosmosEmulator.builder().partitions(2).start();
    client = new EmulatorClient(emulator);
  }

  @AfterAll
  static void stop() {
    client.close();
    emulator.close();
  }

  @BeforeEach
  void createContainer(TestInfo test) {
    String name = test.getTestMethod().orElseThrow().getName();
    items = client.create(EmulatorClient.versionTwo(name, "/pk"));
    stored = emulator.database(EmulatorClient.DATABASE).container(name);
  }

  private static ObjectNode item(String id, String key) {
    return EmulatorClient.item(id, key);
  }

  private JsonNode read(String id, String key) {
    return items.readItem(id, new PartitionKey(key), JsonNode.class).block().getItem();
  }

  private static void assertStatus(Runnable call, int status, int subStatus) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            CosmosException.class,
            e -> {
              assertThat(e.getStatusCode()).isEqualTo(status);
              assertThat(e.getSubStatusCode()).isEqualTo(subStatus);
            });
  }

  @Test
  void createsAndReadsADocumentWithItsSystemProperties() {
    int created = items.createItem(item("1", "a").put("x", 1)).block().getStatusCode();

    JsonNode document = read("1", "a");
    assertThat(created).isEqualTo(201);
    assertThat(document.path("x").asInt()).isEqualTo(1);
    assertThat(document.fieldNames())
        .toIterable()
        .containsExactly("id", "pk", "x", "_rid", "_self", "_etag", "_attachments", "_ts");
  }

  @Test
  void refusesASecondDocumentOfTheSameIdentity() {
    items.createItem(item("1", "a")).block();

    items.createItem(item("1", "b")).block();
    assertStatus(() -> items.createItem(item("1", "a")).block(), 409, 0);
  }

  @Test
  void upsertTellsInsertFromReplace() {
    int first = items.upsertItem(item("1", "a").put("x", 1)).block().getStatusCode();
    int second = items.upsertItem(item("1", "a").put("y", 2)).block().getStatusCode();

    assertThat(first).isEqualTo(201);
    assertThat(second).isEqualTo(200);
    assertThat(stored.document("1", "a").orElseThrow().has("x")).isFalse();
  }

  @Test
  void writesBackWhatWasRead() {
    items.createItem(item("1", "a")).block();
    ObjectNode document = (ObjectNode) read("1", "a");

    items.replaceItem(document.put("x", 1), "1", new PartitionKey("a")).block();

    JsonNode again = read("1", "a");
    assertThat(again.path("x").asInt()).isEqualTo(1);
    assertThat(again.path("_etag")).isNotEqualTo(document.path("_etag"));
    assertThat(again.path("_rid")).isEqualTo(document.path("_rid"));
  }

  @Test
  void deletesADocumentOnce() {
    items.createItem(item("1", "a")).block();

    int deleted = items.deleteItem("1", new PartitionKey("a")).block().getStatusCode();

    assertThat(deleted).isEqualTo(204);
    assertThat(stored.documentCount()).isZero();
    assertStatus(() -> items.deleteItem("1", new PartitionKey("a")).block(), 404, 0);
  }

  @Test
  void refusesAWriteWhoseEtagIsOutdated() {
    String etag = items.createItem(item("1", "a")).block().getETag();
    items.upsertItem(item("1", "a")).block();

    CosmosItemRequestOptions ifMatch = new CosmosItemRequestOptions().setIfMatchETag(etag);
    assertStatus(
        () -> items.replaceItem(item("1", "a"), "1", new PartitionKey("a"), ifMatch).block(),
        412,
        0);
  }

  @Test
  void answersAnUnchangedDocumentWithNotModified() {
    String etag = items.createItem(item("1", "a")).block().getETag();

    CosmosItemRequestOptions ifNoneMatch = new CosmosItemRequestOptions().setIfNoneMatchETag(etag);
    CosmosItemResponse<JsonNode> response =
        items.readItem("1", new PartitionKey("a"), ifNoneMatch, JsonNode.class).block();

    assertThat(response.getStatusCode()).isEqualTo(304);
  }

  @Test
  void patchesInPlace() {
    items.createItem(item("1", "a").put("n", 1).put("old", "x")).block();
    CosmosPatchOperations steps =
        CosmosPatchOperations.create()
            .set("/name", "new")
            .increment("/n", 4)
            .remove("/old")
            .add("/list", new int[] {1, 3})
            .add("/list/1", 2);

    items.patchItem("1", new PartitionKey("a"), steps, JsonNode.class).block();

    JsonNode document = read("1", "a");
    assertThat(document.path("name").asText()).isEqualTo("new");
    assertThat(document.path("n").asInt()).isEqualTo(5);
    assertThat(document.has("old")).isFalse();
    assertThat(document.path("list").toString()).isEqualTo("[1,2,3]");
  }

  @Test
  void patchesOnlyWhenTheConditionHolds() {
    items.createItem(item("1", "a").put("_version", 5)).block();
    CosmosPatchOperations steps = CosmosPatchOperations.create().set("/state", "done");
    CosmosPatchItemRequestOptions older =
        new CosmosPatchItemRequestOptions()
            .setFilterPredicate("FROM c WHERE NOT IS_DEFINED(c._version) OR c._version < 5");
    CosmosPatchItemRequestOptions newer =
        new CosmosPatchItemRequestOptions()
            .setFilterPredicate("FROM c WHERE (c._version < 6 AND c.id = '1')");

    assertStatus(
        () -> items.patchItem("1", new PartitionKey("a"), steps, older, JsonNode.class).block(),
        412,
        0);
    items.patchItem("1", new PartitionKey("a"), steps, newer, JsonNode.class).block();

    assertThat(read("1", "a").path("state").asText()).isEqualTo("done");
  }

  @Test
  void leavesADocumentAloneWhenOneStepOfAPatchFails() {
    items.createItem(item("1", "a").put("n", 1)).block();
    CosmosPatchOperations steps =
        CosmosPatchOperations.create().set("/n", 2).replace("/missing", 1);

    assertStatus(
        () -> items.patchItem("1", new PartitionKey("a"), steps, JsonNode.class).block(), 400, 0);
    assertThat(read("1", "a").path("n").asInt()).isEqualTo(1);
  }

  @Test
  void refusesAKeyThatDiffersFromTheDocument() {
    assertStatus(
        () -> items.createItem(item("1", "a"), new PartitionKey("b"), null).block(), 400, 1001);
  }

  @Test
  void refusesIdsThatTheServiceRefuses() {
    assertStatus(() -> items.createItem(item("a/b", "a")).block(), 400, 0);
    assertStatus(() -> items.createItem(item("x".repeat(1024), "a")).block(), 400, 0);
    assertStatus(() -> items.createItem(item("你".repeat(342), "a")).block(), 400, 0);
    assertStatus(() -> items.createItem(item("", "a")).block(), 400, 0);
    items.createItem(item("你".repeat(341), "a")).block();
  }

  @Test
  void keepsIdsWithCharactersThatNeedEscapingInAPath() {
    String id = "ä b+c%20\"é你";
    items.createItem(item(id, "ä\"b")).block();

    JsonNode document = read(id, "ä\"b");

    assertThat(document.path("id").asText()).isEqualTo(id);
    items.deleteItem(id, new PartitionKey("ä\"b")).block();
    assertThat(stored.documentCount()).isZero();
  }

  @Test
  void refusesADocumentOverTwoMegabytes() {
    ObjectNode large = item("1", "a").put("x", "y".repeat(2 * 1024 * 1024));

    assertStatus(() -> items.createItem(large).block(), 413, 0);
  }

  @Test
  void refusesKeysThatAreTooLong() {
    items.createItem(item("1", "k".repeat(2048))).block();
    assertStatus(() -> items.createItem(item("1", "k".repeat(2049))).block(), 400, 0);
  }

  @Test
  void refusesDocumentsThatAreNestedTooDeep() {
    ObjectNode root = item("1", "a");
    ObjectNode inner = root;
    for (int i = 0; i < 128; i++) {
      inner = inner.putObject("n");
    }

    assertStatus(() -> items.createItem(root).block(), 400, 0);
  }

  @Test
  void keepsUndefinedAndNullKeysApart() {
    items.createItem(Json.object().put("id", "1"), PartitionKey.NONE, null).block();
    items.createItem(Json.object().put("id", "1").putNull("pk")).block();

    assertThat(stored.documentCount()).isEqualTo(2);
    assertThat(items.readItem("1", PartitionKey.NONE, JsonNode.class).block().getItem().has("pk"))
        .isFalse();
  }

  @Test
  void deletesEverythingUnderOneKey() {
    items.createItem(item("1", "a")).block();
    items.createItem(item("2", "a")).block();
    items.createItem(item("3", "b")).block();

    items.deleteAllItemsByPartitionKey(new PartitionKey("a"), null).block();

    assertThat(stored.documents()).extracting(d -> d.path("id").asText()).containsExactly("3");
  }

  @Test
  void givesAMissingContainerItsOwnSubStatus() {
    CosmosAsyncContainer missing = client.container("missing");

    assertStatus(
        () -> missing.readItem("1", new PartitionKey("a"), JsonNode.class).block(), 404, 1003);
  }
}
