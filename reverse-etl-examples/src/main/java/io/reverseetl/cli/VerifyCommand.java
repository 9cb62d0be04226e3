package io.reverseetl.cli;

import io.reverseetl.Verifier;
import io.reverseetl.VerifyReport;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Compares the target with the table. */
@Command(
    name = "verify",
    description =
        "Compares the target with the table at the checkpoint's version. Writes nothing; exit code"
            + " 7 if they differ.")
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private PipelineOptions options;
  @Mixin private StrategyOptions strategy;

  @Option(
      names = "--sample",
      paramLabel = "N",
      defaultValue = "1",
      description = "Compare one document in N only. Default: ${DEFAULT-VALUE}, which is all.")
  private int sample;

  @Override
  public Integer call() throws Exception {
    if (sample < 1) {
      throw new ParameterException(
          spec.commandLine(), "--sample: at least 1, but was " + sample + ".");
    }
    try (OpenPipeline open = options.open(strategy)) {
      VerifyReport report = Verifier.of(open.pipeline().build()).oneIn(sample).verify();
      tell(report);
      boolean clean = report.missing() + report.different() + report.extra() == 0;
      return clean ? ExitCode.DONE : ExitCode.DIFFERENCES_FOUND;
    }
  }

  private void tell(VerifyReport report) {
    line("version", report.version());
    line("rows", report.rows());
    line("documents", report.documents());
    line("equal", report.equal());
    line("missing", report.missing());
    line("different", report.different());
    line("extra", report.extra());
    line("foreign", report.foreign());
    line("unmappable rows", report.unmappable());
    spec.commandLine().getOut().flush();
  }

  private void line(String what, long number) {
    spec.commandLine().getOut().println(String.format(Locale.ROOT, "%-16s %,d", what, number));
  }
}
