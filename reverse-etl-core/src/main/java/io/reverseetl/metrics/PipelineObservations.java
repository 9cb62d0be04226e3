package io.reverseetl.metrics;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.reverseetl.LoadReport;
import io.reverseetl.LoadState;
import io.reverseetl.PipelineListener;
import io.reverseetl.PollRange;
import io.reverseetl.PollReport;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.table.TableVersion;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Observes each load and each range of commits through Micrometer Observation, from which a bridge
 * makes spans of OpenTelemetry. Give it to {@link io.reverseetl.Pipeline.Builder#listener}.
 *
 * <p>{@code reverseetl.load} lasts from the opened table to the end of a load; {@code
 * reverseetl.range} from the begin of reading a range of commits until its documents are durable.
 * Both are children of whatever is observed on the thread that loads or polls. Nothing is observed
 * for each row. An observation that does not come to its end well has the failure as its error.
 *
 * <p>Make one for each pipeline. Thread-safe.
 */
public final class PipelineObservations implements PipelineListener {
  private final ObservationRegistry registry;
  private final String pipeline;

  /** Guarded by this, as is the other. */
  private @Nullable Observation load;

  private @Nullable Observation range;

  private PipelineObservations(ObservationRegistry registry, String pipeline) {
    this.registry = Objects.requireNonNull(registry, "registry");
    this.pipeline = Objects.requireNonNull(pipeline, "pipeline");
  }

  /**
   * Observes a pipeline.
   *
   * @param pipeline the pipeline's name; the value of the key {@code pipeline}
   * @param registry whose handlers are told
   * @return a listener for that pipeline
   */
  public static PipelineObservations of(String pipeline, ObservationRegistry registry) {
    return new PipelineObservations(registry, pipeline);
  }

  private Observation start(String name, String what) {
    return Observation.createNotStarted(name, registry)
        .contextualName(what + " " + pipeline)
        .lowCardinalityKeyValue("pipeline", pipeline)
        .start();
  }

  private static void stop(@Nullable Observation observation, String outcome) {
    if (observation != null) {
      observation.lowCardinalityKeyValue("outcome", outcome).stop();
    }
  }

  private static void fail(@Nullable Observation observation, Throwable failure) {
    if (observation != null) {
      observation.error(failure);
      stop(observation, "failed");
    }
  }

  private static String word(Enum<?> outcome) {
    return outcome.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public synchronized void onLoadStarted(TableVersion version, LoadState progress) {
    stop(load, "superseded");
    load =
        start("reverseetl.load", "load")
            .highCardinalityKeyValue("version", Long.toString(version.version()))
            .highCardinalityKeyValue("parts", Integer.toString(progress.partCount()));
  }

  @Override
  public synchronized void onLoadFinished(LoadReport report) {
    if (load != null) {
      load.highCardinalityKeyValue("documents", Long.toString(report.documentsWritten()))
          .highCardinalityKeyValue(
              "request.units", Long.toString(Math.round(report.requestUnits())));
    }
    stop(load, word(report.outcome()));
    load = null;
  }

  @Override
  public synchronized void onRangeStarted(long fromVersion) {
    if (range == null) {
      range =
          start("reverseetl.range", "range of")
              .highCardinalityKeyValue("from.version", Long.toString(fromVersion));
    }
  }

  @Override
  public synchronized void onRangePlanned(PollRange planned) {
    if (range != null) {
      range
          .highCardinalityKeyValue("to.version", Long.toString(planned.toVersion()))
          .highCardinalityKeyValue("changes", Long.toString(planned.changes()))
          .event(Observation.Event.of("planned", "the range is read; now it is written"));
    }
  }

  @Override
  public synchronized void onRangeWritten(PollRange written) {
    if (range != null) {
      range
          .highCardinalityKeyValue("upserts", Long.toString(written.upserts()))
          .highCardinalityKeyValue("deletes", Long.toString(written.deletes()))
          .highCardinalityKeyValue("unchanged", Long.toString(written.unchanged()));
    }
    stop(range, "written");
    range = null;
  }

  @Override
  public synchronized void onGap(ChangesUnavailableException gap) {
    if (range != null) {
      range.event(Observation.Event.of("gap", "changes cannot be had: " + word(gap.reason())));
    }
  }

  /** A range that is open still was left in the middle, or was none. */
  @Override
  public synchronized void onPollFinished(PollReport report) {
    stop(range, word(report.outcome()));
    range = null;
  }

  @Override
  public synchronized void onFailed(Throwable failure) {
    fail(load, failure);
    load = null;
    fail(range, failure);
    range = null;
  }
}
