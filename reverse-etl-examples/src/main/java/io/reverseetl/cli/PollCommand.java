package io.reverseetl.cli;

import io.reverseetl.CdcPoller;
import io.reverseetl.GapPolicy;
import io.reverseetl.Pipeline;
import io.reverseetl.PollReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Brings a table's changes into the target. */
@Command(
    name = "poll",
    description = {
      "Brings the table's changes since the checkpoint into the target.",
      "Load first. A poll that was stopped or killed goes on where it was."
    })
final class PollCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private PipelineOptions options;
  @Mixin private StrategyOptions strategy;

  @Option(names = "--follow", description = "Go on polling until the process is asked to end.")
  private boolean follow;

  @Option(
      names = "--interval",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "With --follow, how long to wait when there is nothing new. Default: 1s.")
  private @Nullable Duration interval;

  @Option(
      names = "--until-version",
      paramLabel = "N",
      converter = VersionConverter.class,
      description = "Stop at this commit version. Default: the newest when the poll begins.")
  private @Nullable Long untilVersion;

  @Option(
      names = "--deadline",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "Stop after this time with the progress saved, for example 8m.")
  private @Nullable Duration deadline;

  @Option(
      names = "--on-gap",
      paramLabel = "POLICY",
      defaultValue = "fail",
      description =
          "When changes cannot be had: fail with exit code 3, resnapshot (write the newest version"
              + " over what is there), or diff (write only what differs). Default:"
              + " ${DEFAULT-VALUE}.")
  private GapPolicy onGap;

  @Mixin private ReportOption report;

  @Override
  public Integer call() throws Exception {
    checkOptions();
    HtmlReportFile html = report.html("poll", options);
    try (OpenPipeline open = options.open(strategy);
        CdcPoller poller = poller(html.listening(open.pipeline()))) {
      if (follow) {
        return follow(poller, html);
      }
      // A process that is asked to end waits until the reports are written, too.
      try (GracefulStop ignored = GracefulStop.on(poller::requestStop);
          html) {
        PollReport done = poll(poller);
        tell(done);
        report.write(done);
        return exitCode(done);
      }
    }
  }

  private void checkOptions() {
    if (follow && (untilVersion != null || deadline != null)) {
      throw new ParameterException(
          spec.commandLine(),
          "--follow has no end, so it goes without --until-version and" + " --deadline.");
    }
    if (!follow && interval != null) {
      throw new ParameterException(spec.commandLine(), "--interval goes with --follow.");
    }
  }

  private CdcPoller poller(Pipeline.Builder pipeline) {
    CdcPoller.Builder poller = CdcPoller.builder(pipeline.build()).onGap(onGap);
    if (interval != null) {
      poller.interval(interval);
    }
    return poller.build();
  }

  private int follow(CdcPoller poller, HtmlReportFile html)
      throws InterruptedException, IOException {
    try (GracefulStop ignored = GracefulStop.on(poller::close);
        html) {
      poller.start();
      poller.await();
    }
    return ExitCode.DONE;
  }

  private PollReport poll(CdcPoller poller) {
    if (untilVersion != null) {
      return deadline == null
          ? poller.pollUntil(untilVersion)
          : poller.pollUntil(untilVersion, deadline);
    }
    return deadline == null ? poller.pollOnce() : poller.pollOnce(deadline);
  }

  private void tell(PollReport done) {
    String what =
        switch (done.outcome()) {
          case UP_TO_DATE -> "The target holds version %d".formatted(done.toVersion());
          case DEADLINE_REACHED ->
              "The deadline came at version %d; run again to go on".formatted(done.toVersion());
          case STOPPED -> "Stopped at version %d; run again to go on".formatted(done.toVersion());
          case SCHEMA_CHANGED ->
              "Paused at version %d: the next commit changes a column that is mapped"
                  .formatted(done.toVersion());
        };
    PrintWriter err = spec.commandLine().getErr();
    err.printf(
        Locale.ROOT,
        "%s: %,d changes read, %,d documents written, %,d deleted, %,d unchanged, %,d dead"
            + " letters, %,.0f RU, %,d throttled, lag %d versions, %.1f s.%n",
        what,
        done.changesRead(),
        done.documentsWritten(),
        done.documentsDeleted(),
        done.documentsUnchanged(),
        done.deadLetters(),
        done.requestUnits(),
        done.throttled(),
        done.lagVersions(),
        done.elapsed().toMillis() / 1000.0);
    err.flush();
  }

  private static int exitCode(PollReport done) {
    return switch (done.outcome()) {
      case DEADLINE_REACHED -> ExitCode.DEADLINE_REACHED;
      case SCHEMA_CHANGED -> ExitCode.CHANGES_UNAVAILABLE;
      case STOPPED -> ExitCode.FAILED;
      case UP_TO_DATE -> done.deadLetters() > 0 ? ExitCode.DONE_WITH_DEAD_LETTERS : ExitCode.DONE;
    };
  }
}
