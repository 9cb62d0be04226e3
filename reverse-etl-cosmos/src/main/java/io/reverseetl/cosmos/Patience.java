package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosException;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** Which answers are worth another attempt, and how long to wait before it. */
final class Patience {
  /** How often a single request is tried. */
  static final int ATTEMPTS = 4;

  private static final Duration PAUSE = Duration.ofMillis(200);

  private Patience() {}

  /** Whether the service may answer otherwise soon. */
  static boolean isTransient(CosmosException e) {
    int status = e.getStatusCode();
    return status == 0 // The connection broke.
        || status == 408
        || status == 410
        || status == 429
        || status == 449
        || status >= 500
        || (status == 404 && e.getSubStatusCode() == 1002);
  }

  /** Whether a write that was answered so may have taken effect, or may still do so. */
  static boolean mayHaveTakenEffect(CosmosException e) {
    int status = e.getStatusCode();
    return status == 0 || status == 408 || status == 410 || status >= 500;
  }

  /** What says that there is no such thing. */
  static boolean isMissing(CosmosException e) {
    return e.getStatusCode() == 404 && e.getSubStatusCode() != 1002;
  }

  /** Ends when it is time for another attempt. */
  static Mono<Long> pause(int attempt, CosmosException e) {
    Duration asked = e.getRetryAfterDuration();
    Duration pause = PAUSE.multipliedBy(attempt);
    return Mono.delay(asked != null && asked.compareTo(pause) > 0 ? asked : pause);
  }

  static String code(CosmosException e) {
    return e.getStatusCode() + "/" + e.getSubStatusCode();
  }
}
