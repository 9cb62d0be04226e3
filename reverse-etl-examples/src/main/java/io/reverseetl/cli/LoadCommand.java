package io.reverseetl.cli;

import io.reverseetl.InitialLoader;
import io.reverseetl.LoadReport;
import io.reverseetl.cosmos.ThroughputPlan;
import io.reverseetl.exceptions.ReverseEtlException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Loads a version of a table. */
@Command(
    name = "load",
    description = {
      "Loads one version of a table into the target, and leaves the checkpoint there.",
      "A load that was stopped or killed goes on where it was."
    })
final class LoadCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private PipelineOptions options;
  @Mixin private StrategyOptions strategy;

  @Option(
      names = "--version",
      paramLabel = "N",
      converter = VersionConverter.class,
      description = "The commit version. Default: the newest.")
  private @Nullable Long version;

  @Option(
      names = "--deadline",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "Stop after this time with the progress saved, for example 8m.")
  private @Nullable Duration deadline;

  @Option(
      names = "--remove-orphans",
      description = {
        "After the load, delete documents that the version does not have: those that carry"
            + " _sourceVersion, which --stamp writes."
      })
  private boolean removeOrphans;

  @Mixin private ProgressOption progress;
  @Mixin private ReportOption report;

  @Override
  public Integer call() throws Exception {
    PrintWriter err = spec.commandLine().getErr();
    try (OpenPipeline open = options.open(strategy)) {
      if (open.plan().isEmpty()) {
        return load(open, err);
      }
      ThroughputPlan plan = open.plan().get();
      // If this fails, a raise may be on its way: the next run goes on with it.
      plan.raise();
      // What stops the load is not over before the throughput is what it was.
      try (GracefulStop ignored = GracefulStop.on(() -> {})) {
        int exitCode;
        try {
          exitCode = load(open, err);
        } catch (Exception | Error e) {
          restore(plan, e);
          throw e;
        }
        plan.restore();
        return exitCode;
      }
    }
  }

  /** What is recorded stays if this fails, and the next run goes back to it. */
  private static void restore(ThroughputPlan plan, Throwable failure) {
    try {
      plan.restore();
    } catch (ReverseEtlException e) {
      failure.addSuppressed(e);
    }
  }

  private int load(OpenPipeline open, PrintWriter err) throws Exception {
    try (ProgressDisplay display = progress.display(err)) {
      HtmlReportFile html = report.html("load", options);
      InitialLoader loader =
          InitialLoader.of(html.listening(open.pipeline().listener(display)).build());
      if (version != null) {
        loader = loader.atVersion(version);
      }
      if (removeOrphans) {
        loader = loader.removeOrphans();
      }
      // A process that is asked to end waits until the reports are written, too.
      try (GracefulStop ignored = GracefulStop.on(loader::requestStop);
          html) {
        LoadReport done = deadline == null ? loader.load() : loader.load(deadline);
        display.close();
        tell(done, err);
        report.write(done);
        return exitCode(done);
      }
    }
  }

  private static void tell(LoadReport done, PrintWriter err) {
    String what =
        switch (done.outcome()) {
          case COMPLETED -> "Loaded version %d of %s".formatted(done.version(), done.tableUri());
          case ALREADY_LOADED ->
              "Nothing to do: an earlier run loaded version %d of %s"
                  .formatted(done.version(), done.tableUri());
          case DEADLINE_REACHED ->
              "The deadline came with %d of %d files of version %d loaded; run again to go on"
                  .formatted(done.partsFinished(), done.partCount(), done.version());
          case STOPPED ->
              "Stopped with %d of %d files of version %d loaded; run again to go on"
                  .formatted(done.partsFinished(), done.partCount(), done.version());
        };
    err.printf(
        "%s: %,d rows read, %,d documents written, %,d deleted, %,d dead letters, %,.0f RU, %,d"
            + " throttled, %.1f s.%n",
        what,
        done.rowsRead(),
        done.documentsWritten(),
        done.documentsDeleted(),
        done.deadLetters(),
        done.requestUnits(),
        done.throttled(),
        done.elapsed().toMillis() / 1000.0);
    err.flush();
  }

  private static int exitCode(LoadReport done) {
    return switch (done.outcome()) {
      case DEADLINE_REACHED -> ExitCode.DEADLINE_REACHED;
      case STOPPED -> ExitCode.FAILED;
      case COMPLETED, ALREADY_LOADED ->
          done.deadLetters() > 0 ? ExitCode.DONE_WITH_DEAD_LETTERS : ExitCode.DONE;
    };
  }
}
