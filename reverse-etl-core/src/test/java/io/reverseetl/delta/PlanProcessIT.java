package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.CdcPoller;
import io.reverseetl.InitialLoader;
import io.reverseetl.LoadPlan;
import io.reverseetl.LoadReport;
import io.reverseetl.Pipeline;
import io.reverseetl.UnitResult;
import io.reverseetl.WorkUnit;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two real processes run the units of a plan; one is killed, and its units are run again. */
@Timeout(300)
class PlanProcessIT {
  private static final String CASE = "16-many-versions";

  @TempDir private Path folder;

  @Test
  void aKilledWorkerLosesNothing() throws Exception {
    Path table = DeltaTables.copy(CASE, folder);
    Path work = Files.createDirectories(folder.resolve("work"));
    List<String> files = new ArrayList<>();
    LoadPlan plan;
    long latest;
    try (DeltaTableSource source = DeltaTableSource.open(table.toString())) {
      latest = source.latestVersion().version();
      plan =
          LoadPlan.of(UnitProcess.pipeline(source, work))
              .atVersion(latest - 1)
              .unitBytes(2_000)
              .begin();
      for (WorkUnit unit : plan.units()) {
        String file = "unit-" + unit.index();
        Files.writeString(work.resolve(file), unit.toJson());
        files.add(file);
      }
    }
    assertThat(files).hasSizeGreaterThan(3);

    // One process has half of the units; the other has the rest and is killed inside one.
    int half = files.size() / 2;
    Process survivor = start(table, work, files.subList(0, half));
    survivor.getOutputStream().close();
    Process victim = start(table, work, files.subList(half, files.size()));
    assertThat(victim.inputReader().readLine()).isEqualTo("inside");
    victim.destroyForcibly().waitFor();
    assertThat(survivor.waitFor()).isZero();
    List<WorkUnit> left = plan.unfinished(results(work, files));
    assertThat(left).isNotEmpty();
    List<String> again = new ArrayList<>();
    left.forEach(unit -> again.add("unit-" + unit.index()));
    again.add(files.get(0));
    Process successor = start(table, work, again);
    successor.getOutputStream().close();
    assertThat(successor.waitFor()).isZero();

    try (DeltaTableSource source = DeltaTableSource.open(table.toString())) {
      Pipeline pipeline = UnitProcess.pipeline(source, work);
      LoadReport report = plan.complete(pipeline, results(work, files));

      assertThat(report.outcome()).isEqualTo(LoadReport.Outcome.COMPLETED);
      assertThat(documents(work)).isEqualTo(loaded(source, latest - 1));
      CdcPoller.builder(pipeline).spillFolder(folder.resolve("spill")).build().pollOnce();
      assertThat(documents(work)).isEqualTo(loaded(source, latest));
    }
  }

  private static List<UnitResult> results(Path work, List<String> files) throws IOException {
    List<UnitResult> results = new ArrayList<>();
    for (String file : files) {
      Path result = work.resolve(file + ".result");
      if (Files.exists(result)) {
        results.add(UnitResult.ofJson(Files.readString(result)));
      }
    }
    return results;
  }

  private static Process start(Path table, Path work, List<String> units) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-cp",
                System.getProperty("java.class.path"),
                UnitProcess.class.getName(),
                table.toString(),
                work.toString()));
    command.addAll(units);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static List<String> documents(Path work) throws IOException {
    try (Stream<Path> files = Files.list(work.resolve("documents"))) {
      List<String> documents = new ArrayList<>();
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        documents.add(Files.readString(file));
      }
      documents.sort(Comparator.naturalOrder());
      return documents;
    }
  }

  /** What one load of the version from nothing leaves. */
  private static List<String> loaded(DeltaTableSource source, long version) {
    InMemoryDocumentSink sink = InMemoryDocumentSink.of("/pk");
    InitialLoader.of(
            Pipeline.builder("whole")
                .source(source)
                .mapper(new PollingProcess.IdMapper("id"))
                .sink(sink)
                .checkpoints(InMemoryCheckpointStore.create())
                .build())
        .atVersion(version)
        .load();
    return sink.documents().keySet().stream()
        .map(key -> sink.json(key).orElseThrow())
        .sorted()
        .toList();
  }
}
