package io.reverseetl.cosmos.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosException;
import com.azure.cosmos.models.CosmosChangeFeedRequestOptions;
import com.azure.cosmos.models.CosmosItemIdentity;
import com.azure.cosmos.models.CosmosQueryRequestOptions;
import com.azure.cosmos.models.FeedRange;
import com.azure.cosmos.models.FeedResponse;
import com.azure.cosmos.models.PartitionKey;
import com.azure.cosmos.models.PartitionKeyBuilder;
import com.azure.cosmos.models.SqlParameter;
import com.azure.cosmos.models.SqlQuerySpec;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class EmulatorFeedsIT {
  private static CosmosEmulator emulator;
  private static EmulatorClient client;

  private CosmosAsyncContainer items;
  private EmulatedContainer stored;

  @BeforeAll
  static void start() {
    emulator = CosmosEmulator.builder().partitions(3).start();
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

  private void fill(int count) {
    for (int i = 0; i < count; i++) {
      ObjectNode item = EmulatorClient.item("id-" + i, "key-" + i % 10).put("n", i);
      item.putObject("nested").put("even", i % 2 == 0);
      stored.put(item);
    }
  }

  private List<String> ids(String where) {
    return EmulatorClient.query(items, "SELECT VALUE c.id FROM c " + where).stream()
        .map(JsonNode::asText)
        .sorted()
        .toList();
  }

  @Test
  void queriesOverAllPartitionsPageByPage() {
    fill(50);
    List<JsonNode> found = new ArrayList<>();
    List<Integer> pages = new ArrayList<>();

    items
        .queryItems("SELECT * FROM c", new CosmosQueryRequestOptions(), JsonNode.class)
        .byPage(7)
        .doOnNext(page -> found.addAll(page.getResults()))
        .doOnNext(page -> pages.add(page.getResults().size()))
        .blockLast();

    assertThat(found).hasSize(50).extracting(d -> d.path("id").asText()).doesNotHaveDuplicates();
    assertThat(pages).hasSizeGreaterThan(7).allMatch(size -> size <= 7);
  }

  @Test
  void resumesAQueryFromItsContinuation() {
    fill(20);
    FeedResponse<JsonNode> first =
        items.queryItems("SELECT * FROM c", JsonNode.class).byPage(6).blockFirst();

    List<JsonNode> rest = new ArrayList<>();
    items
        .queryItems("SELECT * FROM c", JsonNode.class)
        .byPage(first.getContinuationToken(), 6)
        .doOnNext(page -> rest.addAll(page.getResults()))
        .blockLast();

    assertThat(first.getResults().size() + rest.size()).isEqualTo(20);
  }

  @Test
  void queriesOnePartitionKey() {
    fill(30);
    CosmosQueryRequestOptions options =
        new CosmosQueryRequestOptions().setPartitionKey(new PartitionKey("key-3"));

    List<JsonNode> found =
        items.queryItems("SELECT * FROM c", options, JsonNode.class).collectList().block();
    List<JsonNode> all =
        items.readAllItems(new PartitionKey("key-3"), JsonNode.class).collectList().block();

    assertThat(found).extracting(d -> d.path("n").asInt()).containsExactly(3, 13, 23);
    assertThat(all).isEqualTo(found);
  }

  @Test
  void filtersByConditions() {
    fill(10);
    stored.put("{\"id\":\"odd\",\"pk\":\"x\",\"flag\":null}");

    assertThat(ids("WHERE c.n >= 8")).containsExactly("id-8", "id-9");
    assertThat(ids("WHERE c.n < 4 AND c.nested.even = true")).containsExactly("id-0", "id-2");
    assertThat(ids("WHERE c[\"n\"] IN (1, 3) OR c.id = 'id-5'"))
        .containsExactly("id-1", "id-3", "id-5");
    assertThat(ids("WHERE NOT IS_DEFINED(c.n)")).containsExactly("odd");
    assertThat(ids("WHERE NOT (c.n > 0)")).containsExactly("id-0");
    assertThat(ids("WHERE c.flag = null")).containsExactly("odd");
    assertThat(ids("WHERE STARTSWITH(c.id, 'id-') AND c.n BETWEEN 2 AND 3"))
        .containsExactly("id-2", "id-3");
  }

  @Test
  void bindsParameters() {
    fill(10);
    SqlQuerySpec query =
        new SqlQuerySpec(
            "SELECT r.n, r.nested.even AS e FROM root r WHERE r.pk = @key AND r.n < @most",
            new SqlParameter("@key", "key-4"),
            new SqlParameter("@most", 9));

    List<JsonNode> found = items.queryItems(query, JsonNode.class).collectList().block();

    assertThat(found).hasSize(1);
    assertThat(found.get(0).toString()).isEqualTo("{\"n\":4,\"e\":true}");
  }

  @Test
  void countsAndAggregatesOverAllPartitions() {
    fill(40);

    assertThat(EmulatorClient.query(items, "SELECT VALUE COUNT(1) FROM c"))
        .extracting(JsonNode::asInt)
        .containsExactly(40);
    assertThat(EmulatorClient.query(items, "SELECT VALUE COUNT(1) FROM c WHERE c.n < 5"))
        .extracting(JsonNode::asInt)
        .containsExactly(5);
    assertThat(EmulatorClient.query(items, "SELECT VALUE SUM(c.n) FROM c"))
        .extracting(JsonNode::asInt)
        .containsExactly(780);
    assertThat(EmulatorClient.query(items, "SELECT VALUE MAX(c.n) FROM c"))
        .extracting(JsonNode::asInt)
        .containsExactly(39);
    assertThat(EmulatorClient.query(items, "SELECT VALUE AVG(c.n) FROM c"))
        .extracting(JsonNode::asDouble)
        .containsExactly(19.5);
  }

  @Test
  void countsUnderOnePartitionKey() {
    fill(40);
    CosmosQueryRequestOptions options =
        new CosmosQueryRequestOptions().setPartitionKey(new PartitionKey("key-3"));

    List<Integer> counts =
        items
            .queryItems("SELECT VALUE COUNT(1) FROM c", options, Integer.class)
            .collectList()
            .block();

    assertThat(counts).containsExactly(4);
  }

  @Test
  void ordersOverAllPartitions() {
    fill(25);

    assertThat(EmulatorClient.query(items, "SELECT * FROM c ORDER BY c.n DESC"))
        .extracting(d -> d.path("n").asInt())
        .hasSize(25)
        .isSortedAccordingTo((a, b) -> b - a);
    assertThat(EmulatorClient.query(items, "SELECT VALUE c.id FROM c WHERE c.n > 20 ORDER BY c.n"))
        .extracting(JsonNode::asText)
        .containsExactly("id-21", "id-22", "id-23", "id-24");
  }

  @Test
  void cutsByTopOffsetAndLimit() {
    fill(25);

    assertThat(EmulatorClient.query(items, "SELECT TOP 3 * FROM c")).hasSize(3);
    assertThat(EmulatorClient.query(items, "SELECT * FROM c OFFSET 20 LIMIT 10")).hasSize(5);
    assertThat(EmulatorClient.query(items, "SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 2 LIMIT 3"))
        .extracting(JsonNode::asInt)
        .containsExactly(2, 3, 4);
  }

  @Test
  void refusesWhatItCannotRun() {
    assertThatThrownBy(() -> EmulatorClient.query(items, "SELECT DISTINCT c.n FROM c GROUP BY c.n"))
        .isInstanceOfSatisfying(
            CosmosException.class, e -> assertThat(e.getStatusCode()).isEqualTo(400));
  }

  @Test
  void readsManyItemsAtOnce() {
    fill(30);
    List<CosmosItemIdentity> wanted =
        List.of(
            new CosmosItemIdentity(new PartitionKey("key-1"), "id-1"),
            new CosmosItemIdentity(new PartitionKey("key-1"), "id-11"),
            new CosmosItemIdentity(new PartitionKey("key-2"), "id-22"),
            new CosmosItemIdentity(new PartitionKey("key-5"), "id-15"),
            new CosmosItemIdentity(new PartitionKey("key-5"), "missing"));

    FeedResponse<JsonNode> found = items.readMany(wanted, JsonNode.class).block();

    assertThat(found.getResults())
        .extracting(d -> d.path("id").asText())
        .containsExactlyInAnyOrder("id-1", "id-11", "id-22", "id-15");
  }

  @Test
  void queriesByAPrefixOfAHierarchicalKey() {
    CosmosAsyncContainer container =
        client.create(EmulatorClient.hierarchical("tenants", "/tenant", "/user"));
    EmulatedContainer tenants = emulator.database(EmulatorClient.DATABASE).container("tenants");
    for (int i = 0; i < 40; i++) {
      tenants.put(Json.object().put("id", "" + i).put("tenant", "t" + i % 4).put("user", "u" + i));
    }
    CosmosQueryRequestOptions prefix =
        new CosmosQueryRequestOptions()
            .setPartitionKey(new PartitionKeyBuilder().add("t2").build());

    List<JsonNode> found =
        container.queryItems("SELECT * FROM c", prefix, JsonNode.class).collectList().block();

    assertThat(found).hasSize(10).allMatch(d -> d.path("tenant").asText().equals("t2"));
  }

  @Test
  void continuesAQueryOverASplit() {
    fill(60);
    FeedResponse<JsonNode> first =
        items.queryItems("SELECT * FROM c", JsonNode.class).byPage(5).blockFirst();
    stored.split("0");

    List<JsonNode> rest = new ArrayList<>();
    items
        .queryItems("SELECT * FROM c", JsonNode.class)
        .byPage(first.getContinuationToken(), 5)
        .doOnNext(page -> rest.addAll(page.getResults()))
        .blockLast();

    assertThat(first.getResults().size() + rest.size()).isEqualTo(60);
  }

  private List<JsonNode> drain(CosmosChangeFeedRequestOptions options, String[] continuation) {
    List<JsonNode> changes = new ArrayList<>();
    items
        .queryChangeFeed(options, JsonNode.class)
        .byPage()
        .doOnNext(
            page -> {
              changes.addAll(page.getResults());
              continuation[0] = page.getContinuationToken();
            })
        .blockLast();
    return changes;
  }

  private static CosmosChangeFeedRequestOptions fromBeginning() {
    return CosmosChangeFeedRequestOptions.createForProcessingFromBeginning(
        FeedRange.forFullRange());
  }

  @Test
  void changeFeedShowsEachDocumentAtItsLatestVersion() {
    fill(20);
    stored.put(EmulatorClient.item("id-3", "key-3").put("n", 333));
    stored.delete("id-4", "key-4");

    List<JsonNode> changes = drain(fromBeginning().setMaxItemCount(4), new String[1]);

    assertThat(changes).hasSize(19).allMatch(d -> d.path("_lsn").asLong() > 0);
    assertThat(changes)
        .filteredOn(d -> d.path("id").asText().equals("id-3"))
        .extracting(d -> d.path("n").asInt())
        .containsExactly(333);
  }

  @Test
  void changeFeedContinuesWhereItStoppedEvenOverASplit() {
    fill(20);
    String[] continuation = new String[1];
    drain(fromBeginning(), continuation);
    stored.split("1");
    stored.put(EmulatorClient.item("late-1", "key-1"));
    stored.put(EmulatorClient.item("late-2", "key-7"));
    stored.put(EmulatorClient.item("id-5", "key-5"));

    List<JsonNode> changes =
        drain(
            CosmosChangeFeedRequestOptions.createForProcessingFromContinuation(continuation[0]),
            continuation);

    assertThat(changes)
        .extracting(d -> d.path("id").asText())
        .containsExactlyInAnyOrder("late-1", "late-2", "id-5");
  }

  @Test
  void changeFeedFromNowStartsEmpty() {
    fill(5);
    String[] continuation = new String[1];

    List<JsonNode> before =
        drain(
            CosmosChangeFeedRequestOptions.createForProcessingFromNow(FeedRange.forFullRange()),
            continuation);
    stored.put(EmulatorClient.item("new", "a"));
    List<JsonNode> after =
        drain(
            CosmosChangeFeedRequestOptions.createForProcessingFromContinuation(continuation[0]),
            continuation);

    assertThat(before).isEmpty();
    assertThat(after).extracting(d -> d.path("id").asText()).containsExactly("new");
  }

  @Test
  void feedRangesFollowThePartitions() {
    assertThat(items.getFeedRanges().block()).hasSize(3);
    stored.split("2");

    assertThat(items.getFeedRanges().block()).hasSize(4);
  }
}
