package io.reverseetl.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.reverseetl.LoadReport;
import io.reverseetl.PollReport;
import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.WriteException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PipelineMetricsTest {
  private final MockClock time = new MockClock();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, time);
  private final PipelineMetrics metrics = PipelineMetrics.of(MeasuredPipeline.NAME, registry);
  private final MeasuredPipeline orders = new MeasuredPipeline(metrics);

  private double count(PipelineMeter meter, String... tags) {
    return registry.get(meter.id()).tag("pipeline", "orders").tags(tags).counter().count();
  }

  private double gauge(PipelineMeter meter) {
    return registry.get(meter.id()).tag("pipeline", "orders").gauge().value();
  }

  @Test
  void countsWhatALoadDoes() {
    orders.insert("1", "2", "3");

    LoadReport report = orders.loader().load();

    assertThat(count(PipelineMeter.DOCUMENTS, "result", "written")).isEqualTo(3);
    assertThat(count(PipelineMeter.BYTES)).isEqualTo(report.bytesWritten()).isPositive();
    assertThat(count(PipelineMeter.ROWS, "by", "load")).isEqualTo(3);
    assertThat(count(PipelineMeter.REQUEST_UNITS)).isEqualTo(15);
    assertThat(count(PipelineMeter.PARTS)).isEqualTo(report.partCount());
    assertThat(gauge(PipelineMeter.LOAD_PROGRESS)).isEqualTo(1);
    assertThat(gauge(PipelineMeter.CHECKPOINT_VERSION)).isEqualTo(report.version());
    assertThat(
            registry
                .get(PipelineMeter.LOAD_DURATION.id())
                .tag("outcome", "completed")
                .timer()
                .count())
        .isEqualTo(1);
  }

  @Test
  void countsWhatAPollDoes() {
    orders.insert("1", "2", "3");
    orders.loader().load();
    orders.update("1", "placed", "sent");
    orders.update("2", "placed", "placed");
    orders.delete("3", "placed");

    PollReport report = orders.poller().pollOnce();

    assertThat(count(PipelineMeter.DOCUMENTS, "result", "written")).isEqualTo(3 + 1);
    assertThat(count(PipelineMeter.DOCUMENTS, "result", "deleted")).isEqualTo(1);
    assertThat(count(PipelineMeter.DOCUMENTS, "result", "unchanged")).isEqualTo(1);
    assertThat(count(PipelineMeter.COMMITS)).isEqualTo(3);
    assertThat(count(PipelineMeter.ROWS, "by", "poll")).isEqualTo(report.changesRead());
    assertThat(count(PipelineMeter.REQUEST_UNITS_SAVED)).isPositive();
    assertThat(gauge(PipelineMeter.LAG_VERSIONS)).isZero();
    assertThat(gauge(PipelineMeter.LAG)).isZero();
    assertThat(registry.get(PipelineMeter.RANGE_DURATION.id()).timer().count()).isEqualTo(1);
  }

  @Test
  void tellsHowFarBehindTheTargetIs() {
    orders.insert("1");
    orders.loader().load();
    orders.insert("2");
    orders.insert("3");
    orders.clock.advance(Duration.ofSeconds(30));

    orders.poller().pollUntil(1);

    assertThat(gauge(PipelineMeter.LAG_VERSIONS)).isEqualTo(1);
    assertThat(gauge(PipelineMeter.LAG)).isEqualTo(30);
  }

  @Test
  void tellsForHowLongTheNextChangesAreKept() {
    assertThat(gauge(PipelineMeter.RETENTION_LEFT)).isNaN();

    metrics.onRetentionNear(Duration.ofHours(2));

    assertThat(gauge(PipelineMeter.RETENTION_LEFT)).isEqualTo(7_200);
    orders.insert("1");
    orders.loader().load();
    orders.poller().pollOnce();
    assertThat(gauge(PipelineMeter.RETENTION_LEFT)).as("there is nothing to read").isNaN();
  }

  @Test
  void countsWhatAFailedLoadHadWritten() {
    orders.insert("1", "2", "3");
    orders.sink.crashAfter(2);

    assertThatThrownBy(() -> orders.loader().load()).isInstanceOf(WriteException.class);

    assertThat(count(PipelineMeter.DOCUMENTS, "result", "written")).isEqualTo(2);
    assertThat(count(PipelineMeter.FAILURES, "exception", "WriteException")).isEqualTo(1);
  }

  @Test
  void countsAFailedPoll() {
    orders.insert("1");
    orders.loader().load();
    orders.table.forgetChangesBefore(3);
    orders.insert("2", "3");

    assertThatThrownBy(() -> orders.poller().pollOnce())
        .isInstanceOf(ChangesUnavailableException.class);

    assertThat(count(PipelineMeter.FAILURES, "exception", "ChangesUnavailableException"))
        .isEqualTo(1);
    assertThat(count(PipelineMeter.GAPS, "reason", "history_cleaned")).isEqualTo(1);
  }

  @Test
  void countsDeadLettersByReason() {
    orders.insert("1", "2");
    orders.rejectDocument("2");

    orders.loader().load();

    assertThat(count(PipelineMeter.DEAD_LETTERS, "reason", "too_large")).isEqualTo(1);
    assertThat(count(PipelineMeter.DOCUMENTS, "result", "written")).isEqualTo(1);
  }

  @Test
  void countsThrottling() {
    orders.insert("1", "2", "3");
    orders.sink.throttle(2);

    orders.loader().load();

    assertThat(count(PipelineMeter.THROTTLED)).isEqualTo(2);
  }

  @Test
  void freshnessGrowsUntilAPollFindsTheTargetUpToDate() {
    orders.insert("1");
    orders.loader().load();
    assertThat(gauge(PipelineMeter.FRESHNESS)).isNaN();
    orders.poller().pollOnce();

    time.add(90, TimeUnit.SECONDS);

    assertThat(gauge(PipelineMeter.FRESHNESS)).isEqualTo(90);
    assertThat(gauge(PipelineMeter.CHECKPOINT_AGE)).isEqualTo(90);
    orders.poller().pollOnce();
    assertThat(gauge(PipelineMeter.FRESHNESS)).isZero();
    assertThat(gauge(PipelineMeter.CHECKPOINT_AGE)).isEqualTo(90);
  }

  @Test
  void staysStaleWhileAPollDoesNotReachTheNewestVersion() {
    orders.insert("1");
    orders.loader().load();
    orders.poller().pollOnce();
    orders.insert("2");
    orders.insert("3");
    time.add(60, TimeUnit.SECONDS);

    orders.poller().pollUntil(1);

    assertThat(gauge(PipelineMeter.FRESHNESS)).isEqualTo(60);
  }

  @Test
  void gaugesTellNothingBeforeThereIsSomethingToTell() {
    assertThat(gauge(PipelineMeter.LAG)).isNaN();
    assertThat(gauge(PipelineMeter.LAG_VERSIONS)).isNaN();
    assertThat(gauge(PipelineMeter.CHECKPOINT_VERSION)).isNaN();
    assertThat(gauge(PipelineMeter.CHECKPOINT_AGE)).isNaN();
    assertThat(gauge(PipelineMeter.LOAD_PROGRESS)).isNaN();
  }

  @Test
  void closingRemovesTheMetersOfThatPipelineOnly() {
    PipelineMetrics other = PipelineMetrics.of("customers", registry);
    orders.insert("1");
    orders.rejectDocument("1");
    orders.loader().load();

    metrics.close();
    metrics.close();

    assertThat(registry.getMeters())
        .isNotEmpty()
        .allSatisfy(meter -> assertThat(meter.getId().getTag("pipeline")).isEqualTo("customers"));
    other.close();
    assertThat(registry.getMeters()).isEmpty();
  }
}
