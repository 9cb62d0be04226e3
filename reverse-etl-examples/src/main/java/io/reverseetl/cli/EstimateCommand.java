package io.reverseetl.cli;

import io.reverseetl.InitialLoader;
import io.reverseetl.LoadEstimate;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what a load would read and write. */
@Command(
    name = "estimate",
    description = "Says how many rows and bytes a load would read and write. Writes nothing.")
final class EstimateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private PipelineOptions options;

  @Option(
      names = "--version",
      paramLabel = "N",
      converter = VersionConverter.class,
      description = "The commit version.")
  private @Nullable Long version;

  @Option(
      names = "--sample",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many rows to map. Default: ${DEFAULT-VALUE}.")
  private int sample;

  @Override
  public Integer call() throws Exception {
    try (OpenPipeline open = options.openWithoutTarget()) {
      InitialLoader loader = InitialLoader.of(open.pipeline().build());
      LoadEstimate estimate =
          (version == null ? loader : loader.atVersion(version)).estimate(sample);
      tell(estimate);
    }
    return ExitCode.DONE;
  }

  private void tell(LoadEstimate estimate) {
    var out = spec.commandLine().getOut();
    out.printf("table                 %s, version %d%n", estimate.tableUri(), estimate.version());
    line("files", OptionalLong.of(estimate.files()));
    line("file bytes", OptionalLong.of(estimate.fileBytes()));
    line("rows", estimate.rows());
    line("documents", estimate.documents());
    line("document bytes", estimate.documentBytes());
    line("mean document", OptionalLong.of(Math.round(estimate.meanDocumentBytes())));
    line("largest in sample", OptionalLong.of(estimate.largestDocumentBytes()));
    line("sampled rows", OptionalLong.of(estimate.sampledRows()));
    line("of these unmappable", OptionalLong.of(estimate.unmappableRows()));
    out.flush();
  }

  private void line(String what, OptionalLong number) {
    spec.commandLine()
        .getOut()
        .println(
            String.format(Locale.ROOT, "%-21s ", what)
                + (number.isPresent()
                    ? String.format(Locale.ROOT, "%,d", number.getAsLong())
                    : "unknown: the table keeps no row counts"));
  }
}
