package io.reverseetl.bench;

import io.reverseetl.bench.PollProcess.Role;
import io.reverseetl.table.SnapshotQuery;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Measures a poller, in a process of its own, against an emulator in another one that limits
 * nothing: a range of many commits taken in by a fresh process; commits of one row while a poller
 * runs; and a poller that finds nothing. The emulator has to hold what the table holds afterwards.
 *
 * <pre>{@code
 * java -cp reverse-etl.jar io.reverseetl.bench.PollBenchmark --rows 1000000 --range-commits 20
 * }</pre>
 */
@Command(
    name = "PollBenchmark",
    mixinStandardHelpOptions = true,
    description = "Measures polling: a range of commits, single commits, and nothing to do.")
public final class PollBenchmark implements Callable<Integer> {
  private static final String CONTAINER = "documents";

  /** About so many documents are compared with the table. */
  private static final int SAMPLED = 500;

  private static final Duration NO_INTERVAL = Duration.ZERO;

  @Spec private CommandSpec spec;

  @Option(
      names = "--subjects",
      split = ",",
      paramLabel = "SUBJECT",
      defaultValue = "RANGE,CONTINUOUS",
      description = "Of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private List<Subject> subjects = new ArrayList<>();

  @Option(
      names = "--table",
      paramLabel = "DIR",
      description =
          "The table of RANGE, as TableGenerator writes it, with commits. Default: one is made, and"
              + " removed afterwards.")
  private @Nullable Path table;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "The size of the table that is made or given. Default: ${DEFAULT-VALUE}.")
  private long rows;

  @Option(
      names = "--files",
      paramLabel = "N",
      defaultValue = "8",
      description = "How many files it has. Default: ${DEFAULT-VALUE}.")
  private int files;

  @Option(
      names = "--range-commits",
      paramLabel = "N",
      defaultValue = "20",
      description =
          "How many commits it has, each of which updates 1 %%, inserts 0.5 %% and deletes 0.1 %% of"
              + " the rows. Default: ${DEFAULT-VALUE}.")
  private int rangeCommits;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often the range is measured. Default: ${DEFAULT-VALUE}.")
  private int runs;

  @Option(
      names = "--xmx",
      paramLabel = "SIZE",
      defaultValue = "512m",
      description = "The heap of the process that takes the range in. Default: ${DEFAULT-VALUE}.")
  private String maxHeap;

  @Option(
      names = "--live-rows",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Rows of the table of CONTINUOUS. Default: ${DEFAULT-VALUE}.")
  private long liveRows;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "150",
      description =
          "How many commits of one row come first, unmeasured. Default: ${DEFAULT-VALUE}.")
  private int warmUp;

  @Option(
      names = "--commits",
      paramLabel = "N",
      defaultValue = "150",
      description = "How many commits of one row are measured. Default: ${DEFAULT-VALUE}.")
  private int commits;

  @Option(
      names = "--interval",
      paramLabel = "MILLIS",
      defaultValue = "1000",
      description = "The interval of the poller. Default: ${DEFAULT-VALUE}.")
  private long intervalMillis;

  @Option(
      names = "--idle-seconds",
      paramLabel = "N",
      defaultValue = "60",
      description =
          "How long the poller then finds nothing; 0 leaves that out. Default: ${DEFAULT-VALUE}.")
  private int idleSeconds;

  @Option(
      names = "--live-xmx",
      paramLabel = "SIZE",
      defaultValue = "128m",
      description = "The heap of the process of CONTINUOUS. Default: ${DEFAULT-VALUE}.")
  private String liveHeap;

  @Option(
      names = "--jvm-option",
      paramLabel = "OPTION",
      description = "One more option of what is measured, for example -XX:+UseSerialGC.")
  private List<String> jvmOptions = new ArrayList<>();

  @Option(
      names = "--emulator-xmx",
      paramLabel = "SIZE",
      defaultValue = "4g",
      description = "The emulator's heap, which holds all documents. Default: ${DEFAULT-VALUE}.")
  private String emulatorHeap;

  @Option(
      names = "--profile",
      paramLabel = "DIR",
      description = "Record each process with the flight recorder; figures are then higher.")
  private @Nullable Path profiles;

  private PollBenchmark() {}

  /** What is measured. */
  enum Subject {
    /** Many commits, taken in by a fresh process. */
    RANGE,
    /** Commits of one row while a poller runs, and then none. */
    CONTINUOUS
  }

  /**
   * Measures, and prints tables.
   *
   * @param args the options; {@code --help} lists them
   */
  public static void main(String[] args) {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new PollBenchmark()).setCaseInsensitiveEnumValuesAllowed(true);
  }

  @Override
  public Integer call() throws Exception {
    check(rows >= 1 && files >= 1 && files <= rows, "--rows, --files: at least 1 row a file.");
    check(rangeCommits >= 1 && runs >= 1, "--range-commits, --runs: at least 1.");
    check(liveRows >= 1 && commits >= 1, "--live-rows, --commits: at least 1.");
    check(warmUp >= 0 && idleSeconds >= 0, "--warm-up, --idle-seconds: at least 0.");
    check(intervalMillis >= 1, "--interval: at least 1.");
    check(table == null || Files.isDirectory(table), "--table: there is no folder " + table + ".");
    try (ScratchFolder scratch = ScratchFolder.create();
        EmulatorProcess emulator = EmulatorProcess.start(4, emulatorHeap)) {
      if (subjects.contains(Subject.RANGE)) {
        ranges(scratch.path(), emulator);
      }
      if (subjects.contains(Subject.CONTINUOUS)) {
        continuously(scratch.path().resolve("live"), emulator);
      }
    }
    return 0;
  }

  private void check(boolean right, String message) {
    if (!right) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  // ---- a range of commits ----

  private void ranges(Path scratch, EmulatorProcess emulator)
      throws IOException, InterruptedException {
    Path source = table;
    if (source == null) {
      source = scratch.resolve("table");
      ChangePlan plan = new ChangePlan(rows, files, rangeCommits, 0.01, 0.005, 0.001);
      TableGenerator.generate(plan, 8, source, out());
    }
    int every = (int) Math.max(1, rows / SAMPLED);
    TableSample before = TableSample.of(source.toString(), SnapshotQuery.atVersion(0), every);
    TableSample after = TableSample.of(source.toString(), SnapshotQuery.latest(), every);
    Figures cpu = new Figures();
    Figures seconds = new Figures();
    Figures peak = new Figures();
    for (int run = 1; run <= runs; run++) {
      emulator.create(CONTAINER, "tenant");
      Path checkpoints = scratch.resolve("checkpoints-" + run);
      load(emulator, source, checkpoints);
      before.verify(emulator, CONTAINER, before);
      long start = System.nanoTime();
      List<Long> figures;
      Jvm jvm = jvm(maxHeap, "range-" + run);
      try (PollClient client =
          PollClient.start(
              jvm, Role.RANGE, emulator, CONTAINER, source, checkpoints, NO_INTERVAL)) {
        figures = client.figuresAtEnd();
      }
      seconds.add((System.nanoTime() - start) / 1e9);
      after.verify(emulator, CONTAINER, before);
      emulator.drop(CONTAINER);
      cpu.add(figures.get(0) / 1_000.0);
      peak.add(figures.get(1) / 1_024.0);
      out()
          .printf(
              Locale.ROOT,
              "run %d: %,d changes to %,d upserts and %,d deletes: %.1f CPU s, %.1f s, %.0f MB%n",
              run,
              figures.get(2),
              figures.get(3),
              figures.get(4),
              cpu.get(run - 1),
              seconds.get(run - 1),
              peak.get(run - 1));
      out().flush();
    }
    out()
        .printf(
            "%n| a range of commits, median (min-max) of %d | CPU s | s | peak RSS MB |%n"
                + "| --- | --- | --- | --- |%n| -Xmx%s | %s | %s | %s |%n%n",
            runs, maxHeap, cpu.text("%.1f"), seconds.text("%.1f"), peak.text("%.0f"));
    out().flush();
  }

  private static void load(EmulatorProcess emulator, Path source, Path checkpoints)
      throws IOException, InterruptedException {
    Jvm jvm = Jvm.of(PollProcess.class).maxHeap("512m");
    try (PollClient client =
        PollClient.start(jvm, Role.LOAD, emulator, CONTAINER, source, checkpoints, NO_INTERVAL)) {
      client.figuresAtEnd();
    }
  }

  private Jvm jvm(String heap, String recording) throws IOException {
    Jvm jvm = Jvm.of(PollProcess.class).maxHeap(heap);
    jvmOptions.forEach(jvm::option);
    if (profiles != null) {
      Files.createDirectories(profiles);
      Path file = profiles.resolve(recording + ".jfr");
      jvm.option("-XX:StartFlightRecording=settings=profile,filename=" + file);
      // What the recorder has to say would stand between the figures.
      jvm.option("-Xlog:jfr+startup=error");
    }
    return jvm;
  }

  // ---- commits of one row ----

  private void continuously(Path folder, EmulatorProcess emulator)
      throws IOException, InterruptedException {
    LiveTable live = LiveTable.create(folder.resolve("table"), liveRows);
    Path source = folder.resolve("table");
    Path checkpoints = folder.resolve("checkpoints");
    TableSample before = TableSample.of(source.toString(), SnapshotQuery.latest(), 1);
    emulator.create(CONTAINER, "tenant");
    load(emulator, source, checkpoints);
    Duration interval = Duration.ofMillis(intervalMillis);
    try (PollClient client =
        PollClient.start(
            jvm(liveHeap, "continuous"),
            Role.CONTINUOUS,
            emulator,
            CONTAINER,
            source,
            checkpoints,
            interval)) {
      commit(live, warmUp, emulator);
      List<Long> start = client.figuresNow();
      Figures latency = commit(live, commits, emulator);
      List<Long> end = client.figuresNow();
      out()
          .printf(
              Locale.ROOT,
              "| commits of one row, interval of %,d ms | commits | commit to document, median ms |"
                  + " p90 ms | p99 ms | CPU s a commit | RSS MB |%n"
                  + "| --- | --- | --- | --- | --- | --- | --- |%n"
                  + "| -Xmx%s, after %d others | %d | %.0f | %.0f | %.0f | %.4f | %.0f |%n%n",
              intervalMillis,
              liveHeap,
              warmUp,
              commits,
              latency.median(),
              latency.quantile(0.9),
              latency.quantile(0.99),
              (end.get(0) - start.get(0)) / 1_000.0 / commits,
              end.get(1) / 1_024.0);
      out().flush();
      idle(client);
      client.end();
    }
    TableSample after = TableSample.of(source.toString(), SnapshotQuery.latest(), 1);
    after.verify(emulator, CONTAINER, before);
    emulator.drop(CONTAINER);
  }

  /** Commits, at times that have nothing to do with those of polls. */
  private Figures commit(LiveTable live, int count, EmulatorProcess emulator)
      throws IOException, InterruptedException {
    Figures latency = new Figures();
    for (int i = 0; i < count; i++) {
      Thread.sleep(ThreadLocalRandom.current().nextLong(intervalMillis));
      LiveTable.Change change = live.commit();
      long seen = emulator.awaitTitle(CONTAINER, change.id(), change.tenant(), change.title());
      latency.add(seen - change.visibleMillis());
    }
    return latency;
  }

  private void idle(PollClient client) throws IOException, InterruptedException {
    if (idleSeconds == 0) {
      return;
    }
    List<Long> start = client.figuresNow();
    long from = System.nanoTime();
    Thread.sleep(Duration.ofSeconds(idleSeconds).toMillis());
    List<Long> end = client.figuresNow();
    double millis = (System.nanoTime() - from) / 1e6;
    out()
        .printf(
            Locale.ROOT,
            "| nothing to do, interval of %,d ms | s | cores | RSS MB | peak RSS MB |%n"
                + "| --- | --- | --- | --- | --- |%n| -Xmx%s | %d | %.4f | %.0f | %.0f |%n%n",
            intervalMillis,
            liveHeap,
            idleSeconds,
            (end.get(0) - start.get(0)) / millis,
            end.get(1) / 1_024.0,
            end.get(2) / 1_024.0);
    out().flush();
  }
}
