package io.reverseetl.cli;

import com.azure.cosmos.CosmosAsyncContainer;
import io.reverseetl.InitialLoader;
import io.reverseetl.KeySkew;
import io.reverseetl.LoadEstimate;
import io.reverseetl.cosmos.CosmosThroughput;
import io.reverseetl.cosmos.CostCalibration;
import io.reverseetl.cosmos.LoadForecast;
import io.reverseetl.cosmos.ThroughputFormulas;
import io.reverseetl.exceptions.ConfigurationException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Says what a load would read, write, cost and need. */
@Command(
    name = "estimate",
    description = {
      "Says what a load would read, write and cost, how long it would take, and what to provision.",
      "Writes nothing, unless --calibrate asks for it."
    })
final class EstimateCommand implements Callable<Integer> {
  /** So many documents tell their mean cost well enough. */
  private static final int CALIBRATED = 200;

  /** Fewer equal keys in a sample say nothing about the table. */
  private static final int NOTABLE = 5;

  @Spec private CommandSpec spec;
  @Mixin private PipelineOptions options;
  @Mixin private ReportOption report;

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
      description = {
        "How many rows to map. Default: ${DEFAULT-VALUE}.",
        "As many as the table has, and the skew of the partition key is nearly exact."
      })
  private int sample;

  @Option(
      names = "--calibrate",
      description = {
        "Measure what a document costs: make a scratch container beside the target, with its"
            + " indexing policy, write a sample there, and delete it.",
        "Needs the account's key. Default: a model of size and indexed values."
      })
  private boolean calibrate;

  @Override
  public Integer call() throws Exception {
    report.refuseHtml(spec.commandLine());
    try (OpenPipeline open = options.openWithoutTarget()) {
      InitialLoader newest = InitialLoader.of(open.pipeline().build());
      InitialLoader loader = version == null ? newest : newest.atVersion(version);
      LoadEstimate estimate = loader.estimate(sample);
      try (TargetOptions.Account account = options.target().account()) {
        Optional<CosmosAsyncContainer> container = account.container();
        CostCalibration calibration = calibrate ? calibrate(loader, container) : null;
        double cost =
            calibration != null
                ? calibration.insertCost()
                : ThroughputFormulas.insertCost(
                    estimate.meanDocumentBytes(), estimate.meanValues());
        EstimateText text =
            new EstimateText(
                options.name(), estimate, cost, calibration, forecast(estimate, cost, container));
        text.print(spec.commandLine().getOut());
        report.write(text.json());
      }
    }
    return ExitCode.DONE;
  }

  private CostCalibration calibrate(
      InitialLoader loader, Optional<CosmosAsyncContainer> container) {
    if (container.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--calibrate needs --endpoint, --database and --container.");
    }
    return CostCalibration.measure(
        container.get(), loader.preview(Math.min(sample, CALIBRATED)).documents());
  }

  /** Empty if the table does not tell how many rows it has. */
  private Optional<LoadForecast> forecast(
      LoadEstimate estimate, double cost, Optional<CosmosAsyncContainer> container) {
    if (estimate.documents().isEmpty() || estimate.documentBytes().isEmpty()) {
      return Optional.empty();
    }
    LoadForecast.Builder forecast =
        LoadForecast.of(
            estimate.documents().getAsLong(), estimate.documentBytes().getAsLong(), cost);
    options.throughput().budget().ifPresent(forecast::budget);
    var skew = estimate.partitionKeySkew();
    if (!skew.isEmpty()) {
      forecast.hottestShare(notable(estimate, skew.get(skew.size() - 1)));
      if (skew.size() > 1) {
        forecast.firstLevelShare(notable(estimate, skew.get(0)));
      }
    }
    container.ifPresent(existing -> look(existing, forecast));
    return Optional.of(forecast.build());
  }

  private static double notable(LoadEstimate estimate, KeySkew skew) {
    return skew.hottestShare() * estimate.sampledRows() < NOTABLE ? 0 : skew.hottestShare();
  }

  private void look(CosmosAsyncContainer container, LoadForecast.Builder forecast) {
    try {
      CosmosThroughput throughput = CosmosThroughput.of(container);
      forecast.existing(throughput.read(), throughput.physicalPartitions());
    } catch (ConfigurationException e) {
      // A container that is not there yet, or an identity that may not look, is no reason to stop.
      spec.commandLine()
          .getErr()
          .println("reverse-etl: planning for a new container. " + e.getMessage());
    }
  }
}
