package io.reverseetl.bench;

import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.TableSnapshot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Measures how rows are read when nothing is done with them but to look at every value: those of a
 * snapshot, or the changes of commits. On one thread, several times in one process; what the first
 * time costs is told with the start of the process, the others are warm.
 *
 * <pre>{@code
 * java -Xmx512m -cp reverse-etl.jar io.reverseetl.bench.ReadBenchmark --table big-table --changes
 * }</pre>
 */
@Command(
    name = "ReadBenchmark",
    mixinStandardHelpOptions = true,
    description = "Measures reading rows to nowhere.")
public final class ReadBenchmark implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--table", required = true, paramLabel = "DIR", description = "The table.")
  private Path table;

  @Option(
      names = "--changes",
      description = "Read the changes of all commits after version 0, not the newest snapshot.")
  private boolean changes;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often, the first time included. Default: ${DEFAULT-VALUE}.")
  private int runs;

  @Option(
      names = "--profile",
      description = "Read once more at the end under a sampler, and tell where the time goes.")
  private boolean profile;

  private ReadBenchmark() {}

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
    return new CommandLine(new ReadBenchmark());
  }

  /** Reads everything once, and gives the number of rows. */
  private interface Reading {
    long rows(RowToucher toucher);
  }

  @Override
  public Integer call() throws IOException, ParseException {
    if (runs < 1) {
      throw new ParameterException(spec.commandLine(), "--runs: at least 1.");
    }
    if (!Files.isDirectory(table)) {
      throw new ParameterException(
          spec.commandLine(), "--table: there is no folder " + table + ".");
    }
    PrintWriter out = spec.commandLine().getOut();
    try (DeltaTableSource source = DeltaTableSource.open(table.toString())) {
      Reading reading =
          changes
              ? toucher -> readChanges(source, toucher)
              : toucher -> readSnapshot(source, toucher);
      measure(reading, out);
      if (profile) {
        sample(reading).print(out);
      }
    }
    return 0;
  }

  private void measure(Reading reading, PrintWriter out) throws IOException {
    RowToucher toucher = new RowToucher();
    Figures rate = new Figures();
    Figures cpu = new Figures();
    for (int run = 1; run <= runs; run++) {
      // The first run answers for the start of the process, too.
      Duration cpuBefore = run == 1 ? Duration.ZERO : ProcessCost.cpu();
      long start = System.nanoTime();
      long rows = reading.rows(toucher);
      double seconds = (System.nanoTime() - start) / 1e9;
      double cpuSeconds = ProcessCost.cpu().minus(cpuBefore).toMillis() / 1_000.0;
      out.printf(
          Locale.ROOT,
          "run %d%s: %,d rows in %.2f s, %,.0f rows/s, %.2f CPU s, %.2f CPU s per million rows%n",
          run,
          run == 1 ? " (with the start)" : "",
          rows,
          seconds,
          rows / seconds,
          cpuSeconds,
          cpuSeconds * 1e6 / Math.max(rows, 1));
      out.flush();
      if (run > 1) {
        rate.add(rows / seconds);
        cpu.add(cpuSeconds * 1e6 / Math.max(rows, 1));
      }
    }
    if (runs > 1) {
      out.printf(
          "warm: %s rows/s, %s CPU s per million rows%n", rate.text("%,.0f"), cpu.text("%.2f"));
    }
    out.printf(
        Locale.ROOT,
        "peak RSS %,d MB (all values: %x)%n",
        ProcessCost.peakKilobytes() / 1_024,
        toucher.sum());
    out.flush();
  }

  private static long readSnapshot(DeltaTableSource source, RowToucher toucher) {
    long count = 0;
    try (TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest())) {
      for (SnapshotPart part : snapshot.parts()) {
        try (Cursor<Row> rows = snapshot.open(part)) {
          while (rows.advance()) {
            toucher.touch(rows.current());
            count++;
          }
        }
      }
    }
    return count;
  }

  private static long readChanges(DeltaTableSource source, RowToucher toucher) {
    long count = 0;
    try (ChangeCursor found = source.openChanges(ChangeQuery.from(1))) {
      while (found.advance()) {
        toucher.touch(found.current().row());
        count++;
      }
    }
    return count;
  }

  private static Profile sample(Reading reading) throws IOException, ParseException {
    try (ScratchFolder scratch = ScratchFolder.create();
        Recording recording = new Recording(Configuration.getConfiguration("profile"))) {
      recording.enable("jdk.ExecutionSample").withPeriod(Duration.ofMillis(10));
      recording.start();
      reading.rows(new RowToucher());
      recording.stop();
      Path file = scratch.path().resolve("read.jfr");
      recording.dump(file);
      return Profile.of(file);
    }
  }
}
