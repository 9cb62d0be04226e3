package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.CdcPoller;
import io.reverseetl.ChangeTask;
import io.reverseetl.ChangeUnit;
import io.reverseetl.ChangeUnitResult;
import io.reverseetl.ChangeWriteResult;
import io.reverseetl.InitialLoader;
import io.reverseetl.LoadPlan;
import io.reverseetl.LoadReport;
import io.reverseetl.Pipeline;
import io.reverseetl.PollPlan;
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

  @Test
  void aWorkerOfChangesThatIsKilledLosesNothing() throws Exception {
    Path table = DeltaTables.copy(CASE, folder);
    Path work = Files.createDirectories(folder.resolve("work"));
    PollPlan plan;
    long latest;
    try (DeltaTableSource source = DeltaTableSource.open(table.toString())) {
      latest = source.latestVersion().version();
      Pipeline pipeline = UnitProcess.pipeline(source, work);
      InitialLoader.of(pipeline).atVersion(1).load();
      plan = PollPlan.of(pipeline).until(latest - 1).unitBytes(4_000).shares(4).begin();
    }
    List<String> units = new ArrayList<>();
    for (ChangeUnit unit : plan.units()) {
      units.add(saved(work, "unit-" + unit.index(), unit.toJson()));
    }
    assertThat(units).hasSizeGreaterThan(3);

    runWithAKill(table, work, units);
    List<ChangeUnitResult> reads = new ArrayList<>();
    for (String unit : units) {
      reads.add(ChangeUnitResult.ofJson(Files.readString(work.resolve(unit + ".result"))));
    }
    List<ChangeWriteResult> writes = new ArrayList<>();
    for (List<ChangeTask> tasks = plan.unfinishedTasks(reads, writes);
        !tasks.isEmpty();
        tasks = plan.unfinishedTasks(reads, writes)) {
      List<String> files = new ArrayList<>();
      for (ChangeTask task : tasks) {
        files.add(saved(work, "task-" + task.step() + "-" + task.share(), task.toJson()));
      }
      runWithAKill(table, work, files);
      for (String file : files) {
        writes.add(ChangeWriteResult.ofJson(Files.readString(work.resolve(file + ".result"))));
      }
    }

    try (DeltaTableSource source = DeltaTableSource.open(table.toString())) {
      Pipeline pipeline = UnitProcess.pipeline(source, work);
      assertThat(plan.complete(pipeline, reads, writes).toVersion()).isEqualTo(latest - 1);
      assertThat(documents(work)).isEqualTo(loaded(source, latest - 1));
      CdcPoller.builder(pipeline).spillFolder(folder.resolve("spill")).build().pollOnce();
      assertThat(documents(work)).isEqualTo(loaded(source, latest));
    }
  }

  private static String saved(Path work, String name, String json) throws IOException {
    Files.writeString(work.resolve(name), json);
    return name;
  }

  /** Two processes share the files; one is killed inside its second, and another one goes on. */
  private static void runWithAKill(Path table, Path work, List<String> files) throws Exception {
    int half = files.size() / 2;
    Process victim = start(ChangeProcess.class, table, work, files.subList(half, files.size()));
    Process survivor = start(ChangeProcess.class, table, work, files.subList(0, half));
    survivor.getOutputStream().close();
    assertThat(victim.inputReader().readLine()).isEqualTo("inside");
    victim.destroyForcibly().waitFor();
    assertThat(survivor.waitFor()).isZero();
    List<String> left =
        files.stream().filter(file -> !Files.exists(work.resolve(file + ".result"))).toList();
    assertThat(left).isNotEmpty();
    Process successor = start(ChangeProcess.class, table, work, left);
    successor.getOutputStream().close();
    assertThat(successor.waitFor()).isZero();
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
    return start(UnitProcess.class, table, work, units);
  }

  private static Process start(Class<?> main, Path table, Path work, List<String> units)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
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
