package io.reverseetl.cli;

import io.reverseetl.Pipeline;
import io.reverseetl.SnapshotSwitcher;
import io.reverseetl.SwitchReport;
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

/** Loads a new snapshot beside the served one and points readers to it. */
@Command(
    name = "switch",
    description = {
      "Loads a new snapshot beside the served one, compares it with the table, and points readers"
          + " to it.",
      "A switch that was stopped or killed goes on where it was. Readers follow the document named"
          + " after the container in the container C-pointer."
    })
final class SwitchCommand implements Callable<Integer> {
  /** How snapshots are kept apart. */
  enum Strategy {
    /** A container for each. */
    CONTAINER,
    /** A property in one container. */
    FLAG
  }

  @Spec private CommandSpec spec;
  @Mixin private PipelineOptions options;

  @Option(
      names = "--strategy",
      paramLabel = "container|flag",
      description =
          "A container for each snapshot, or a property in one container. Needed, but for"
              + " --rollback.")
  private @Nullable Strategy strategy;

  @Option(
      names = "--version",
      paramLabel = "N",
      converter = VersionConverter.class,
      description = "The commit version. Default: the newest, with what is committed meanwhile.")
  private @Nullable Long version;

  @Option(
      names = "--rollback",
      description = "Point readers back to what they saw before the last switch.")
  private boolean rollback;

  @Option(
      names = "--grace",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "10m",
      description =
          "How long what readers saw is kept, for them to end and for --rollback. A later switch"
              + " removes it. Default: ${DEFAULT-VALUE}.")
  private Duration grace;

  @Mixin private ProgressOption progress;
  @Mixin private ReportOption report;

  @Override
  public Integer call() throws Exception {
    checkOptions();
    report.refuseHtml(spec.commandLine());
    PrintWriter err = spec.commandLine().getErr();
    try (OpenPipeline open =
            options.open(strategy == null ? Snapshots.EXISTING : Snapshots.of(strategy));
        ProgressDisplay display = progress.display(err)) {
      Pipeline pipeline = open.pipeline().listener(display).build();
      SnapshotSwitcher switcher = SnapshotSwitcher.builder(pipeline).grace(grace).build();
      // A process that is asked to end waits until the report is written, too.
      try (GracefulStop ignored = GracefulStop.on(switcher::requestStop)) {
        SwitchReport done = run(switcher);
        display.close();
        tell(done, err);
        report.write(done);
        return exitCode(done);
      }
    }
  }

  private void checkOptions() {
    if (rollback && version != null) {
      throw new ParameterException(
          spec.commandLine(), "--rollback goes to the snapshot before, so without --version.");
    }
    if (!rollback && strategy == null) {
      throw new ParameterException(spec.commandLine(), "--strategy is needed: container or flag.");
    }
    if (grace.isZero()) {
      throw new ParameterException(spec.commandLine(), "--grace: more than zero is needed.");
    }
  }

  private SwitchReport run(SnapshotSwitcher switcher) {
    if (rollback) {
      return switcher.rollback();
    }
    return version == null ? switcher.switchToLatest() : switcher.switchTo(version);
  }

  private static void tell(SwitchReport done, PrintWriter err) {
    String active = done.activeGeneration().orElse("before the first switch");
    String what =
        switch (done.outcome()) {
          case SWITCHED ->
              "Readers see snapshot %s, version %d, %,d documents"
                  .formatted(active, done.version(), done.documents());
          case ROLLED_BACK -> "Readers are back at the snapshot %s".formatted(active);
          case ALREADY_ROLLED_BACK ->
              "Nothing to do: readers were pointed back to the snapshot %s before"
                  .formatted(active);
          case NOT_VERIFIED ->
              "The new snapshot is not what the table is, so readers see what they saw (%s)"
                  .formatted(
                      done.verification()
                          .map(
                              found ->
                                  "%d missing, %d different, %d too many, %d not mapped"
                                      .formatted(
                                          found.missing(),
                                          found.different(),
                                          found.extra(),
                                          found.unmappable()))
                          .orElse("dead letters"));
          case DEADLINE_REACHED, STOPPED -> "Stopped; run again to go on";
        };
    err.printf(
        Locale.ROOT,
        "%s: %,d rows and %,d changes read, %,d dead letters, %,.0f RU, %d old snapshots removed,"
            + " %.1f s.%n",
        what,
        done.rowsRead(),
        done.changesRead(),
        done.deadLetters(),
        done.requestUnits(),
        done.discarded().size(),
        done.elapsed().toMillis() / 1000.0);
    err.flush();
  }

  private static int exitCode(SwitchReport done) {
    return switch (done.outcome()) {
      case SWITCHED, ROLLED_BACK, ALREADY_ROLLED_BACK ->
          done.deadLetters() > 0 ? ExitCode.DONE_WITH_DEAD_LETTERS : ExitCode.DONE;
      case NOT_VERIFIED -> ExitCode.DIFFERENCES_FOUND;
      case DEADLINE_REACHED -> ExitCode.DEADLINE_REACHED;
      case STOPPED -> ExitCode.FAILED;
    };
  }
}
