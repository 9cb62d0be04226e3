package io.reverseetl.bench;

import com.azure.core.credential.AzureKeyCredential;
import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosClientBuilder;
import io.reverseetl.InitialLoader;
import io.reverseetl.Pipeline;
import io.reverseetl.cosmos.CosmosDocumentSink;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.ratelimit.Resilience4jRateLimiter;
import io.reverseetl.ratelimit.WriteRateLimiter;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryTableSource;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Measures how well a load keeps to its budget of request units, by the accounting of the emulator,
 * which runs in a process of its own; and what another client of the same container notices.
 */
@Command(
    name = "ThroughputBenchmark",
    mixinStandardHelpOptions = true,
    description = "Measures how well a load keeps to its budget of request units.")
public final class ThroughputBenchmark implements Callable<Integer> {
  private static final StructType SCHEMA =
      StructType.of(
          Column.required("id", Primitive.STRING),
          Column.required("tenant", Primitive.STRING),
          Column.required("text", Primitive.STRING));

  /** What the emulator charges for a document of this table. */
  private static final double REQUEST_UNITS = 5.95;

  private static final int MEASURED_SECONDS = 30;
  private static final int WARM_UP_SECONDS = 3;
  private static final int WHOLE_RUN = MEASURED_SECONDS + 2 * WARM_UP_SECONDS;

  @Spec private CommandSpec spec;

  @Option(
      names = "--budget",
      split = ",",
      paramLabel = "RU",
      defaultValue = "400,2000,10000",
      description = "Budgets in request units per second. Default: ${DEFAULT-VALUE}.")
  private List<Integer> budgets = new ArrayList<>();

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "4",
      description = "Partition ranges of the container. Default: ${DEFAULT-VALUE}.")
  private int partitions;

  private ThroughputBenchmark() {}

  /**
   * Measures, and prints tables.
   *
   * @param args the options; {@code --help} lists them
   */
  public static void main(String[] args) {
    // The client talks plain HTTP to the emulator; it reads this once, so it comes first.
    System.setProperty("COSMOS.HTTP_CONNECTION_WITHOUT_TLS_ALLOWED", "true");
    System.setProperty("COSMOS.DISABLE_IMDS_ACCESS", "true");
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new ThroughputBenchmark());
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "| budget, RU/s | provisioned | mean of 30 s | of the budget | busiest second | 429 |");
    out.println("| --- | --- | --- | --- | --- | --- |");
    for (int budget : budgets) {
      int provisioned = 2 * budget;
      try (EmulatorProcess emulator = EmulatorProcess.start(partitions, provisioned, "1g");
          CosmosAsyncClient client = client(emulator)) {
        emulator.create("c", "tenant");
        CosmosAsyncContainer container = client.getDatabase(emulator.database()).getContainer("c");
        load(container, Resilience4jRateLimiter.requestUnitsPerSecond(budget), rows(budget));
        row(out, budget, provisioned, emulator.ledger("c"));
      }
    }
    return 0;
  }

  private static void row(
      PrintWriter out, int budget, int provisioned, List<EmulatorProcess.Second> ledger) {
    List<EmulatorProcess.Second> seconds =
        ledger.subList(WARM_UP_SECONDS, WARM_UP_SECONDS + MEASURED_SECONDS);
    double sum = seconds.stream().mapToDouble(EmulatorProcess.Second::requestUnits).sum();
    double most = ledger.stream().mapToDouble(EmulatorProcess.Second::requestUnits).max().orElse(0);
    long refused = ledger.stream().mapToLong(EmulatorProcess.Second::throttled).sum();
    double mean = sum / MEASURED_SECONDS;
    out.println(
        String.format(
            Locale.ROOT,
            "| %,d | %,d | %,.0f | %.1f %% | %+.1f %% | %,d |",
            budget,
            provisioned,
            mean,
            100 * mean / budget,
            100 * (most / budget - 1),
            refused));
    out.flush();
  }

  private static int rows(double requestUnitsPerSecond) {
    return (int) (requestUnitsPerSecond * WHOLE_RUN / REQUEST_UNITS);
  }

  private static CosmosAsyncClient client(EmulatorProcess emulator) {
    return new CosmosClientBuilder()
        .endpoint(emulator.endpoint())
        .credential(new AzureKeyCredential(emulator.key()))
        .contentResponseOnWriteEnabled(false)
        .endpointDiscoveryEnabled(false)
        .gatewayMode()
        .buildAsyncClient();
  }

  private static void load(
      CosmosAsyncContainer container, @Nullable WriteRateLimiter limiter, int rows) {
    try (InMemoryTableSource table = table(rows);
        CosmosDocumentSink sink = CosmosDocumentSink.of(container)) {
      Pipeline.Builder pipeline =
          Pipeline.builder("bench")
              .source(table)
              .mapper(ColumnMapper.builder().id("id").partitionKey("tenant").build())
              .sink(sink)
              .checkpoints(InMemoryCheckpointStore.create());
      if (limiter != null) {
        pipeline.rateLimiter(limiter);
      }
      InitialLoader.of(pipeline.build()).load();
    }
  }

  @SuppressWarnings("unchecked")
  private static InMemoryTableSource table(int rows) {
    InMemoryTableSource table =
        InMemoryTableSource.of(SCHEMA, InstantSource.system(), Math.max(1, rows / 8));
    String text = "x".repeat(300);
    List<InMemoryTableSource.Change>[] inserts = new List[rows];
    for (int i = 0; i < rows; i++) {
      inserts[i] = table.insert("id-" + i, "tenant-" + i % 1_000, text);
    }
    table.commit(inserts);
    return table;
  }
}
