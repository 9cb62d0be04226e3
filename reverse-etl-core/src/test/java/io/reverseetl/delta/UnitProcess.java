package io.reverseetl.delta;

import io.reverseetl.Pipeline;
import io.reverseetl.UnitResult;
import io.reverseetl.UnitRunner;
import io.reverseetl.WorkUnit;
import io.reverseetl.checkpoint.FileCheckpointStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;

/** A process that runs work units, which it is given as files, until all are done. */
public final class UnitProcess {
  private UnitProcess() {}

  /** The parts, made anew in each process. */
  static Pipeline pipeline(DeltaTableSource source, Path work) {
    return Pipeline.builder("planned")
        .source(source)
        .mapper(new PollingProcess.IdMapper("id"))
        .sink(new PollingProcess.FolderSink(work.resolve("documents")))
        .checkpoints(FileCheckpointStore.of(work.resolve("checkpoints")))
        .lease(Duration.ofSeconds(1))
        .build();
  }

  /** Arguments: the table, the work folder, the files of the units. Tells each unit when done. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path work = Path.of(args[1]);
    try (DeltaTableSource source = DeltaTableSource.open(args[0]);
        UnitRunner runner = UnitRunner.of(pipeline(source, work))) {
      for (String file : List.of(args).subList(2, args.length)) {
        WorkUnit unit = WorkUnit.ofJson(Files.readString(work.resolve(file)));
        UnitResult result = runner.run(unit);
        Path fresh = work.resolve(file + "." + ProcessHandle.current().pid());
        Files.writeString(fresh, result.toJson());
        Files.move(fresh, work.resolve(file + ".result"), StandardCopyOption.ATOMIC_MOVE);
        System.out.println("done");
      }
    }
  }
}
