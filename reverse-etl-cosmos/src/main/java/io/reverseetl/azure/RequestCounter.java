package io.reverseetl.azure;

import com.azure.core.http.HttpPipelineCallContext;
import com.azure.core.http.HttpPipelineNextPolicy;
import com.azure.core.http.HttpPipelinePosition;
import com.azure.core.http.HttpResponse;
import com.azure.core.http.policy.HttpPipelinePolicy;
import java.util.concurrent.atomic.LongAdder;
import reactor.core.publisher.Mono;

/** Counts requests, before and after the policy that tries again. Thread-safe. */
final class RequestCounter {
  private final LongAdder calls = new LongAdder();
  private final LongAdder sent = new LongAdder();
  private final LongAdder refused = new LongAdder();

  HttpPipelinePolicy ofCalls() {
    return new HttpPipelinePolicy() {
      @Override
      public Mono<HttpResponse> process(
          HttpPipelineCallContext context, HttpPipelineNextPolicy next) {
        calls.increment();
        return next.process();
      }

      @Override
      public HttpPipelinePosition getPipelinePosition() {
        return HttpPipelinePosition.PER_CALL;
      }
    };
  }

  HttpPipelinePolicy ofTries() {
    return (context, next) -> {
      sent.increment();
      return next.process()
          .doOnNext(
              response -> {
                if (response.getStatusCode() >= 400) {
                  refused.increment();
                }
              });
    };
  }

  RequestStatistics statistics() {
    long tries = sent.sum();
    return new RequestStatistics(tries, Math.max(0, tries - calls.sum()), refused.sum());
  }
}
