package io.reverseetl.springboot;

import io.reverseetl.springboot.PipelineActivity.View;
import java.time.Duration;
import java.time.InstantSource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * DOWN when the pipeline has stopped, when the target is too far behind, or when no poll succeeded
 * for too long. A load, and a replica that stands by, are well. Dead letters and throttling are
 * told and change nothing: the rest goes on.
 */
final class PipelineHealthIndicator implements HealthIndicator {
  private final PipelineActivity activity;
  private final Duration maxLag;
  private final InstantSource clock;

  PipelineHealthIndicator(PipelineActivity activity, Duration maxLag, InstantSource clock) {
    this.activity = activity;
    this.maxLag = maxLag;
    this.clock = clock;
  }

  @Override
  public Health health() {
    View view = activity.view();
    Health.Builder health = isWell(view) ? Health.up() : Health.down();
    health
        .withDetail("stage", view.stage())
        .withDetail("lastSuccess", view.since().toString())
        .withDetail("lagVersions", view.lagVersions())
        .withDetail("deadLetters", view.deadLetters())
        .withDetail("throttled", view.throttled());
    if (view.version() != null) {
      health.withDetail("version", view.version());
    }
    view.lag().ifPresent(lag -> health.withDetail("lagSeconds", lag.toSeconds()));
    if (view.problem() != null) {
      health.withDetail("problem", view.problem());
    }
    return health.build();
  }

  private boolean isWell(View view) {
    return switch (view.stage()) {
      case STOPPED -> false;
      case LOADING, STANDING_BY -> true;
      case STARTING, POLLING, RETRYING -> isFresh(view);
    };
  }

  private boolean isFresh(View view) {
    Duration age = Duration.between(view.since(), clock.instant());
    return age.compareTo(maxLag) <= 0
        && view.lag().map(lag -> lag.compareTo(maxLag) <= 0).orElse(true);
  }
}
