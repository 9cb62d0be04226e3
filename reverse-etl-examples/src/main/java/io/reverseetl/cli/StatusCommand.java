package io.reverseetl.cli;

import io.reverseetl.PipelineStatus;
import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.LoadProgress;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says where a pipeline stands. */
@Command(
    name = "status",
    description = "Says where a pipeline stands against its table. Writes nothing.")
final class StatusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private PipelineOptions options;

  @Override
  public Integer call() throws Exception {
    try (OpenPipeline open = options.open()) {
      tell(open.pipeline().build().status());
    }
    return ExitCode.DONE;
  }

  private void tell(PipelineStatus status) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("pipeline        %s%n", status.pipeline());
    out.printf("table           %s%n", status.latest().tableUri());
    out.printf(
        "latest version  %d, committed %s%n",
        status.latest().version(), status.latest().timestamp());
    if (status.checkpoint().isEmpty()) {
      out.println("checkpoint      none: load first");
    } else {
      Checkpoint checkpoint = status.checkpoint().get();
      out.printf(
          "checkpoint      version %d%s, saved %s%n",
          checkpoint.version(),
          checkpoint.load().map(StatusCommand::loading).orElse(""),
          checkpoint.savedAt());
      status.lagVersions().ifPresent(lag -> out.printf("lag             %d versions%n", lag));
      status.lag().ifPresent(lag -> out.printf("lag             %d seconds%n", lag.toSeconds()));
    }
    status
        .earliestChanges()
        .ifPresent(earliest -> out.printf("earliest change version %d%n", earliest));
    status.retentionLeft().ifPresent(left -> out.printf("retention left  %s%n", text(left)));
    out.flush();
  }

  private static String text(Duration left) {
    return left.isZero() || left.isNegative()
        ? "none: the next changes may be gone"
        : "%d days %d hours".formatted(left.toDays(), left.toHoursPart());
  }

  private static String loading(LoadProgress load) {
    return ", of which %d of %d files are loaded"
        .formatted(load.finished().size(), load.partCount());
  }
}
