package io.reverseetl.springboot;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.reverseetl.LoadReport;
import io.reverseetl.PipelineListener;
import io.reverseetl.PollReport;
import io.reverseetl.document.DeadLetter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what a pipeline does. Tags are few and never hold a key. Thread-safe. */
final class PipelineMeters implements PipelineListener {
  private final Counter written;
  private final Counter deleted;
  private final Counter requestUnits;
  private final Counter deadLetters;
  private final Counter throttled;
  private final AtomicLong lagVersions = new AtomicLong();
  private final AtomicLong lagSeconds = new AtomicLong();

  PipelineMeters(String pipeline, MeterRegistry meters) {
    this.written = meters.counter("reverseetl.documents.written", "pipeline", pipeline);
    this.deleted = meters.counter("reverseetl.documents.deleted", "pipeline", pipeline);
    this.requestUnits = meters.counter("reverseetl.request.units", "pipeline", pipeline);
    this.deadLetters = meters.counter("reverseetl.dead.letters", "pipeline", pipeline);
    this.throttled = meters.counter("reverseetl.throttled", "pipeline", pipeline);
    meters.gauge("reverseetl.lag.versions", Tags.of("pipeline", pipeline), lagVersions);
    meters.gauge("reverseetl.lag.seconds", Tags.of("pipeline", pipeline), lagSeconds);
  }

  @Override
  public void onLoadFinished(LoadReport report) {
    written.increment(report.documentsWritten());
    requestUnits.increment(report.requestUnits());
  }

  @Override
  public void onPollFinished(PollReport report) {
    written.increment(report.documentsWritten());
    deleted.increment(report.documentsDeleted());
    requestUnits.increment(report.requestUnits());
    onLag(report.lagVersions(), report.lag());
  }

  @Override
  public void onLag(long versions, Optional<Duration> lag) {
    lagVersions.set(versions);
    lag.ifPresent(behind -> lagSeconds.set(behind.toSeconds()));
  }

  @Override
  public void onDeadLetter(DeadLetter letter) {
    deadLetters.increment();
  }

  @Override
  public void onThrottled(Duration pause) {
    throttled.increment();
  }
}
