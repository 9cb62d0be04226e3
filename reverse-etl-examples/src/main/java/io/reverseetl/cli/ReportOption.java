package io.reverseetl.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.LoadReport;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Writes what a run did to a file, as one JSON object. */
final class ReportOption {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  @Option(
      names = "--report",
      paramLabel = "FILE.json",
      description = "Write what the run did to this file, as one JSON object.")
  private @Nullable Path file;

  void write(LoadReport report) throws IOException {
    if (file == null) {
      return;
    }
    ObjectNode json = JSON.createObjectNode();
    json.put("command", "load");
    json.put("pipeline", report.pipeline());
    json.put("table", report.tableUri());
    json.put("outcome", report.outcome().name());
    json.put("version", report.version());
    json.put("resumed", report.resumed());
    json.put("files", report.partCount());
    json.put("filesFinished", report.partsFinished());
    json.put("rowsRead", report.rowsRead());
    json.put("operationsReduced", 0);
    json.put("written", report.documentsWritten());
    json.put("bytesWritten", report.bytesWritten());
    json.put("deleted", 0);
    json.put("deadLetters", report.deadLetters());
    json.put("requestUnits", report.requestUnits());
    json.put("throttled", report.throttled());
    json.put("retried", report.retried());
    json.put("elapsedMillis", report.elapsed().toMillis());
    if (report.firstDocument().isPresent()) {
      json.put("firstDocumentMillis", report.firstDocument().get().toMillis());
    } else {
      json.putNull("firstDocumentMillis");
    }
    JSON.writeValue(file.toFile(), json);
  }
}
