package io.reverseetl.azure;

import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpPipelineCallContext;
import com.azure.core.http.HttpPipelineNextPolicy;
import com.azure.core.http.HttpResponse;
import com.azure.core.http.policy.HttpPipelinePolicy;
import java.time.Duration;
import reactor.core.publisher.Mono;

/**
 * Holds a refusal back for as long as the service asks to wait: the storage client's own policy
 * tries again without looking at that. No longer than {@link #LONGEST}, as a try has a time limit.
 */
final class RetryAfter implements HttpPipelinePolicy {
  static final Duration LONGEST = Duration.ofSeconds(30);

  @Override
  public Mono<HttpResponse> process(HttpPipelineCallContext context, HttpPipelineNextPolicy next) {
    return next.process()
        .flatMap(
            response -> {
              Duration wait = wait(response);
              return wait.isZero() ? Mono.just(response) : Mono.delay(wait).thenReturn(response);
            });
  }

  private static Duration wait(HttpResponse response) {
    if (response.getStatusCode() != 503 && response.getStatusCode() != 429) {
      return Duration.ZERO;
    }
    String seconds = response.getHeaders().getValue(HttpHeaderName.RETRY_AFTER);
    if (seconds == null || !seconds.matches("\\d{1,6}")) {
      return Duration.ZERO;
    }
    Duration wanted = Duration.ofSeconds(Long.parseLong(seconds));
    return wanted.compareTo(LONGEST) > 0 ? LONGEST : wanted;
  }
}
