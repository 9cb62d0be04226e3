package io.reverseetl.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.bench.LoadProcess.Subject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Measures loads of a table against the client's bulk executor alone, which is given the same
 * documents ready made. Both run in turn, each time in a new process, against an emulator in a
 * third one that limits nothing; after each run the emulator has to hold exactly the documents.
 *
 * <pre>{@code
 * java -cp reverse-etl.jar io.reverseetl.bench.LoadBenchmark --rows 200000 --runs 3 --xmx 512m
 * }</pre>
 */
@Command(
    name = "LoadBenchmark",
    mixinStandardHelpOptions = true,
    description = "Measures loads against the bulk executor alone.")
public final class LoadBenchmark implements Callable<Integer> {
  private static final String CONTAINER = "documents";
  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private CommandSpec spec;

  @Option(
      names = "--table",
      paramLabel = "DIR",
      description =
          "The table, as TableGenerator writes it: an id in \"id\", a key in \"tenant\". Default:"
              + " one is made, and removed afterwards.")
  private @Nullable Path table;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "200000",
      description = "The size of the table that is made. Default: ${DEFAULT-VALUE}.")
  private long rows;

  @Option(
      names = "--files",
      paramLabel = "N",
      defaultValue = "8",
      description = "How many files it has. Default: ${DEFAULT-VALUE}.")
  private int files;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often each is measured. Default: ${DEFAULT-VALUE}.")
  private int runs;

  @Option(
      names = "--xmx",
      paramLabel = "SIZE",
      defaultValue = "512m",
      description = "The heap of the process that is measured. Default: ${DEFAULT-VALUE}.")
  private String maxHeap;

  @Option(
      names = "--jvm-option",
      paramLabel = "OPTION",
      description = "One more option of that process, for example -XX:+UseSerialGC.")
  private List<String> jvmOptions = new ArrayList<>();

  @Option(
      names = "--subjects",
      split = ",",
      paramLabel = "SUBJECT",
      defaultValue = "LIBRARY,EXECUTOR_TEXT",
      description = "Of ${COMPLETION-CANDIDATES}, in which order. Default: ${DEFAULT-VALUE}.")
  private List<Subject> subjects = new ArrayList<>();

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      defaultValue = "2000",
      description =
          "How many operations the executor is given at a time. Default: ${DEFAULT-VALUE}, as many"
              + " as the library gives it.")
  private int inFlight;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "4",
      description = "Partition ranges of the container. Default: ${DEFAULT-VALUE}.")
  private int partitions;

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

  private final Map<Subject, Results> results = new EnumMap<>(Subject.class);

  private LoadBenchmark() {}

  /**
   * Measures, and prints a table.
   *
   * @param args the options; {@code --help} lists them
   */
  public static void main(String[] args) {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new LoadBenchmark()).setCaseInsensitiveEnumValuesAllowed(true);
  }

  @Override
  public Integer call() throws Exception {
    check(rows >= 1 && files >= 1 && files <= rows, "--rows, --files: at least 1 row a file.");
    check(runs >= 1, "--runs: at least 1.");
    check(inFlight >= 1, "--in-flight: at least 1.");
    check(partitions >= 1, "--partitions: at least 1.");
    check(table == null || Files.isDirectory(table), "--table: there is no folder " + table + ".");
    try (ScratchFolder scratch = ScratchFolder.create()) {
      measure(scratch);
    }
    return 0;
  }

  private void check(boolean right, String message) {
    if (!right) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  private void measure(ScratchFolder scratch) throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Path source = table;
    if (source == null) {
      source = scratch.path().resolve("table");
      TableGenerator.generate(new ChangePlan(rows, files, 0, 0, 0, 0), 1, source, out);
    }
    Documents documents =
        Documents.prepare(source.toString(), scratch.path().resolve("documents.tsv"));
    out.printf(
        Locale.ROOT,
        "%,d documents of %,d bytes on average%n",
        documents.count(),
        Files.size(documents.file()) / documents.count());
    try (EmulatorProcess emulator = EmulatorProcess.start(partitions, emulatorHeap)) {
      for (int run = 1; run <= runs; run++) {
        for (Subject subject : subjects) {
          Path checkpoints = scratch.path().resolve("checkpoints-" + run + "-" + subject);
          measure(subject, run, source, documents, emulator, checkpoints, out);
        }
      }
    }
    report(out);
  }

  private void measure(
      Subject subject,
      int run,
      Path source,
      Documents documents,
      EmulatorProcess emulator,
      Path checkpoints,
      PrintWriter out)
      throws IOException, InterruptedException {
    emulator.create(CONTAINER, "tenant");
    Path input = subject == Subject.LIBRARY ? source : documents.file();
    Jvm jvm = Jvm.of(LoadProcess.class).maxHeap(maxHeap);
    jvmOptions.forEach(jvm::option);
    if (profiles != null) {
      Files.createDirectories(profiles);
      Path recording = profiles.resolve(subject + "-" + run + ".jfr");
      jvm.option("-XX:StartFlightRecording=settings=profile,filename=" + recording);
    }
    long start = System.currentTimeMillis();
    Process process =
        jvm.args(
                List.of(
                    subject.name(),
                    emulator.endpoint(),
                    emulator.key(),
                    emulator.database(),
                    CONTAINER,
                    input.toString(),
                    checkpoints.toString(),
                    Integer.toString(inFlight)))
            .start();
    String[] cost = lastLine(process).split("\t", -1);
    int exitCode = process.waitFor();
    long end = System.currentTimeMillis();
    if (exitCode != 0) {
      throw new IllegalStateException(subject + " ended with exit code " + exitCode + ".");
    }
    verify(subject, documents, emulator);
    Result result =
        new Result(
            documents.count() * 1_000.0 / (end - start),
            (Long.parseLong(cost[0]) - Long.parseLong(cost[1])) / 1_000.0,
            Long.parseLong(cost[1]) / 1_000.0,
            Long.parseLong(cost[2]) / 1_024.0,
            emulator.firstDocument(CONTAINER) - start);
    emulator.drop(CONTAINER);
    results.computeIfAbsent(subject, s -> new Results()).add(result);
    out.printf(Locale.ROOT, "run %d %-13s %s%n", run, subject, result.text());
    out.flush();
  }

  private static String lastLine(Process process) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String last = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        last = line;
      }
      return last;
    }
  }

  /** A load that is fast because it loses or changes documents does not count. */
  private static void verify(Subject subject, Documents documents, EmulatorProcess emulator)
      throws IOException {
    long count = emulator.count(CONTAINER);
    if (count != documents.count()) {
      throw new IllegalStateException(
          subject + " wrote " + count + " of " + documents.count() + " documents.");
    }
    for (Documents.Ready sample : documents.samples()) {
      String text = emulator.get(CONTAINER, sample.id(), sample.partitionKey());
      JsonNode found = JSON.readTree(text);
      if (!found.equals(JSON.readTree(sample.json()))) {
        throw new IllegalStateException(
            subject + " wrote " + text + " instead of " + sample.json() + ".");
      }
    }
  }

  private void report(PrintWriter out) {
    out.printf(
        "%n| %s | documents/s | CPU s | peak RSS MB | first document ms |%n"
            + "| --- | --- | --- | --- | --- |%n",
        "median (min-max) of " + runs);
    results.forEach((subject, figures) -> out.println(figures.row(subject)));
    ratio().ifPresent(line -> out.printf("%n%s%n", line));
    out.flush();
  }

  private Optional<String> ratio() {
    Results library = results.get(Subject.LIBRARY);
    Results executor = results.get(Subject.EXECUTOR_TEXT);
    if (library == null || executor == null) {
      return Optional.empty();
    }
    Figures ratios = new Figures();
    for (int i = 0; i < runs; i++) {
      ratios.add(library.cpu.get(i) / executor.cpu.get(i));
    }
    return Optional.of("CPU of the library / CPU of the executor: " + ratios.text("%.2f"));
  }

  /**
   * One run.
   *
   * @param documentsPerSecond from the start of the process to its end
   * @param cpu seconds of the process, without {@code preparing}
   * @param preparing seconds of the process that it read prepared documents for
   * @param peak megabytes
   * @param firstDocument milliseconds since the start of the process
   */
  private record Result(
      double documentsPerSecond, double cpu, double preparing, double peak, double firstDocument) {
    String text() {
      return String.format(
          Locale.ROOT,
          "%,8.0f documents/s %7.1f CPU s (and %.1f preparing) %7.0f MB, first after %,.0f ms",
          documentsPerSecond,
          cpu,
          preparing,
          peak,
          firstDocument);
    }
  }

  /** All runs of a subject. */
  private static final class Results {
    private final Figures documentsPerSecond = new Figures();
    private final Figures cpu = new Figures();
    private final Figures peak = new Figures();
    private final Figures firstDocument = new Figures();

    void add(Result result) {
      documentsPerSecond.add(result.documentsPerSecond());
      cpu.add(result.cpu());
      peak.add(result.peak());
      firstDocument.add(result.firstDocument());
    }

    String row(Subject subject) {
      return "| "
          + String.join(
              " | ",
              subject.toString(),
              documentsPerSecond.text("%,.0f"),
              cpu.text("%.1f"),
              peak.text("%.0f"),
              firstDocument.text("%,.0f"))
          + " |";
    }
  }
}
