package io.reverseetl.cli;

import io.reverseetl.ReplayReport;
import io.reverseetl.Replayer;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Writes dead letters again. */
@Command(
    name = "replay",
    description = {
      "Writes dead letters again, as the table makes their documents at the checkpoint's version,"
          + " and removes those that are done.",
      "Needs --dead-letters. Exit code 5 if some fail again."
    })
final class ReplayCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private PipelineOptions options;
  @Mixin private StrategyOptions strategy;
  @Mixin private ReportOption report;

  @Override
  public Integer call() throws Exception {
    if (!options.hasDeadLetters()) {
      throw new ParameterException(
          spec.commandLine(), "--dead-letters is needed: the place of the letters to replay.");
    }
    report.refuseHtml(spec.commandLine());
    try (OpenPipeline open = options.open(strategy)) {
      ReplayReport done = Replayer.of(open.pipeline().build()).replay();
      tell(done);
      report.write(done);
      return done.stillFailing() > 0 ? ExitCode.DONE_WITH_DEAD_LETTERS : ExitCode.DONE;
    }
  }

  private void tell(ReplayReport done) {
    spec.commandLine()
        .getErr()
        .printf(
            Locale.ROOT,
            "Replayed %,d of %,d dead letters at version %d: %,d obsolete, %,d still failing, %,d"
                + " documents written, %,d deleted, %,.0f RU, %.1f s.%n",
            done.replayed(),
            done.letters(),
            done.version(),
            done.obsolete(),
            done.stillFailing(),
            done.documentsWritten(),
            done.documentsDeleted(),
            done.requestUnits(),
            done.elapsed().toMillis() / 1000.0);
    spec.commandLine().getErr().flush();
  }
}
