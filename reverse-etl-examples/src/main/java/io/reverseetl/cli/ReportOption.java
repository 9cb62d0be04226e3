package io.reverseetl.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.LoadReport;
import io.reverseetl.PollReport;
import io.reverseetl.ReplayReport;
import io.reverseetl.SwitchReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Writes what a run did to a file: as one JSON object, or as a page to look at. */
final class ReportOption {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description =
          "Write what the run did to this file: FILE.html as a page with timelines, any other as"
              + " one JSON object.")
  private @Nullable Path file;

  /** The page, if one is asked for. */
  HtmlReportFile html(String command, PipelineOptions options) {
    return new HtmlReportFile(
        isHtml() ? file : null, command, options.name(), options.throughput().budget());
  }

  /** For a run that has no timeline. */
  void refuseHtml(CommandLine command) {
    if (isHtml()) {
      throw new ParameterException(
          command, "--report: this command writes JSON, so the file's name does not end in .html.");
    }
  }

  private boolean isHtml() {
    return file != null && file.toString().toLowerCase(Locale.ROOT).endsWith(".html");
  }

  void write(LoadReport report) throws IOException {
    ObjectNode json = begin("load", report.pipeline(), report.tableUri(), report.outcome().name());
    json.put("version", report.version());
    json.put("resumed", report.resumed());
    json.put("files", report.partCount());
    json.put("filesFinished", report.partsFinished());
    json.put("rowsRead", report.rowsRead());
    json.put("operationsReduced", 0);
    json.put("written", report.documentsWritten());
    json.put("bytesWritten", report.bytesWritten());
    json.put("deleted", report.documentsDeleted());
    json.put("deadLetters", report.deadLetters());
    json.put("requestUnits", report.requestUnits());
    json.put("throttled", report.throttled());
    json.put("retried", report.retried());
    end(json, report.elapsed(), report.firstDocument());
  }

  void write(PollReport report) throws IOException {
    ObjectNode json = begin("poll", report.pipeline(), report.tableUri(), report.outcome().name());
    json.put("fromVersion", report.fromVersion());
    json.put("version", report.toVersion());
    json.put("newestVersion", report.newestVersion());
    json.put("lagVersions", report.lagVersions());
    if (report.retentionLeft().isPresent()) {
      json.put("retentionLeftSeconds", report.retentionLeft().get().toSeconds());
    } else {
      json.putNull("retentionLeftSeconds");
    }
    json.put("rowsRead", report.changesRead());
    json.put("operationsReduced", report.operationsReduced());
    json.put("unchanged", report.documentsUnchanged());
    json.put("written", report.documentsWritten());
    json.put("bytesWritten", report.bytesWritten());
    json.put("deleted", report.documentsDeleted());
    json.put("deadLetters", report.deadLetters());
    json.put("requestUnits", report.requestUnits());
    json.put("requestUnitsSaved", report.requestUnitsSaved());
    json.put("throttled", report.throttled());
    json.put("retried", report.retried());
    end(json, report.elapsed(), report.firstDocument());
  }

  void write(SwitchReport report) throws IOException {
    ObjectNode json = begin("switch", report.pipeline(), null, report.outcome().name());
    json.put("activeGeneration", report.activeGeneration().orElse(null));
    json.put("previousGeneration", report.previousGeneration().orElse(null));
    json.put("stagedGeneration", report.stagedGeneration().orElse(null));
    json.put("version", report.version());
    json.put("documents", report.documents());
    json.put("rollbackUntil", report.rollbackUntil().map(Instant::toString).orElse(null));
    report.discarded().forEach(json.putArray("discarded")::add);
    json.put("rowsRead", report.rowsRead());
    json.put("changesRead", report.changesRead());
    json.put("deadLetters", report.deadLetters());
    json.put("requestUnits", report.requestUnits());
    end(json, report.elapsed(), Optional.empty());
  }

  void write(ReplayReport report) throws IOException {
    ObjectNode json = JSON.createObjectNode();
    json.put("command", "replay");
    json.put("pipeline", report.pipeline());
    json.put("version", report.version());
    json.put("letters", report.letters());
    json.put("replayed", report.replayed());
    json.put("obsolete", report.obsolete());
    json.put("deadLetters", report.stillFailing());
    json.put("rowsRead", report.rowsRead());
    json.put("written", report.documentsWritten());
    json.put("deleted", report.documentsDeleted());
    json.put("requestUnits", report.requestUnits());
    end(json, report.elapsed(), Optional.empty());
  }

  /** Writes what an estimate found. */
  void write(ObjectNode json) throws IOException {
    if (file != null) {
      JSON.writeValue(file.toFile(), json);
    }
  }

  private static ObjectNode begin(
      String command, String pipeline, @Nullable String table, String outcome) {
    ObjectNode json = JSON.createObjectNode();
    json.put("command", command);
    json.put("pipeline", pipeline);
    json.put("table", table);
    json.put("outcome", outcome);
    return json;
  }

  private void end(ObjectNode json, Duration elapsed, Optional<Duration> firstDocument)
      throws IOException {
    json.put("elapsedMillis", elapsed.toMillis());
    if (firstDocument.isPresent()) {
      json.put("firstDocumentMillis", firstDocument.get().toMillis());
    } else {
      json.putNull("firstDocumentMillis");
    }
    if (file != null && !isHtml()) {
      JSON.writeValue(file.toFile(), json);
    }
  }
}
