package io.reverseetl.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Measures everything that {@code docs/benchmarks.md} shows: makes the tables, and runs {@link
 * LoadBenchmark}, {@link ReadBenchmark} and {@link PollBenchmark} on them; and {@link
 * ThroughputBenchmark}. Takes about three quarters of an hour on two cores.
 *
 * <pre>{@code
 * java -cp reverse-etl.jar io.reverseetl.bench.AllBenchmarks
 * }</pre>
 */
@Command(
    name = "AllBenchmarks",
    mixinStandardHelpOptions = true,
    description = "Measures everything that docs/benchmarks.md shows.")
public final class AllBenchmarks implements Callable<Integer> {
  private static final String COMMITS = "20";

  @Spec private CommandSpec spec;

  @Option(
      names = "--small",
      paramLabel = "N",
      defaultValue = "200000",
      description = "Rows of the small table. Default: ${DEFAULT-VALUE}.")
  private long small;

  @Option(
      names = "--large",
      paramLabel = "N",
      defaultValue = "1000000",
      description =
          "Rows of the large tables, one of which has commits. Default: ${DEFAULT-VALUE}.")
  private long large;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often each load is measured. Default: ${DEFAULT-VALUE}.")
  private int runs;

  @Option(
      names = "--xmx",
      paramLabel = "SIZE",
      defaultValue = "512m",
      description = "The heap of what is measured. Default: ${DEFAULT-VALUE}.")
  private String maxHeap;

  private AllBenchmarks() {}

  /**
   * Measures, and prints tables.
   *
   * @param args the options; {@code --help} lists them
   */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new AllBenchmarks());
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    title("Machine");
    spec.commandLine().getOut().println(machine());
    try (ScratchFolder scratch = ScratchFolder.create()) {
      Path smallTable = scratch.path().resolve("small");
      Path largeTable = scratch.path().resolve("large");
      title("Tables");
      generate(small, "0", smallTable);
      generate(large, "0", largeTable);
      Path changedTable = scratch.path().resolve("changed");
      generate(large, COMMITS, changedTable);
      load(small, smallTable);
      load(large, largeTable);
      read("Snapshot to nowhere", largeTable, List.of());
      read("Change feed to nowhere", changedTable, List.of("--changes"));
      poll(changedTable);
    }
    title("Budgets of request units");
    Jvm.of(ThroughputBenchmark.class).maxHeap(maxHeap).run();
    return 0;
  }

  private static String machine() {
    return String.format(
        Locale.ROOT,
        "%d processors, %s %s, Java %s",
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name"),
        System.getProperty("os.arch"),
        Runtime.version());
  }

  private void generate(long rows, String commits, Path table)
      throws IOException, InterruptedException {
    Jvm.of(TableGenerator.class)
        .args(
            List.of("--rows", Long.toString(rows), "--commits", commits, "--out", table.toString()))
        .run();
  }

  private void load(long rows, Path table) throws IOException, InterruptedException {
    title(String.format(Locale.ROOT, "Load of a table of %,d rows", rows));
    Jvm.of(LoadBenchmark.class)
        .args(
            List.of(
                "--table", table.toString(), "--runs", Integer.toString(runs), "--xmx", maxHeap))
        .run();
  }

  private void read(String what, Path table, List<String> more)
      throws IOException, InterruptedException {
    title(what);
    Jvm.of(ReadBenchmark.class)
        .maxHeap(maxHeap)
        .args(
            Stream.concat(Stream.of("--table", table.toString(), "--profile"), more.stream())
                .toList())
        .run();
  }

  private void poll(Path table) throws IOException, InterruptedException {
    title("Polling");
    Jvm.of(PollBenchmark.class)
        .args(
            List.of(
                "--table",
                table.toString(),
                "--rows",
                Long.toString(large),
                "--runs",
                Integer.toString(runs),
                "--xmx",
                maxHeap))
        .run();
  }

  private void title(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%n## %s%n%n", text);
    out.flush();
  }
}
