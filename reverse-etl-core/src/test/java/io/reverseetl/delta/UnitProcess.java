package io.reverseetl.delta;

import io.reverseetl.Pipeline;
import io.reverseetl.UnitResult;
import io.reverseetl.UnitRunner;
import io.reverseetl.WorkUnit;
import io.reverseetl.checkpoint.FileCheckpointStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A process that runs work units, which it is given as files. After its first unit it waits inside
 * a later one for its input, so that it can be killed there.
 */
public final class UnitProcess {
  /** How many rows are mapped until the process waits for its input; never if negative. */
  static final AtomicInteger ROWS_TO_PAUSE = new AtomicInteger(-1);

  private UnitProcess() {}

  /** Says where it is, and waits. */
  static void pause() {
    System.out.println("inside");
    try {
      // The end of the input, which a survivor has, lets it go on.
      System.in.read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The parts, made anew in each process. */
  static Pipeline pipeline(DeltaTableSource source, Path work) {
    return Pipeline.builder("planned")
        .source(source)
        .mapper(
            (row, documents) -> {
              if (ROWS_TO_PAUSE.decrementAndGet() == 0) {
                pause();
              }
              new PollingProcess.IdMapper("id").map(row, documents);
            })
        .sink(new PollingProcess.FolderSink(work.resolve("documents")))
        .checkpoints(FileCheckpointStore.of(work.resolve("checkpoints")))
        .lease(Duration.ofSeconds(1))
        .build();
  }

  /** Arguments: the table, the work folder, the files of the units. */
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
        ROWS_TO_PAUSE.set(2);
      }
    }
  }
}
