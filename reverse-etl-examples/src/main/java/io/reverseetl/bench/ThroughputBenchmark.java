package io.reverseetl.bench;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncContainer;
import io.reverseetl.InitialLoader;
import io.reverseetl.Pipeline;
import io.reverseetl.cosmos.CosmosDocumentSink;
import io.reverseetl.cosmos.CosmosRateLimiter;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.ratelimit.Resilience4jRateLimiter;
import io.reverseetl.ratelimit.WriteRateLimiter;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryTableSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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

  private static final int WARM_UP_SECONDS = 3;

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
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new ThroughputBenchmark());
  }

  @Option(
      names = "--neighbour",
      paramLabel = "RU",
      defaultValue = "4000",
      description = {
        "Provisioned throughput of the container that a second client reads from while a load has a"
            + " share of a half, and while one has no limit; 0 leaves it out. Default:"
            + " ${DEFAULT-VALUE}."
      })
  private int neighbour;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "30",
      description =
          "How long each is measured, without 3 s before and after. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Override
  public Integer call() throws Exception {
    if (seconds < 1 || budgets.stream().anyMatch(budget -> budget < 1) || neighbour < 0) {
      throw new ParameterException(spec.commandLine(), "Seconds and budgets are positive.");
    }
    BenchClient.allowPlainHttp();
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "| budget, RU/s | provisioned | mean of "
            + seconds
            + " s | of the budget | busiest second | 429 |");
    out.println("| --- | --- | --- | --- | --- | --- |");
    for (int budget : budgets) {
      fixed(out, budget);
      share(out, budget);
    }
    if (neighbour > 0) {
      neighbours(out);
    }
    return 0;
  }

  private void fixed(PrintWriter out, int budget) throws Exception {
    try (EmulatorProcess emulator = EmulatorProcess.start(partitions, 2 * budget, "1g");
        CosmosAsyncClient client = client(emulator)) {
      load(
          container(emulator, client),
          Resilience4jRateLimiter.requestUnitsPerSecond(budget),
          rows(budget));
      row(out, "fixed", budget, 2 * budget, emulator.ledger("c"));
    }
  }

  private void share(PrintWriter out, int budget) throws Exception {
    try (EmulatorProcess emulator = EmulatorProcess.start(partitions, 2 * budget, "1g");
        CosmosAsyncClient client = client(emulator)) {
      CosmosAsyncContainer container = container(emulator, client);
      try (CosmosRateLimiter half = CosmosRateLimiter.shareOfProvisioned(container, 0.5).build()) {
        load(container, half, rows(budget));
      }
      row(out, "share of 0.5", budget, 2 * budget, emulator.ledger("c"));
    }
  }

  private void neighbours(PrintWriter out) throws Exception {
    out.println();
    out.println(
        "| second client, 20 reads a second | p50 ms | p95 ms | p99 ms | retried by its client |");
    out.println("| --- | --- | --- | --- | --- |");
    for (String what : List.of("alone", "load with a share of 0.5", "load without a limit")) {
      try (EmulatorProcess emulator = EmulatorProcess.start(partitions, neighbour, "1g");
          CosmosAsyncClient loading = client(emulator);
          CosmosAsyncClient reading = client(emulator)) {
        CosmosAsyncContainer container = container(emulator, loading);
        Neighbour other = new Neighbour(reading.getDatabase(emulator.database()).getContainer("c"));
        Future<Neighbour.Latencies> latencies = other.read(seconds);
        if (what.endsWith("0.5")) {
          try (CosmosRateLimiter half =
              CosmosRateLimiter.shareOfProvisioned(container, 0.5).build()) {
            load(container, half, rows(neighbour / 2.0));
          }
        } else if (what.endsWith("limit")) {
          load(container, null, rows(neighbour));
        }
        out.println("| " + what + " | " + latencies.get() + " |");
        out.flush();
      }
    }
  }

  private static CosmosAsyncContainer container(EmulatorProcess emulator, CosmosAsyncClient client)
      throws IOException {
    emulator.create("c", "tenant");
    return client.getDatabase(emulator.database()).getContainer("c");
  }

  private void row(
      PrintWriter out,
      String kind,
      int budget,
      int provisioned,
      List<EmulatorProcess.Second> ledger) {
    List<EmulatorProcess.Second> measured =
        ledger.subList(WARM_UP_SECONDS, WARM_UP_SECONDS + seconds);
    double sum = measured.stream().mapToDouble(EmulatorProcess.Second::requestUnits).sum();
    double most = ledger.stream().mapToDouble(EmulatorProcess.Second::requestUnits).max().orElse(0);
    long refused = ledger.stream().mapToLong(EmulatorProcess.Second::throttled).sum();
    double mean = sum / seconds;
    out.println(
        String.format(
            Locale.ROOT,
            "| %,d, %s | %,d | %,.0f | %.1f %% | %+.1f %% | %,d |",
            budget,
            kind,
            provisioned,
            mean,
            100 * mean / budget,
            100 * (most / budget - 1),
            refused));
    out.flush();
  }

  private int rows(double requestUnitsPerSecond) {
    return (int) (requestUnitsPerSecond * (seconds + 2 * WARM_UP_SECONDS) / REQUEST_UNITS);
  }

  private static CosmosAsyncClient client(EmulatorProcess emulator) {
    return BenchClient.of(emulator.endpoint(), emulator.key());
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

  @SuppressWarnings({"unchecked", "rawtypes"}) // An array of generics, as varargs are.
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
