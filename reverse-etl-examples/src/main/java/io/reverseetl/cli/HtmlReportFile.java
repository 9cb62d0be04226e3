package io.reverseetl.cli;

import io.reverseetl.Pipeline;
import io.reverseetl.report.HtmlReport;
import io.reverseetl.report.RunRecorder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Records a run, and writes its HTML report when it is closed, also when the run failed. */
final class HtmlReportFile implements AutoCloseable {
  private final @Nullable Path file;
  private final RunRecorder recorder;

  /**
   * A report.
   *
   * @param file where it goes; null for none
   */
  HtmlReportFile(
      @Nullable Path file, String command, String pipeline, OptionalDouble requestUnitsPerSecond) {
    this.file = file;
    this.recorder =
        new RunRecorder(command, pipeline, requestUnitsPerSecond, InstantSource.system());
  }

  /** Lets the recorder hear of what the pipeline does. */
  Pipeline.Builder listening(Pipeline.Builder pipeline) {
    return file == null ? pipeline : pipeline.listener(recorder);
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      HtmlReport.write(recorder, file);
    }
  }
}
