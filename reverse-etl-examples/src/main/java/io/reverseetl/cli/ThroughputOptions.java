package io.reverseetl.cli;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.CosmosAsyncDatabase;
import io.reverseetl.Pipeline;
import io.reverseetl.cosmos.CosmosDocumentSink;
import io.reverseetl.cosmos.CosmosRateLimiter;
import io.reverseetl.ratelimit.Resilience4jRateLimiter;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How much of the container's throughput a run may use. */
final class ThroughputOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--ru-per-second",
      paramLabel = "N",
      description = "The most request units to spend per second. Default: no limit.")
  private @Nullable Double requestUnitsPerSecond;

  @Option(
      names = "--ru-share",
      paramLabel = "FRACTION",
      description = {
        "Which part of the container's provisioned throughput to spend, for example 0.4.",
        "It follows changes of the throughput. Needs the account's key."
      })
  private @Nullable Double share;

  @Option(
      names = "--shared-budget",
      paramLabel = "CONTAINER[,NAME]",
      description = {
        "Share --ru-per-second or --ru-share with other processes that say the same, through this"
            + " container of the same database, with partition key /id. Default name: the target's."
      })
  private @Nullable String sharedBudget;

  @Option(
      names = "--throughput-bucket",
      paramLabel = "N",
      description = "Put every write into this throughput bucket of the container, 1 to 5.")
  private @Nullable Integer bucket;

  @Option(
      names = "--low-priority",
      description = "Let others go first, where the account has priority-based execution.")
  private boolean lowPriority;

  /** The budget, if it is a number that is known without asking. */
  OptionalDouble budget() {
    return requestUnitsPerSecond == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(requestUnitsPerSecond);
  }

  /** The sink of a container. */
  CosmosDocumentSink sink(CosmosAsyncContainer container) {
    CosmosDocumentSink.Builder sink =
        CosmosDocumentSink.builder(container).lowPriority(lowPriority);
    if (bucket != null) {
      sink.throughputBucket(bucket);
    }
    return sink.build();
  }

  /** Gives the pipeline its limiter. */
  void limit(
      Pipeline.Builder pipeline,
      OpenPipeline.Builder parts,
      CosmosAsyncDatabase database,
      CosmosAsyncContainer target) {
    check();
    if (share == null && sharedBudget == null) {
      if (requestUnitsPerSecond != null) {
        pipeline.rateLimiter(Resilience4jRateLimiter.requestUnitsPerSecond(requestUnitsPerSecond));
      }
      return;
    }
    CosmosRateLimiter.Builder limiter =
        share != null
            ? CosmosRateLimiter.shareOfProvisioned(target, share)
            : CosmosRateLimiter.requestUnitsPerSecond(budget().orElseThrow());
    if (sharedBudget != null) {
      String[] place = sharedBudget.split(",", 2);
      limiter.sharedThrough(
          database.getContainer(place[0]), place.length == 2 ? place[1] : target.getId());
    }
    pipeline.rateLimiter(parts.closing(limiter.build()));
  }

  private void check() {
    if (share != null && requestUnitsPerSecond != null) {
      throw new ParameterException(
          spec.commandLine(), "--ru-share and --ru-per-second: give one of them.");
    }
    if (sharedBudget != null && share == null && requestUnitsPerSecond == null) {
      throw new ParameterException(
          spec.commandLine(),
          "--shared-budget: say what is shared, with --ru-per-second or --ru-share.");
    }
  }
}
