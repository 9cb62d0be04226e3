package io.reverseetl.bench;

import io.reverseetl.azure.AzureLakeStorage;
import io.reverseetl.azure.Azurite;
import io.reverseetl.azure.FaultProxy;
import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.storage.StorageStatistics;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.TableSnapshot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Measures how long reading a snapshot, or changes, waits for its storage, with and without reading
 * ahead: on one thread, from Azurite, with some latency added to each request. Needs Azurite, which
 * {@code .ci/run} installs, and Node.
 *
 * <pre>{@code
 * java -Xmx512m -cp reverse-etl.jar io.reverseetl.bench.LakeBenchmark --rows 400000 --latency 20
 * }</pre>
 */
@Command(
    name = "LakeBenchmark",
    mixinStandardHelpOptions = true,
    description = "Measures waiting for the storage, with and without reading ahead.")
public final class LakeBenchmark implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "400000",
      description = "How many rows the table has. Default: ${DEFAULT-VALUE}.")
  private long rows;

  @Option(
      names = "--files",
      paramLabel = "N",
      defaultValue = "16",
      description = "How many files hold them. Default: ${DEFAULT-VALUE}.")
  private int files;

  @Option(
      names = "--latency",
      paramLabel = "MILLISECONDS",
      defaultValue = "20",
      description = "How much longer each request takes. Default: ${DEFAULT-VALUE}.")
  private int latency;

  @Option(
      names = "--commits",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Reads the changes of so many commits, one change data file each, instead of a snapshot."
              + " Default: ${DEFAULT-VALUE}.")
  private int commits;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often each way, after one that warms up. Default: ${DEFAULT-VALUE}.")
  private int runs;

  private LakeBenchmark() {}

  /**
   * Measures, and prints figures.
   *
   * @param args the options; {@code --help} lists them
   */
  public static void main(String[] args) {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new LakeBenchmark());
  }

  @Override
  public Integer call() throws IOException {
    if (rows < 1 || files < 1 || files > rows || latency < 0 || commits < 0 || runs < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--rows, --files, --runs: at least 1; --latency, --commits: at least 0.");
    }
    if (Azurite.find().isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "Azurite is not installed: .ci/run installs it where there is Node.");
    }
    PrintWriter out = spec.commandLine().getOut();
    try (ScratchFolder scratch = ScratchFolder.create();
        Azurite azurite = Azurite.start();
        FaultProxy proxy = FaultProxy.before(azurite.endpoint())) {
      Path table = scratch.path().resolve("table");
      TableGenerator.generate(
          new ChangePlan(rows, files, commits, 0.01, 0.005, 0.001), 1, table, out);
      azurite.copyIn(table, "lake", "table");
      proxy.latency(Duration.ofMillis(latency));
      AzureLakeStorage storage =
          Azurite.storage(proxy.endpoint()).accountKey(Azurite.ACCOUNT, Azurite.KEY).build();
      out.printf(
          "| %,d rows, %d files, %d commits, %d ms | s | waiting for the storage | rows/s | reads and"
              + " looks | MB |%n"
              + "| --- | --- | --- | --- | --- | --- |%n",
          rows, files, commits, latency);
      measure(storage, false, 1);
      Result without = measure(storage, false, runs);
      Result with = measure(storage, true, runs);
      without.print("without reading ahead", out);
      with.print("reading ahead", out);
    }
    return 0;
  }

  private Result measure(AzureLakeStorage storage, boolean ahead, int times) {
    Result result = new Result();
    for (int run = 0; run < times; run++) {
      RowToucher toucher = new RowToucher();
      try (DeltaTableSource source =
          DeltaTableSource.builder(Azurite.uri("lake", "table"))
              .storage(storage)
              .readAhead(ahead)
              .build()) {
        if (commits == 0) {
          readSnapshot(source, toucher, result);
        } else {
          readChanges(source, toucher, result);
        }
      }
    }
    return result;
  }

  private void readSnapshot(DeltaTableSource source, RowToucher toucher, Result result) {
    try (TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
      // Reading the log is another matter.
      int parts = snapshot.parts().size();
      StorageStatistics before = source.storageStatistics();
      long start = System.nanoTime();
      long found = 0;
      for (int i = 0; i < parts; i++) {
        SnapshotPart part = snapshot.parts().get(i);
        try (Cursor<Row> cursor = snapshot.open(part)) {
          while (cursor.advance()) {
            toucher.touch(cursor.current());
            found++;
          }
        }
      }
      if (found != rows) {
        throw new IllegalStateException("There are " + found + " rows, not " + rows + ".");
      }
      result.add(start, found, source.storageStatistics().since(before));
    }
  }

  /** As a poll does that begins where the one before it ended: the first commits are known. */
  private void readChanges(DeltaTableSource source, RowToucher toucher, Result result) {
    source.openChanges(ChangeQuery.from(1).to(1)).close();
    StorageStatistics before = source.storageStatistics();
    long start = System.nanoTime();
    long found = 0;
    long lastCommit = 0;
    try (ChangeCursor cursor = source.openChanges(ChangeQuery.from(1))) {
      while (cursor.advance()) {
        toucher.touch(cursor.current().row());
        lastCommit = cursor.current().commitVersion();
        found++;
      }
    }
    if (lastCommit != commits) {
      throw new IllegalStateException(
          "The last commit is " + lastCommit + ", not " + commits + ".");
    }
    result.add(start, found, source.storageStatistics().since(before));
  }

  private static final class Result {
    private final Figures seconds = new Figures();
    private final Figures waiting = new Figures();
    private final Figures rate = new Figures();
    private StorageStatistics last = new StorageStatistics(0, 0, 0, 0, Duration.ZERO);

    void add(long startNanos, long rows, StorageStatistics statistics) {
      double time = (System.nanoTime() - startNanos) / 1e9;
      seconds.add(time);
      waiting.add(100 * statistics.waited().toNanos() / 1e9 / time);
      rate.add(rows / time);
      last = statistics;
    }

    void print(String what, PrintWriter out) {
      out.printf(
          Locale.ROOT,
          "| %s | %s | %s %% | %,.0f | %d | %.1f |%n",
          what,
          seconds.text("%.2f"),
          waiting.text("%.0f"),
          rate.median(),
          last.reads() + last.lookups(),
          last.bytesRead() / 1e6);
      out.flush();
    }
  }
}
