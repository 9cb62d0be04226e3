package io.reverseetl.spark;

import com.azure.cosmos.CosmosAsyncDatabase;
import com.azure.cosmos.CosmosClientBuilder;
import com.azure.identity.DefaultAzureCredentialBuilder;
import io.reverseetl.LoadReport;
import io.reverseetl.Pipeline;
import io.reverseetl.PollReport;
import io.reverseetl.cosmos.CosmosCheckpointStore;
import io.reverseetl.cosmos.CosmosDocumentSink;
import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.ratelimit.Resilience4jRateLimiter;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;

/** The job of docs/scale-out.md. */
public final class ProductCatalogJob {
  private ProductCatalogJob() {}

  /** What is sent to executors: where things are, and no secret. */
  record Catalog(String table, String endpoint, double requestUnitsPerSecond)
      implements PipelineFactory {

    @Override
    public OpenPipeline open(BudgetShare share) {
      CosmosClientBuilder account = new CosmosClientBuilder().endpoint(endpoint);
      String key = System.getenv("SHOP_KEY"); // only for an emulator
      var client =
          key == null
              ? account.credential(new DefaultAzureCredentialBuilder().build()).buildAsyncClient()
              : account.key(key).gatewayMode().buildAsyncClient();
      CosmosAsyncDatabase shop = client.getDatabase("shop");
      var source = DeltaTableSource.open(table);
      var sink = CosmosDocumentSink.of(shop.getContainer("products"));
      Pipeline pipeline =
          Pipeline.builder("products")
              .source(source)
              .mapper(ColumnMapper.builder().id("product_id").partitionKey("category").build())
              .sink(sink)
              .checkpoints(CosmosCheckpointStore.of(shop.getContainer("checkpoints")))
              .rateLimiter(
                  Resilience4jRateLimiter.requestUnitsPerSecond(share.of(requestUnitsPerSecond)))
              .build();
      return OpenPipeline.of(pipeline, client, source, sink);
    }
  }

  /**
   * Loads the catalog once, and takes in a range of its changes.
   *
   * @param args the table, the account's endpoint, request units per second, bytes of a unit
   */
  public static void main(String[] args) throws Exception {
    Catalog catalog = new Catalog(args[0], args[1], Double.parseDouble(args[2]));
    SparkContext spark = new SparkContext(new SparkConf().setAppName("products"));
    try {
      long unitBytes = Long.parseLong(args[3]);
      LoadReport loaded =
          SparkLoad.of(spark, catalog).plan(planner -> planner.unitBytes(unitBytes)).load();
      PollReport polled = SparkPoll.of(spark, catalog).plan(planner -> planner.shares(8)).poll();
      System.out.println(
          "Version " + loaded.version() + " was loaded, " + polled.toVersion() + " is there.");
    } finally {
      spark.stop();
    }
  }
}
