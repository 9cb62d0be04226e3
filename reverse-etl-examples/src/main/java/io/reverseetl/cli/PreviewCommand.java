package io.reverseetl.cli;

import io.reverseetl.InitialLoader;
import io.reverseetl.Preview;
import io.reverseetl.document.Document;
import java.io.IOException;
import java.io.Writer;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the first documents as they would be written. */
@Command(
    name = "preview",
    description = "Prints the first documents as they would be written. Writes nothing.")
final class PreviewCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private PipelineOptions options;

  @Option(
      names = "--version",
      paramLabel = "N",
      converter = VersionConverter.class,
      description = "The commit version.")
  private @Nullable Long version;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many rows to map. Default: ${DEFAULT-VALUE}.")
  private int rows;

  @Mixin private OutputOption output;

  @Override
  public Integer call() throws Exception {
    try (OpenPipeline open = options.openWithoutTarget()) {
      InitialLoader loader = InitialLoader.of(open.pipeline().build());
      Preview preview = (version == null ? loader : loader.atVersion(version)).preview(rows);
      print(preview);
      for (String problem : preview.problems()) {
        spec.commandLine().getErr().println("reverse-etl: " + problem);
      }
      spec.commandLine().getErr().flush();
      return preview.problems().isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  private void print(Preview preview) throws IOException {
    try (Writer out = output.open()) {
      for (Document document : preview.documents()) {
        out.write(document.text());
        out.write('\n');
      }
    }
  }
}
