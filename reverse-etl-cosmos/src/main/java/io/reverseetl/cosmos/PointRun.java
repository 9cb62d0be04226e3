package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.models.CosmosItemResponse;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** Sends each operation in a request of its own, so that its answer is about nothing else. */
final class PointRun implements Run {
  private static final int CONCURRENCY = 64;

  private final CosmosAsyncContainer container;
  private final SinkOptions options;
  private final RunListener listener;
  private final Disposable subscription;
  private volatile boolean ended;
  private final Sinks.Many<InFlight> operations =
      Sinks.unsafe().many().unicast().onBackpressureBuffer();

  PointRun(CosmosAsyncContainer container, SinkOptions options, RunListener listener) {
    this.container = container;
    this.options = options;
    this.listener = listener;
    this.subscription =
        operations
            .asFlux()
            // Emissions happen under a lock, where no request is to be made.
            .publishOn(Schedulers.boundedElastic())
            .flatMap(this::send, CONCURRENCY)
            .subscribe(ignored -> {}, this::ended, () -> ended(null));
  }

  @Override
  public boolean emit(InFlight inFlight) {
    return !ended && operations.tryEmitNext(inFlight).isSuccess();
  }

  @Override
  public void complete() {
    operations.tryEmitComplete();
  }

  @Override
  public void cancel() {
    ended = true;
    subscription.dispose();
  }

  private void ended(@Nullable Throwable error) {
    ended = true;
    listener.ended(this, error);
  }

  private Mono<Void> send(InFlight inFlight) {
    return RequestSender.alone(container, options, inFlight)
        .doOnNext(
            response ->
                listener.succeeded(
                    this, inFlight, response.getRequestCharge(), found(inFlight, response)))
        .onErrorResume(
            error -> {
              listener.failed(this, inFlight, Answer.of(Answer.Scope.OPERATION, error));
              return Mono.empty();
            })
        .then();
  }

  private static @Nullable Found found(InFlight inFlight, CosmosItemResponse<?> response) {
    return inFlight.request.kind() == Request.Kind.READ
            && response.getItem() instanceof ObjectNode item
        ? Found.of(item, response.getETag())
        : null;
  }
}
