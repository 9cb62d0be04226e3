package io.reverseetl.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.KeySkew;
import io.reverseetl.LoadEstimate;
import io.reverseetl.cosmos.CostCalibration;
import io.reverseetl.cosmos.LoadForecast;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * An estimate for a person and for a script.
 *
 * @param requestUnitsPerDocument what an insert costs
 * @param calibration how that was measured; null if it is by the model
 */
record EstimateText(
    String pipeline,
    LoadEstimate estimate,
    double requestUnitsPerDocument,
    @Nullable CostCalibration calibration,
    Optional<LoadForecast> forecast) {

  void print(PrintWriter out) {
    line(out, "table", estimate.tableUri() + ", version " + estimate.version());
    line(out, "files", number(estimate.files()));
    line(out, "file bytes", number(estimate.fileBytes()));
    line(out, "rows", orUnknown(estimate.rows()));
    line(out, "documents", orUnknown(estimate.documents()));
    line(out, "document bytes", orUnknown(estimate.documentBytes()));
    line(out, "mean document", number(estimate.meanDocumentBytes()));
    line(out, "largest in sample", number(estimate.largestDocumentBytes()));
    line(out, "sampled rows", number(estimate.sampledRows()));
    line(out, "of these unmappable", number(estimate.unmappableRows()));
    for (KeySkew skew : estimate.partitionKeySkew()) {
      line(
          out,
          skew.levels() == estimate.partitionKeySkew().size()
              ? "partition key"
              : "  its first " + skew.levels(),
          text(
              "%,d values in the sample, the most frequent has %.1f %%",
              skew.distinctValues(), 100 * skew.hottestShare()));
    }
    line(
        out,
        "RU per document",
        text(
            "%.2f, %s",
            requestUnitsPerDocument,
            calibration == null
                ? "by a model; --calibrate measures it"
                : text(
                    "measured with %,d documents; %.2f where one is replaced",
                    calibration.documents(), calibration.replaceCost())));
    forecast.ifPresent(known -> print(out, known));
    out.flush();
  }

  private static void print(PrintWriter out, LoadForecast forecast) {
    line(out, "RU", number(forecast.requestUnits()));
    line(out, "stored GB", text("%.2f, with the index", forecast.storedGigabytes()));
    line(out, "physical partitions", number(forecast.partitions()));
    line(
        out,
        "duration",
        text(
            "%s at %,.0f RU/s, by %s%s",
            readable(forecast.duration()),
            forecast.requestUnitsPerSecond(),
            switch (forecast.pacedBy()) {
              case BUDGET -> "the rate limit";
              case PROVISIONED -> "the throughput";
              case CLIENT -> "the client's cores";
            },
            forecast.boundBySkew() ? "; longer for the busiest partition key" : ""));
    forecast.advice().forEach(sentence -> line(out, "advice", sentence));
  }

  private static String readable(Duration duration) {
    long seconds = Math.max(1, Math.round(duration.toMillis() / 1000.0));
    return seconds < 3_600
        ? text("%d min %02d s", seconds / 60, seconds % 60)
        : text("%,d h %02d min", seconds / 3_600, seconds / 60 % 60);
  }

  ObjectNode json() {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("command", "estimate").put("pipeline", pipeline).put("table", estimate.tableUri());
    json.put("version", estimate.version());
    json.put("files", estimate.files()).put("fileBytes", estimate.fileBytes());
    put(json, "rows", estimate.rows());
    put(json, "documents", estimate.documents());
    put(json, "documentBytes", estimate.documentBytes());
    json.put("meanDocumentBytes", estimate.meanDocumentBytes());
    json.put("largestDocumentBytes", estimate.largestDocumentBytes());
    json.put("sampledRows", estimate.sampledRows());
    json.put("unmappableRows", estimate.unmappableRows());
    for (KeySkew skew : estimate.partitionKeySkew()) {
      json.withArray("partitionKeySkew")
          .addObject()
          .put("levels", skew.levels())
          .put("distinctValues", skew.distinctValues())
          .put("hottestShare", skew.hottestShare());
    }
    json.put("requestUnitsPerDocument", requestUnitsPerDocument);
    json.put("requestUnitsBy", calibration == null ? "model" : "calibration");
    if (calibration != null) {
      json.put("requestUnitsPerReplace", calibration.replaceCost());
    }
    forecast.ifPresent(known -> put(json, known));
    return json;
  }

  private static void put(ObjectNode json, LoadForecast forecast) {
    json.put("requestUnits", forecast.requestUnits());
    json.put("storedGigabytes", forecast.storedGigabytes());
    json.put("partitions", forecast.partitions());
    json.put("requestUnitsPerSecond", forecast.requestUnitsPerSecond());
    json.put("pacedBy", forecast.pacedBy().name());
    json.put("durationSeconds", forecast.duration().toMillis() / 1000.0);
    json.put("boundBySkew", forecast.boundBySkew());
    json.put("hottestGigabytes", forecast.hottestGigabytes());
    json.put("createStandard", forecast.createStandard());
    json.put("createAutoscale", forecast.createAutoscale());
    json.put("loadAt", forecast.loadAt());
    json.put("standardFloorAfterwards", forecast.standardFloorAfterwards());
    json.put("autoscaleFloorAfterwards", forecast.autoscaleFloorAfterwards());
    forecast.advice().forEach(json.putArray("advice")::add);
  }

  private static void put(ObjectNode json, String name, OptionalLong value) {
    if (value.isPresent()) {
      json.put(name, value.getAsLong());
    } else {
      json.putNull(name);
    }
  }

  private static void line(PrintWriter out, String what, String value) {
    out.println(text("%-21s %s", what, value));
  }

  private static String orUnknown(OptionalLong value) {
    return value.isPresent() ? number(value.getAsLong()) : "unknown: the table keeps no row counts";
  }

  private static String number(double value) {
    return text("%,.0f", value);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
