package io.reverseetl.examples;

import com.azure.core.credential.AzureKeyCredential;
import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosClientBuilder;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.JsonNode;
import io.reverseetl.CdcPoller;
import io.reverseetl.InitialLoader;
import io.reverseetl.LoadReport;
import io.reverseetl.Pipeline;
import io.reverseetl.PollReport;
import io.reverseetl.SnapshotSwitcher;
import io.reverseetl.SwitchReport;
import io.reverseetl.cosmos.ActiveSnapshot;
import io.reverseetl.cosmos.CosmosCheckpointStore;
import io.reverseetl.cosmos.CosmosDocumentSink;
import io.reverseetl.cosmos.CosmosSnapshotTarget;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.ratelimit.Resilience4jRateLimiter;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/**
 * The main job, end to end and without an account: a Delta table that Spark wrote is loaded through
 * the real Cosmos DB client into an emulator inside this process, some documents are read back, and
 * the table's later changes follow. At the end a new snapshot is loaded beside the served one, and
 * readers are pointed to it in one step.
 */
public final class Quickstart {
  private Quickstart() {}

  /**
   * Runs the quickstart.
   *
   * @param args the folder of the product catalog's Delta table
   */
  public static void main(String[] args) {
    // The client talks plain HTTP to the emulator; it reads this once, so it comes first.
    System.setProperty("COSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED", "true");
    System.setProperty("COSMOS.DISABLE_IMDS_ACCESS", "true");
    run(args[0], System.out);
  }

  /**
   * Loads the catalog's first version, shows some of it, and brings its later changes in.
   *
   * @param table the folder of the product catalog's Delta table
   * @param out where to tell about it
   * @return what the poll did
   */
  static PollReport run(String table, PrintStream out) {
    try (CosmosEmulator emulator = CosmosEmulator.builder().partitions(2).start();
        CosmosAsyncClient client =
            new CosmosClientBuilder()
                .endpoint(emulator.endpoint().toString())
                .credential(new AzureKeyCredential(emulator.key()))
                .gatewayMode()
                .buildAsyncClient()) {
      client.createDatabaseIfNotExists("shop").block();
      var shop = client.getDatabase("shop");
      shop.createContainerIfNotExists("products", "/category").block();
      shop.createContainerIfNotExists("checkpoints", "/id").block();
      shop.createContainerIfNotExists("pointers", "/id").block();
      CosmosAsyncContainer products = shop.getContainer("products");

      ColumnMapper mapper =
          ColumnMapper.builder().id("product_id").partitionKey("category").build();

      try (var source = DeltaTableSource.open(table);
          var sink = CosmosDocumentSink.of(products)) {
        Pipeline pipeline =
            Pipeline.builder("products")
                .source(source)
                .mapper(mapper)
                .sink(sink)
                .snapshots(
                    CosmosSnapshotTarget.containers(products, shop.getContainer("pointers"))
                        .build())
                .checkpoints(CosmosCheckpointStore.of(shop.getContainer("checkpoints")))
                .rateLimiter(Resilience4jRateLimiter.requestUnitsPerSecond(100_000))
                .build();

        LoadReport loaded = InitialLoader.of(pipeline).atVersion(1).load();
        out.printf(
            "Loaded version %d: %,d documents, %,.0f RU, %.1f s.%n",
            loaded.version(),
            loaded.documentsWritten(),
            loaded.requestUnits(),
            loaded.elapsed().toMillis() / 1000.0);
        show(products, out);

        try (CdcPoller poller = CdcPoller.of(pipeline)) {
          PollReport polled = poller.pollOnce();
          out.printf(
              "Polled to version %d: %,d changes became %,d writes and %,d deletes.%n",
              polled.toVersion(),
              polled.changesRead(),
              polled.documentsWritten(),
              polled.documentsDeleted());
          switchSnapshots(
              pipeline, ActiveSnapshot.of(shop.getContainer("pointers"), "products"), out);
          return polled;
        }
      }
    }
  }

  /** Loads the table once more beside what is served, and points readers to it in one step. */
  private static void switchSnapshots(Pipeline pipeline, ActiveSnapshot active, PrintStream out) {
    String before = active.view().containerName();
    SwitchReport switched = SnapshotSwitcher.of(pipeline).switchToLatest();
    out.printf(
        "Switched to version %d: %,d documents; readers go from \"%s\" to \"%s\".%n",
        switched.version(), switched.documents(), before, active.refresh().containerName());
  }

  private static void show(CosmosAsyncContainer products, PrintStream out) {
    List<JsonNode> some =
        products.queryItems("SELECT * FROM c", JsonNode.class).byPage(3).blockFirst().getResults();
    for (JsonNode product : some) {
      out.println(product);
    }
    JsonNode first = some.get(0);
    JsonNode again =
        products
            .readItem(
                first.get("id").textValue(),
                new PartitionKey(first.get("category").textValue()),
                JsonNode.class)
            .map(answer -> answer.getItem())
            .block();
    out.printf("Read again by id and partition key: %s%n", Map.of("same", first.equals(again)));
  }
}
