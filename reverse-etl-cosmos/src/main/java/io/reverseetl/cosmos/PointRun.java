package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.models.CosmosItemRequestOptions;
import com.azure.cosmos.models.CosmosItemResponse;
import com.azure.cosmos.models.PartitionKey;
import io.reverseetl.document.DocumentOperation;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** Sends each operation in a request of its own, so that its answer is about nothing else. */
final class PointRun implements Run {
  private static final int CONCURRENCY = 16;

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
            .flatMap(this::write, CONCURRENCY)
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

  private Mono<Void> write(InFlight inFlight) {
    return request(inFlight.operation)
        .doOnNext(response -> listener.succeeded(this, inFlight, response.getRequestCharge()))
        .onErrorResume(
            error -> {
              listener.failed(this, inFlight, Answer.of(Answer.Scope.OPERATION, error));
              return Mono.empty();
            })
        .then();
  }

  private Mono<? extends CosmosItemResponse<?>> request(DocumentOperation operation) {
    PartitionKey partitionKey = PartitionKeys.of(operation.key());
    CosmosItemRequestOptions options = this.options.item();
    if (operation instanceof DocumentOperation.Upsert upsert) {
      return container.upsertItem(upsert.document().json(), partitionKey, options);
    }
    return container.deleteItem(operation.key().id(), partitionKey, options);
  }
}
